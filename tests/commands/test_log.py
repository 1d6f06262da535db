"""The program's own log, as the settings have it."""

import logging
from pathlib import Path

from patrol_anpr.commands.log import set_up_log
from patrol_anpr.settings import LogSettings


def test_a_failure_is_logged_with_its_stack_trace_and_without_the_text_of_the_error(tmp_path: Path) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    set_up_log(LogSettings(folder=tmp_path))
    added = [one for one in root.handlers if one not in before]
    quoted = "INVENTED" + "1"  # as a key that a record holds
    try:
        {}[quoted]
    except KeyError as error:
        logging.getLogger("patrol_anpr").error("work behind the window failed", exc_info=error)
    finally:
        for handler in added:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)
    text = (tmp_path / "patrol-anpr.log").read_text()
    assert "work behind the window failed" in text
    assert "test_log.py" in text
    assert text.endswith("KeyError\n")
    assert quoted not in text
    assert str(Path(__file__).parent) not in text

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol_anpr.plumbing import log_file
from patrol_anpr.plumbing.log_file import LogFile, WithoutTexts


@pytest.fixture
def log(tmp_path: Path) -> Iterator[tuple[logging.Logger, LogFile, Path]]:
    path = tmp_path / "a.log"
    handler = LogFile(path, max_bytes=2000, files=2)
    handler.setFormatter(logging.Formatter("%(levelname)s %(threadName)s: %(message)s"))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    yield logger, handler, path
    handler.close()


def test_lines_are_whole_after_the_close_and_say_whose_they_are(log) -> None:
    logger, handler, path = log
    changing = ["before"]
    logger.warning("%s", changing)
    changing.append("after")
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        logger.exception("it failed")
    handler.close()
    text = path.read_text()
    assert text.startswith("WARNING MainThread: ['before']\nERROR MainThread: it failed\nTraceback")
    assert text.count("Traceback") == 1
    assert not handler._worker.running


def test_the_last_line_before_the_exit_is_written(tmp_path: Path) -> None:
    script = (
        "import logging, pathlib, sys\n"
        "from patrol_anpr.plumbing.log_file import LogFile\n"
        "logging.getLogger().addHandler(LogFile(pathlib.Path(sys.argv[1]), max_bytes=0, files=1))\n"
        "for number in range(2000): logging.warning('line %d', number)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "a.log"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (tmp_path / "a.log").read_text().splitlines() == [f"line {number}" for number in range(2000)]


def test_files_are_rotated(log) -> None:
    logger, handler, path = log
    for number in range(200):
        logger.info("line %d", number)
    handler.close()
    assert sorted(file.name for file in path.parent.iterdir()) == ["a.log", "a.log.1", "a.log.2"]
    assert path.read_text().splitlines()[-1].endswith("line 199")


def test_a_disk_that_hangs_holds_up_neither_who_logs_nor_the_close(log, monkeypatch) -> None:
    logger, handler, _ = log
    monkeypatch.setattr(log_file, "CLOSE_LIMIT", 0.1)
    there_again, stuck = threading.Event(), threading.Event()
    written: list[str] = []

    def hang(record: logging.LogRecord) -> None:
        stuck.set()
        assert there_again.wait(30)
        written.append(record.getMessage())

    monkeypatch.setattr(handler._file, "emit", hang)
    logger.warning("first")
    assert stuck.wait(10)
    began = time.monotonic()
    for _ in range(log_file.CAPACITY + 5):
        logger.warning("more")
    handler.close()
    assert time.monotonic() - began < 5
    there_again.set()
    assert handler._worker.stop(30)
    assert written[1] == "5 lines before this one could not be written"
    assert len(written) == 1 + 1 + log_file.CAPACITY


def test_a_full_disk_prints_nothing_and_is_told_afterwards(log, monkeypatch, capfd) -> None:
    logger, handler, path = log
    real, wanted = handler._file.stream, Path("/dev/full")
    if not wanted.exists():
        pytest.skip("needs /dev/full")
    full = wanted.open("w")
    monkeypatch.setattr(handler._file, "shouldRollover", lambda record: False)
    handler._file.stream = full
    for _ in range(3):
        logger.warning("lost")
    while not handler._waiting.empty() or handler._given_up < 3:
        threading.Event().wait(0.005)
    handler._file.stream = real
    logger.warning("kept")
    handler.close()
    with pytest.raises(OSError, match="28"):
        full.close()
    kept, note = path.read_text().splitlines()
    assert kept.endswith("kept")
    assert note.endswith("3 lines before this one could not be written")
    assert capfd.readouterr() == ("", "")


def test_a_line_that_cannot_be_put_in_words_harms_nobody_and_is_counted(log, capfd) -> None:
    logger, handler, path = log
    logger.warning("%d plates", "two")
    logger.warning("kept")
    handler.close()
    kept, note = path.read_text().splitlines()
    assert kept.endswith("kept")
    assert note.endswith("1 lines before this one could not be written")
    assert capfd.readouterr() == ("", "")


def test_a_stack_trace_has_places_and_types_and_no_text_of_an_error(log) -> None:
    logger, handler, path = log
    handler.setFormatter(WithoutTexts("%(message)s"))
    try:
        try:
            raise KeyError("INVENTED1")
        except KeyError as first:
            raise ValueError("INVENTED2") from first
    except ValueError:
        logger.exception("it failed")
    handler.close()
    lines = path.read_text().splitlines()
    assert lines[0] == "it failed"
    assert [line for line in lines if line in ("KeyError", "ValueError")] == ["KeyError", "ValueError"]
    assert sum("test_log_file.py" in line for line in lines) == 2
    # The lines of our own source stand in it, values do not: this test has its words in its source.
    assert not [line for line in lines if "INVENTED" in line and "raise" not in line]

"""The program's own log, as the settings have it."""

import logging

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.log_file import LogFile, WithoutTexts
from patrol_anpr.settings import LogSettings


def set_up_log(settings: LogSettings) -> None:
    """Write the program's own log to rotating files. What is logged never holds a VRM, an officer or a place.

    Raises:
        BadInput: the folder cannot be written.
    """
    try:
        settings.folder.mkdir(parents=True, exist_ok=True)
        size = int(settings.size_megabytes * 2**20)
        to_file = LogFile(settings.folder / "patrol-anpr.log", max_bytes=size, files=settings.files)
    except OSError as error:
        raise BadInput(f"The log cannot be written to {settings.folder} ({error.strerror}). Set log.folder.") from None
    to_file.setFormatter(WithoutTexts("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))
    root = logging.getLogger()
    for before in [one for one in root.handlers if isinstance(one, LogFile)]:
        root.removeHandler(before)
        before.close()
    root.addHandler(to_file)
    root.setLevel(settings.level)

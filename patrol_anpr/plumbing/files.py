"""Files that are there whole or not at all, also after a power cut."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

PART = ".part"


def write_whole(file: Path, content: bytes, *, replace: bool = True, sync_name: bool = True) -> None:
    """Write a file of mode 0600 that is there whole or not at all, even after a power cut.

    With `replace` False a file that is there already stays as it is. With `sync_name` False its name lasts only after
    `sync_folder`, which serves many files at once.
    """
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}{PART}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if replace:
            part.replace(file)
        else:
            with suppress(FileExistsError):
                os.link(part, file)
    finally:
        part.unlink(missing_ok=True)
    if sync_name:
        sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` last. Windows has no such call and does not need it."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

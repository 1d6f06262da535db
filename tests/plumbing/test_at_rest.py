"""What protects a disk and a memory: told from what the system says, and set where that can be done."""

import subprocess
import sys
from pathlib import Path

import pytest

from patrol_anpr.plumbing.at_rest import Encryption, _of_block_device, disk_encryption


def device(folder: Path, uuid: str = "", below: Path | None = None) -> Path:
    (folder / "slaves").mkdir(parents=True)
    if uuid:
        (folder / "dm").mkdir()
        (folder / "dm" / "uuid").write_text(uuid)
    if below is not None:
        (folder / "slaves" / below.name).symlink_to(below)
    return folder


def test_a_volume_on_an_encrypted_disk_is_encrypted(tmp_path: Path) -> None:
    plain = device(tmp_path / "sda2")
    luks = device(tmp_path / "dm-0", "CRYPT-LUKS2-0011-data", plain)
    assert _of_block_device(device(tmp_path / "dm-1", "LVM-abc", luks)) is Encryption.YES
    assert _of_block_device(device(tmp_path / "dm-2", "LVM-abc", plain)) is Encryption.NO
    assert _of_block_device(plain) is Encryption.NO
    assert _of_block_device(tmp_path / "none") is Encryption.UNKNOWN


def test_a_folder_that_is_not_there_is_not_known(tmp_path: Path) -> None:
    assert disk_encryption(tmp_path / "none") is Encryption.UNKNOWN
    assert disk_encryption(tmp_path) in Encryption


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_crash_leaves_no_dump_of_the_memory() -> None:
    program = (
        "from patrol_anpr.plumbing.at_rest import no_core_dumps; import resource, ctypes; no_core_dumps();"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["(0,", "0)", "0" if sys.platform == "linux" else said.stdout.split()[-1]]

"""The cameras that are plugged in."""

import platform
from dataclasses import dataclass
from pathlib import Path

from patrol_anpr.cameras.capture import LiveCapture
from patrol_anpr.cameras.source import CaptureWish, Granted, SourceKind, SourceSpec
from patrol_anpr.domain.errors import DeviceLost

_PROBED = 8


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """A camera. `path` is what to write into the settings: it names the same camera after a reboot, where it can.

    `granted` is what the camera gave when asked for `wish`; None when it could not be opened (another program has it).
    """

    index: int
    path: str
    name: str
    granted: Granted | None


def list_cameras(
    wish: CaptureWish | None = None,
    *,
    sysfs: Path = Path("/sys/class/video4linux"),
    devices: Path = Path("/dev"),
) -> list[FoundCamera]:
    """Find the cameras, the lowest index first; each is opened for a moment. Empty when there is none."""
    wish = wish or CaptureWish()
    if platform.system() == "Linux":
        return [
            FoundCamera(index, path, name, _ask(path, wish)) for index, path, name in _linux_devices(sysfs, devices)
        ]
    found: list[FoundCamera] = []
    missed = 0
    for index in range(_PROBED):
        granted = _ask(str(index), wish)
        missed = 0 if granted else missed + 1
        if granted:
            found.append(FoundCamera(index, f"usb:{index}", f"Camera {index}", granted))
        elif missed == 2:  # probing a number without a camera takes seconds
            break
    return found


def _ask(where: str, wish: CaptureWish) -> Granted | None:
    try:
        capture = LiveCapture(SourceSpec(SourceKind.USB, where, where), wish)
    except DeviceLost:
        return None
    try:
        return capture.granted
    finally:
        capture.close()


def _linux_devices(sysfs: Path, devices: Path) -> list[tuple[int, str, str]]:
    """(index, path, name) of the nodes that give pictures: a camera's further nodes carry only its metadata."""
    links = _stable_links(devices)
    found = []
    for node in sysfs.glob("video[0-9]*"):
        device = devices / node.name
        if not device.exists() or _text(node / "index") not in ("", "0"):
            continue
        found.append((int(node.name[5:]), links.get(device.resolve(), str(device)), _text(node / "name") or node.name))
    return sorted(found)


def _stable_links(devices: Path) -> dict[Path, str]:
    """Device to its stable path: by serial number where there is one, else by the socket it is plugged into.

    Two cameras of one make without serial numbers claim one name in by-id; the one that did not get it is told by its
    socket, so the two are never mixed up.
    """
    links: dict[Path, str] = {}
    for folder in ("by-path", "by-id"):
        for link in sorted((devices / "v4l" / folder).glob("*")):
            links[link.resolve()] = str(link)
    return links


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""

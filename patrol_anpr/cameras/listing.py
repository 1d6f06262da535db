"""The cameras that are plugged in."""

import platform
from dataclasses import dataclass
from pathlib import Path

from patrol_anpr.cameras.capture import LiveCapture
from patrol_anpr.cameras.source import CaptureWish, Granted, SourceKind, SourceSpec
from patrol_anpr.domain.errors import DeviceLost

_PROBED = 8
"""Numbers that are tried where the system has no list of its cameras: more than a car has (judged)."""
_GAP = 2
"""Numbers in a row without a camera, after which no more are tried: each takes seconds."""
_BY_SOCKET = "Two cameras of this make share one name: this path is that of its socket. Leave it plugged in there."
_BY_NUMBER = "It has no stable name: the number may change when the computer starts again."


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """A camera. `path` is what to write into the settings: it names the same camera after a reboot, where it can.

    `granted` is what the camera gave when asked for `wish`; None when it could not be opened (another program has it).
    `note` is a sentence about what `path` holds on to where that is not the camera itself, or "".
    """

    index: int
    path: str
    name: str
    granted: Granted | None
    note: str = ""


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
            FoundCamera(index, path, name, _ask(path, wish), note)
            for index, path, name, note in _linux_devices(sysfs, devices)
        ]
    found: list[FoundCamera] = []
    missed = 0
    for index in range(_PROBED):
        granted = _ask(str(index), wish)
        missed = 0 if granted else missed + 1
        if granted:
            found.append(FoundCamera(index, f"usb:{index}", f"Camera {index}", granted))
        elif missed == _GAP:
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


def _linux_devices(sysfs: Path, devices: Path) -> list[tuple[int, str, str, str]]:
    """(index, path, name, note) of the nodes that give pictures: a camera's further nodes carry only its metadata."""
    by_id, by_path = _links(devices, "by-id"), _links(devices, "by-path")
    nodes = []
    for node in sysfs.glob("video[0-9]*"):
        device = devices / node.name
        if device.exists() and _text(node / "index") in ("", "0"):
            nodes.append((int(node.name[5:]), device, _text(node / "name") or node.name))
    # Cameras with one serial number claim one name in by-id: it leads to the one that was found last, at each start
    # perhaps to another. One that has no such name while another of its make has one gives it away.
    nameless = {name for _, device, name in nodes if device.resolve() not in by_id}
    found = []
    for index, device, name in sorted(nodes):
        place = device.resolve()
        of_make = sum(other == name for _, _, other in nodes)
        if place in by_id and name not in nameless:
            found.append((index, by_id[place], name, ""))
        elif place in by_path:
            found.append((index, by_path[place], name, _BY_SOCKET if of_make > 1 else ""))
        else:
            found.append((index, str(device), name, _BY_NUMBER))
    return found


def _links(devices: Path, folder: str) -> dict[Path, str]:
    """Device to its link: in by-id by make and serial number, in by-path by the socket it is plugged into."""
    return {link.resolve(): str(link) for link in sorted((devices / "v4l" / folder).glob("*"))}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""

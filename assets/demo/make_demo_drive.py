"""Make the demo drive: two short videos, the truth about them and the lists that go with them.

    python assets/demo/make_demo_drive.py [--only day|night] [--seconds N]

Needs ffmpeg with libx264 (Debian: `apt install ffmpeg`) to make the videos; to play them OpenCV is enough. The same
seed gives the same pictures. Every mark is invented: first letters J, T, U and X are no region of the DVLA's scheme, so
that marks like these are hardly ever issued; if one of them exists after all, that is chance.
"""

import argparse
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from rich.progress import track

from patrol_anpr.domain.vrm import normalise
from patrol_anpr.lab.road import Motorcycle, Placed, RoadCamera, plated
from patrol_anpr.lab.street import DAY, NIGHT, Light, View
from patrol_anpr.lab.vehicles import ESTATE, HATCHBACK, SALOON, VAN, Body, Pose, Vehicle
from patrol_anpr.lettering.plate import PLAIN, Band, PlateLook

FOLDER = Path(__file__).parent
FPS = 15
SPEED = 3.4  # metres a second: a street of parked cars and a queue
READABLE_WIDTH = 64.0  # pixels; below it a plate is not expected to be read
SEED = 20261121

Keyframes = tuple[tuple[float, float, float], ...]  # (second, x, z); positions in metres from the camera

SILVER, WHITE, BLACK, GREY = (150, 148, 144), (222, 224, 224), (30, 28, 28), (92, 90, 88)
BLUE, RED, GREEN, ORANGE = (132, 62, 30), (34, 30, 158), (58, 78, 34), (30, 96, 214)


@dataclass(frozen=True)
class Actor:
    """One vehicle of the drive. `body` is None for a motorcycle; `away` when we see its rear."""

    mark: str
    body: Body | None
    paint: tuple[int, int, int]
    make: str
    keyframes: Keyframes
    away: bool = True
    look: PlateLook = PLAIN

    def drawn(self) -> Vehicle | Motorcycle:
        """The vehicle with its plates."""
        return plated(normalise(self.mark), self.body, self.paint, self.look)

    def pose(self, second: float) -> Pose | None:
        """Where it is, None while it has not come or is gone."""
        times, xs, zs = np.array(self.keyframes).T
        if not times[0] <= second <= times[-1]:
            return None
        return Pose(float(np.interp(second, times, xs)), float(np.interp(second, times, zs)), self.away)


def parked(at: float, x: float = -2.72) -> Keyframes:
    """Standing on the left, `at` metres from where we start."""
    return (0.0, x, at), ((at + 8) / SPEED, x, -8.0)


def oncoming(at: float, speed: float = 0.8, x: float = 3.0) -> Keyframes:
    """Coming towards us at `speed` metres a second, `at` metres away when we start."""
    return (0.0, x, at), ((at + 8) / (SPEED + speed), x, -8.0)


UK, GB, EURO, FLASH = (PlateLook(band=band) for band in (Band.UK, Band.GB, Band.GB_EURO, Band.GREEN))
BORDERED = PlateLook(border=True, supplier="Demo Motors Northtown")
SUPPLIED = PlateLook(supplier="Invented Cars 01632 960123")

DAY_CAST = (
    Actor(
        "XU18 DFZ", SALOON, SILVER, "SKODA OCTAVIA",
        ((0, 0.1, 6.0), (6, 0.1, 6.9), (9, 0.15, 13), (15, 0.1, 70)), look=UK,
    ),
    Actor("JT17 ZCE", HATCHBACK, BLUE, "FORD FIESTA", parked(17), look=SUPPLIED),
    Actor("TX64 KZW", ESTATE, BLACK, "VOLVO V60", parked(28), look=EURO),
    Actor("X417 TUZ", HATCHBACK, GREEN, "ROVER 200", parked(40), look=BORDERED),
    Actor("UJ21 ZHA", VAN, WHITE, "FORD TRANSIT", parked(57, -2.85), look=SUPPLIED),
    Actor("JU73 XZL", HATCHBACK, ORANGE, "MG MG4", parked(75), look=FLASH),
    Actor("XJ59 ZRN", SALOON, GREY, "VAUXHALL INSIGNIA", parked(92), look=GB),
    Actor("TU66 ZYP", HATCHBACK, RED, "SEAT IBIZA", oncoming(44), away=False, look=UK),
    Actor("UX15 ZDM", ESTATE, WHITE, "VOLKSWAGEN PASSAT", oncoming(54), away=False),
    Actor("XIZ 4827", SALOON, BLUE, "BMW 320", oncoming(64), away=False, look=BORDERED),
    Actor("JX26 ZBO", VAN, GREY, "RENAULT TRAFIC", oncoming(131, x=3.05), away=False, look=UK),
    Actor(
        "TJ70 ZVS", ESTATE, RED, "FORD KUGA",
        ((15.6, 2.9, -6), (19, 2.9, 4.4), (21.6, 2.6, 9.6), (24, 0.3, 20), (30, 0.1, 80)), look=SUPPLIED,
    ),
    Actor(
        "UT20 ZKG", None, ORANGE, "HONDA CB500",
        ((23, 1.3, -3), (25, 1.25, 2.3), (28, 1.2, 3.9), (29.5, 0.9, 9), (32, 0.4, 40)),
    ),
)  # fmt: skip
NIGHT_CAST = (
    Actor(
        "TX13 ZLU", VAN, WHITE, "CITROEN RELAY",
        ((0, 0.1, 6.4), (5, 0.1, 6.9), (9, 0.15, 16), (14, 0.1, 70)), look=UK,
    ),
    Actor("JU68 ZFT", HATCHBACK, SILVER, "TOYOTA YARIS", parked(18), look=SUPPLIED),
    Actor("XT24 ZPA", ESTATE, BLUE, "KIA CEED", parked(31), look=FLASH),
    Actor("UX09 ZNJ", SALOON, BLACK, "AUDI A4", parked(49), look=EURO),
    Actor("TJ75 ZGR", HATCHBACK, WHITE, "HYUNDAI I20", oncoming(44), away=False, look=UK),
    Actor("XU62 ZEK", ESTATE, GREY, "NISSAN QASHQAI", oncoming(54), away=False),
    Actor(
        "JX19 ZAW", SALOON, RED, "MERCEDES C220",
        ((12.6, 2.9, -6), (15.8, 2.9, 4.4), (18.4, 2.6, 9.6), (20, 1.3, 15)), look=GB,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Drive:
    """One video."""

    name: str
    light: Light
    seconds: float
    cast: tuple[Actor, ...]
    quality: int  # x264's constant rate factor


DRIVES = (Drive("drive_day.mp4", DAY, 32, DAY_CAST, 26), Drive("drive_night.mp4", NIGHT, 20, NIGHT_CAST, 28))


class Film:
    """Writes frames to an H.264 file through ffmpeg, with one thread so that the result does not vary."""

    def __init__(self, path: Path, view: View, quality: int) -> None:
        size = f"{view.width}x{view.height}"
        source = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", size, "-r", str(FPS), "-i", "-"]
        coding = ["-c:v", "libx264", "-preset", "slow", "-crf", str(quality), "-pix_fmt", "yuv420p", "-threads", "1"]
        plain = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1", "-movflags", "+faststart"]
        command = ["ffmpeg", "-y", "-loglevel", "error", *source, *coding, *plain, str(path)]
        self._ffmpeg = subprocess.Popen(command, stdin=subprocess.PIPE)

    def add(self, frame: np.ndarray) -> None:
        """Append one frame."""
        assert self._ffmpeg.stdin is not None
        self._ffmpeg.stdin.write(frame.tobytes())

    def close(self) -> None:
        """Finish the file."""
        assert self._ffmpeg.stdin is not None
        self._ffmpeg.stdin.close()
        if self._ffmpeg.wait() != 0:
            raise SystemExit("ffmpeg could not write the video.")


def make(drive: Drive, folder: Path, seconds: float) -> list[dict[str, object]]:
    """Render one video into `folder`; return what drive.json says of each of its vehicles."""
    view = View()
    camera = RoadCamera(view, drive.light, SEED)
    vehicles = [actor.drawn() for actor in drive.cast]
    seen: list[dict[int, float]] = [{} for _ in drive.cast]  # frame -> plate width, where it is readable
    film = Film(folder / drive.name, view, drive.quality)
    for number in track(range(round(seconds * FPS)), description=drive.name):
        second = number / FPS
        poses = [(index, pose) for index, actor in enumerate(drive.cast) if (pose := actor.pose(second)) is not None]
        frame, truths = camera.picture([Placed(vehicles[index], pose) for index, pose in poses], second * SPEED)
        film.add(frame)
        for truth in truths:
            if truth.in_sight and truth.width >= readable_width(drive.cast[poses[truth.index][0]]):
                seen[poses[truth.index][0]][number] = truth.width
    film.close()
    return [told(drive, actor, widths) for actor, widths in zip(drive.cast, seen, strict=True)]


def readable_width(actor: Actor) -> float:
    """A two-line plate is half as wide for letters four fifths as large."""
    return READABLE_WIDTH if actor.body is not None else 58.0


def told(drive: Drive, actor: Actor, widths: dict[int, float]) -> dict[str, object]:
    """The truth about one vehicle."""
    return {
        "vrm": normalise(actor.mark),
        "file": drive.name,
        "make": actor.make,
        "plate": "yellow" if actor.away else "white",
        "two_line": actor.body is None,
        "first_frame": min(widths, default=None),
        "last_frame": max(widths, default=None),
        "readable_frames": len(widths),
        "widest_frame": max(widths, key=lambda number: widths[number], default=None),
        "max_plate_width": round(max(widths.values(), default=0.0), 1),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Make what was asked for."""
    parser = argparse.ArgumentParser(description="Make the demo drive.")
    parser.add_argument("--only", choices=["day", "night"], help="make only this video")
    parser.add_argument("--seconds", type=float, help="make only the first seconds (drive.json is left alone)")
    parser.add_argument("--into", type=Path, default=FOLDER, help="the folder to write to")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    for drive in DRIVES:
        if options.only is None or options.only in drive.name:
            vehicles = make(drive, options.into, options.seconds or drive.seconds)
            if options.seconds is None:
                keep_truth(options.into / "drive.json", drive, vehicles)


def keep_truth(path: Path, drive: Drive, vehicles: list[dict[str, object]]) -> None:
    """Put what is known of one video into drive.json, beside what it says of the others."""
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"frames": {}, "vehicles": []}
    others = [vehicle for vehicle in old["vehicles"] if vehicle["file"] != drive.name]
    truth = {
        "fps": FPS,
        "width": View().width,
        "height": View().height,
        "frames": {**old["frames"], drive.name: round(drive.seconds * FPS)},
        "vehicles": sorted([*others, *vehicles], key=lambda vehicle: (vehicle["file"], vehicle["first_frame"] or 0)),
    }
    path.write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Every setting: type, unit, range, default, help. commands/loading.py says where a value comes from."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from patrol_anpr.domain.choices import FASTEST, SLOWEST, Choices, Language, PaletteChoice, SettingShown

_LOGIN = re.compile(r"(?<=://)[^/\s]*@")
_DIRS = platformdirs.PlatformDirs("patrol-anpr", appauthor=False)


def setting(default: Any, explanation: str, *, unit: str = "", form: str = "", **limits: Any) -> Any:
    """Declare a setting with its default, its help, its unit and pydantic's range limits.

    `form` says in words what a `pattern` wants, for whoever wrote something else.
    """
    return Field(default=default, description=explanation, json_schema_extra={"unit": unit, "form": form}, **limits)


def _expanded(value: str) -> str:
    """Put the user's home in the place of a `~`."""
    try:
        return str(Path(value).expanduser()) if value.startswith("~") else value
    except RuntimeError:
        raise ValueError("there is no such user as the ~ names") from None


def _folder(value: object) -> object:
    """Refuse a text that names no folder: the empty one would be wherever the program was started."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        raise ValueError("it is empty; name a folder")
    if not value.isprintable():
        raise ValueError("it holds a character that cannot be in the name of a folder")
    return _expanded(value)


Folder = Annotated[Path, BeforeValidator(_folder)]
File = Annotated[str, AfterValidator(_expanded)]
"""The path of a file, or "" for none."""


class Section(BaseModel):
    """Base of the sections: frozen, and a name it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class CameraSettings(Section):
    """One camera. The table is `[[cameras]]`, once a camera."""

    name: str = setting(
        "front",
        "Name on the screen and in records.",
        form="1 to 20 letters, digits, blanks, - and _",
        pattern=r"^[A-Za-z0-9 _-]{1,20}$",
    )
    source: str = setting(
        "usb:0", "usb:N, a stable device path, an rtsp:// or http:// address, a video file, a folder."
    )
    width: int = setting(1280, "Width asked for.", unit="pixels", ge=320, le=7680)
    height: int = setting(720, "Height asked for.", unit="pixels", ge=240, le=4320)
    fps: float = setting(30.0, "Frame rate asked for.", unit="frames a second", gt=0, le=240)
    fourcc: str = setting(
        "MJPG",
        "Pixel format asked for.",
        form="four capital letters or digits, such as MJPG or YUYV",
        pattern=r"^[A-Z0-9]{4}$",
    )
    mirror: bool = setting(False, "The camera gives its picture as a mirror does; turn it back.")
    rotate: Literal[0, 90, 180, 270] = setting(
        0, "Turn the picture clockwise by this, after `mirror`, to make it upright.", unit="degrees"
    )
    field_of_view: float = setting(
        0.0,
        "What the lens sees across, as its maker says; tells how far away plates can be read. 0: not known.",
        unit="degrees",
        ge=0,
        lt=180,
    )


class ReadingSettings(Section):
    """How plates are found and read."""

    detector: File = setting("", "Another detector (.onnx, or .pt with the train extra). Empty: the shipped one.")
    detector_form: Literal["auto", "fp32", "int8"] = setting(
        "auto", "Which form of the shipped detector runs; auto tries both at each start and takes the faster."
    )
    ocr: File = setting("", "Another OCR: an .onnx file or a fast-plate-ocr hub model. Empty: the shipped one.")
    ocr_config: File = setting("", "The plate configuration (.yaml) of another OCR .onnx file.")
    ocr_near: File = setting("", "Beside another OCR: a second .onnx file for near plates. Empty: the other one alone.")
    depot_models: bool = setting(
        True, "Models that the depot signed read in place of the shipped ones, once they passed the test card."
    )
    provider: Literal["cpu", "openvino", "directml", "cuda"] = setting("cpu", "What onnxruntime computes on.")
    threads: int = setting(1, "Threads of the detector.", ge=1, le=16)
    input_size: int = setting(640, "Long side the detector sees.", unit="pixels", ge=256, le=1920, multiple_of=32)
    detector_threshold: float = setting(0.35, "A plate below this confidence is not looked at.", gt=0, lt=1)


class AlertingSettings(Section):
    """What is heard."""

    sound: bool = setting(True, "Any sound at all. Off is for machines without people.")
    words_per_minute: int = setting(
        170, "Speed of the voice until an officer chooses another.", unit="words a minute", ge=SLOWEST, le=FASTEST
    )
    again_after_minutes: float = setting(
        5.0, "The same vehicle sounds again only after this.", unit="minutes", ge=0, le=120
    )
    routine_alarms_in_ten_minutes: int = setting(
        6,
        "Routine hits spoken in any ten minutes; of the others their number is told now and then. 0: neither.",
        unit="hits",
        ge=0,
        le=60,
    )


class RecordsSettings(Section):
    """What is kept on the car."""

    folder: Folder = setting(Path(_DIRS.user_data_dir) / "records", "Folder of the database and the pictures.")
    export_folder: File = setting("", "Folder of exported evidence. Empty: `exports` beside the folder of the records.")
    keep_days: int = setting(7, "A record is deleted this long after the depot's receipt.", unit="days", ge=0, le=90)
    reserve_megabytes: int = setting(
        32,
        "Disk space set by for what makes room on a full disk, and for the last records at the end of the program. At "
        "most a sixteenth of the disk is taken.",
        unit="MB",
        ge=0,
        le=1024,
    )


class HotlistSettings(Section):
    """The lists."""

    folder: Folder = setting(Path(_DIRS.user_data_dir) / "hotlists", "Folder of the lists.")
    amber_after_hours: float = setting(12.0, "The list lamp turns amber at this age.", unit="hours", gt=0, le=168)
    hide_after_hours: float = setting(
        72.0,
        "A list that ended this long ago is told as a possible hit only, without what it says.",
        unit="hours",
        ge=0,
        le=720,
    )


class DepotSettings(Section):
    """The home station."""

    url: str = setting(
        "",
        "Address of the depot. Empty: where this car enrolled.",
        form="an address such as https://depot.example:8443",
        pattern=r"^(https?://.*)?$",
    )
    car: str = setting(
        "CAR1",
        "Id of this car (the source id of its reads) until it enrols; then it is that of its certificate.",
        form="1 to 16 letters, digits and -",
        pattern=r"^[A-Za-z0-9-]{1,16}$",
    )
    feed: str = setting(
        "",
        "Id of the force (the feed id of its reads).",
        form="up to 16 letters, digits and -",
        pattern=r"^[A-Za-z0-9-]{0,16}$",
    )
    look_every_seconds: int = setting(
        25,
        "On patrol the depot is asked this often for entries it added or cancelled. 0: never, they come with a sync.",
        unit="seconds",
        ge=0,
        le=300,
    )
    ca_file: File = setting(
        "", "Certificate authority (PEM file) of a proxy before the depot. Empty: the depot's own, as the car enrolled."
    )


class VehicleSettings(Section):
    """GPS, disk."""

    gps: str = setting(
        "",
        "serial:DEVICE, gpsd or gpsd:HOST:PORT. Empty: none.",
        form="serial:DEVICE such as serial:/dev/ttyACM0 or serial:COM3, gpsd, or gpsd:HOST:PORT",
        pattern=r"^(serial:.+|gpsd(:[^:]+(:\d+)?)?|)$",
    )
    gps_baud: int = setting(9600, "Speed of a serial GPS receiver.", unit="baud", ge=1200, le=921600)
    gps_lost_seconds: float = setting(
        5.0, "Without a fix for this long GPS counts as lost.", unit="seconds", ge=1, le=120
    )
    disk_amber_percent: int = setting(90, "The disk lamp turns amber when fuller.", unit="percent", ge=50, le=99)
    disk_red_percent: int = setting(
        97,
        "The disk lamp turns red when fuller, and overviews of reads without a hit are not kept any more; half way "
        "from here to full, their patches neither.",
        unit="percent",
        ge=51,
        le=100,
    )


class LogSettings(Section):
    """The program's own log. It never holds a VRM, an officer or a place."""

    folder: Folder = setting(Path(_DIRS.user_log_dir), "Folder of the log files.")
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = setting("INFO", "Least urgent line kept.")
    size_megabytes: float = setting(2.0, "A log file is rotated at this size.", unit="megabytes", gt=0, le=100)
    files: int = setting(5, "Rotated files kept.", ge=1, le=50)


class ScreenSettings(Section):
    """The window."""

    palette: Literal["automatic", "day", "night", "high_contrast"] = setting(
        "automatic", "Colours until an officer chooses others. automatic: night and day by the sun."
    )
    latitude: float = setting(
        52.5, "Where the sun is looked for until there is a GPS fix.", unit="degrees north", ge=-90, le=90
    )
    longitude: float = setting(
        -1.5, "Where the sun is looked for until there is a GPS fix.", unit="degrees east", ge=-180, le=180
    )
    lock_after_minutes: int = setting(
        0, "Lock the screen after so long without a touch while the car stands. 0: never.", unit="minutes", ge=0, le=240
    )
    full_screen: bool = setting(True, "Fill the screen; otherwise a window of 1280 x 800.")
    language: Literal["en", "cy"] = setting(
        "en",
        "Language of the screen until an officer chooses another: en English, cy Welsh. The voice and the "
        "command line speak English.",
    )
    look_before_list: Literal["off", "check", "check_and_immediate"] = setting(
        "check",
        "The picture is shown and a character asked for before the entry: of CHECK hits; of immediate ones too, when "
        "the car stands; or never.",
    )
    copy_vrm: bool = setting(False, "CONFIRM copies the VRM to the clipboard, for another program on the laptop.")


class Settings(Section):
    """All of it."""

    cameras: tuple[CameraSettings, ...] = setting((), "The cameras of this car.")
    reading: ReadingSettings = ReadingSettings()
    alerting: AlertingSettings = AlertingSettings()
    records: RecordsSettings = RecordsSettings()
    hotlists: HotlistSettings = HotlistSettings()
    depot: DepotSettings = DepotSettings()
    vehicle: VehicleSettings = VehicleSettings()
    log: LogSettings = LogSettings()
    screen: ScreenSettings = ScreenSettings()

    def usual_choices(self) -> Choices:
        """What holds until an officer chooses otherwise."""
        screen = self.screen
        return Choices(
            words_per_minute=self.alerting.words_per_minute,
            palette=PaletteChoice(screen.palette),
            language=Language(screen.language),
        )

    def safest(self) -> "Settings":
        """What runs a program that crashed again and again with these: all defaults, but for what makes it this car.

        It keeps its cameras (how each is reached and turned), its folders, its depot, and the language of its crew. The
        shipped models read on the processor, in the form that needs least of it; no receiver is opened.
        """
        kept = {"name", "source", "mirror", "rotate", "field_of_view"}
        return Settings(
            cameras=tuple(CameraSettings(**one.model_dump(include=kept)) for one in self.cameras),
            reading=ReadingSettings(detector_form="fp32", depot_models=False),
            alerting=AlertingSettings(sound=self.alerting.sound),
            records=RecordsSettings(folder=self.records.folder, keep_days=self.records.keep_days),
            hotlists=HotlistSettings(folder=self.hotlists.folder),
            depot=self.depot,
            log=LogSettings(folder=self.log.folder),
            screen=ScreenSettings(language=self.screen.language, lock_after_minutes=self.screen.lock_after_minutes),
        )

    def shown(self) -> Iterator[SettingShown]:
        """Every setting, section by section. A camera's password is never shown."""
        for section_name in type(self).model_fields:
            section = getattr(self, section_name)
            if isinstance(section, tuple):
                for number, row in enumerate(section):
                    yield from _shown_section(f"{section_name}[{number}]", row)
            else:
                yield from _shown_section(section_name, section)


def _shown_section(prefix: str, section: Section) -> Iterator[SettingShown]:
    for name, field in type(section).model_fields.items():
        value, extra = getattr(section, name), field.json_schema_extra
        yield SettingShown(
            name=f"{prefix}.{name}",
            value=_LOGIN.sub("***@", str(value)),
            unit=str(extra.get("unit", "")) if isinstance(extra, dict) else "",
            explanation=field.description or "",
        )

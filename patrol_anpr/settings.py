"""Every setting: type, unit, range, default, help. One TOML file, validated before anything starts.

A value comes from, the later one winning: the default here, the settings file, an environment variable
(`PATROL_ANPR__SECTION__NAME`), a command-line option. `patrol-anpr doctor --settings` shows which.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.authority import why_no_authority
from patrol_anpr.plumbing.toml_file import read_toml

ENVIRONMENT_PREFIX = "PATROL_ANPR__"
_DIRS = platformdirs.PlatformDirs("patrol-anpr", appauthor=False)
_LOGIN = re.compile(r"(?<=://)[^/\s]*@")
"""User and password in the address of a camera."""
SETTINGS_FILE = Path(_DIRS.user_config_dir) / "settings.toml"


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


class ReadingSettings(Section):
    """How plates are found and read."""

    detector: File = setting("", "Another detector (.onnx, or .pt with the train extra). Empty: the shipped one.")
    detector_form: Literal["auto", "fp32", "int8"] = setting(
        "auto", "Which form of the shipped detector runs; auto tries both at each start and takes the faster."
    )
    ocr: File = setting("", "Another OCR: an .onnx file or a fast-plate-ocr hub model. Empty: the shipped one.")
    ocr_config: File = setting("", "The plate configuration (.yaml) of another OCR .onnx file.")
    ocr_near: File = setting("", "Beside another OCR: a second .onnx file for near plates. Empty: the other one alone.")
    provider: Literal["cpu", "openvino", "directml", "cuda"] = setting("cpu", "What onnxruntime computes on.")
    threads: int = setting(1, "Threads of the detector.", ge=1, le=16)
    input_size: int = setting(640, "Long side the detector sees.", unit="pixels", ge=256, le=1920, multiple_of=32)
    detector_threshold: float = setting(0.35, "A plate below this confidence is not looked at.", gt=0, lt=1)


class AlertingSettings(Section):
    """What is heard."""

    sound: bool = setting(True, "Any sound at all. Off is for machines without people.")
    words_per_minute: int = setting(170, "Speed of the voice.", unit="words a minute", ge=100, le=300)
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


class DepotSettings(Section):
    """The home station."""

    url: str = setting(
        "",
        "Address of the depot. Empty: none.",
        form="an address such as https://depot.example:8443",
        pattern=r"^(https?://.*)?$",
    )
    car: str = setting(
        "CAR1",
        "Id of this car (the source id of its reads).",
        form="1 to 16 letters, digits and -",
        pattern=r"^[A-Za-z0-9-]{1,16}$",
    )
    feed: str = setting(
        "",
        "Id of the force (the feed id of its reads).",
        form="up to 16 letters, digits and -",
        pattern=r"^[A-Za-z0-9-]{0,16}$",
    )
    token: str = setting("", "What `patrol-anpr depot add-car` printed for this car.", repr=False)
    ca_file: File = setting("", "Certificate authority of the depot (PEM file). Empty: the system's.")


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
    disk_red_percent: int = setting(97, "The disk lamp turns red when fuller.", unit="percent", ge=51, le=100)


class LogSettings(Section):
    """The program's own log. It never holds a VRM, an officer or a place."""

    folder: Folder = setting(Path(_DIRS.user_log_dir), "Folder of the log files.")
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = setting("INFO", "Least urgent line kept.")
    size_megabytes: float = setting(2.0, "A log file is rotated at this size.", unit="megabytes", gt=0, le=100)
    files: int = setting(5, "Rotated files kept.", ge=1, le=50)


class ScreenSettings(Section):
    """The window."""

    night: bool = setting(True, "Start with the night palette.")
    full_screen: bool = setting(True, "Fill the screen; otherwise a window of 1280 x 800.")


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


class Origin(StrEnum):
    """Where a value came from."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    OPTION = "option"


@dataclass(frozen=True, slots=True)
class SettingShown:
    """One line of `doctor --settings`: the dotted name, the value in force, its origin, unit, default and help."""

    name: str
    value: str
    origin: Origin
    unit: str
    default: str
    explanation: str


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings in force and, for each dotted name that is not a default, where it came from.

    `faults` has a sentence for each value that could not be used and gave way to its default, and for each file that
    is named and cannot be used.
    """

    settings: Settings
    origins: Mapping[str, Origin]
    file: Path | None
    faults: tuple[str, ...] = ()

    def shown(self) -> Iterator[SettingShown]:
        """Every setting, section by section. The token and a camera's password are never shown."""
        for section_name in Settings.model_fields:
            section = getattr(self.settings, section_name)
            rows = section if isinstance(section, tuple) else (section,)
            for number, row in enumerate(rows):
                prefix = f"{section_name}[{number}]" if isinstance(section, tuple) else section_name
                yield from self._shown_section(prefix, section_name, row)

    def _shown_section(self, prefix: str, section_name: str, section: Section) -> Iterator[SettingShown]:
        for name, field in type(section).model_fields.items():
            value = getattr(section, name)
            extra = field.json_schema_extra
            yield SettingShown(
                name=f"{prefix}.{name}",
                value=("set" if value else "not set") if name == "token" else _LOGIN.sub("***@", str(value)),
                origin=self.origins.get(f"{prefix}.{name}", self.origins.get(section_name, Origin.DEFAULT)),
                unit=str(extra.get("unit", "")) if isinstance(extra, dict) else "",
                default=str(field.default),
                explanation=field.description or "",
            )


def load_settings(
    file: Path | None = None,
    options: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    *,
    forgiving: bool = False,
) -> LoadedSettings:
    """Read, merge and validate the settings.

    Args:
        file: the settings file; None takes the user's own if it exists. A file that was named must exist.
        options: dotted names ("reading.threads") with the values of command-line options; "cameras" takes a list.
        environment: for tests; the process environment by default.
        forgiving: a value of the file or the environment that cannot be used stops no patrol: its default is taken (a
            camera is left out), and `faults` of the result has its sentence. Options must be right.

    Raises:
        BadInput: naming the file, the setting, what is wrong with it and what is allowed.
    """
    tree: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    source = file if file is not None else (SETTINGS_FILE if SETTINGS_FILE.is_file() else None)
    if source is not None:
        for name, value in _flat(read_toml(source)):
            _place(tree, origins, name, value, Origin.FILE)
    for variable, text in (os.environ if environment is None else environment).items():
        if variable.startswith(ENVIRONMENT_PREFIX):
            name = variable.removeprefix(ENVIRONMENT_PREFIX).lower().replace("__", ".")
            _place(tree, origins, name, text, Origin.ENVIRONMENT)
    for name, value in (options or {}).items():
        _place(tree, origins, name, value, Origin.OPTION)
    faults: list[str] = []
    while True:
        try:
            settings = Settings.model_validate(tree)
        except ValidationError as error:
            sentence = _sentence(error, origins, source)
            place = error.errors(include_url=False)[0]["loc"]
            if not forgiving or _origin_of(place, origins) is Origin.OPTION or not _without(tree, place):
                raise BadInput(sentence) from None
            faults.append(sentence)
        else:
            if reason := why_no_authority(settings.depot.ca_file):
                faults.append(reason)
            return LoadedSettings(settings, origins, source, tuple(faults))


def _without(tree: dict[str, Any], place: Sequence[int | str]) -> bool:
    """Take what stands at `place` out of the tree; False when nothing stands there, so that a default is wrong."""
    if place[0] == "cameras":
        place = place[:2]  # half a camera is none
    holder: Any = tree
    try:
        for step in place[:-1]:
            holder = holder[step]
        del holder[place[-1]]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _flat(tree: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for section, content in tree.items():
        if isinstance(content, dict):
            for name, value in content.items():
                yield f"{section}.{name}", value
        else:
            yield section, content


def _place(tree: dict[str, Any], origins: dict[str, Origin], name: str, value: object, origin: Origin) -> None:
    section, _, rest = name.partition(".")
    if rest:
        if not isinstance(tree.setdefault(section, {}), dict):
            raise BadInput(f"'{section}' is a section with settings of its own: write [{section}] and a line for each.")
        tree[section][rest] = value
    else:
        tree[section] = value
    origins[name] = origin


def _origin_of(place: Sequence[int | str], origins: Mapping[str, Origin]) -> Origin:
    return origins.get(".".join(map(str, place)), origins.get(str(place[0]), Origin.FILE))


def _sentence(error: ValidationError, origins: Mapping[str, Origin], file: Path | None) -> str:
    first = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    where = {
        Origin.FILE: f"the settings file {file}",
        Origin.ENVIRONMENT: f"the environment variable {ENVIRONMENT_PREFIX}{name.upper().replace('.', '__')}",
        Origin.OPTION: "the command line",
    }.get(_origin_of(first["loc"], origins), "the settings")
    if first["type"] == "extra_forbidden":
        return f"There is no setting '{name}' (from {where}). `patrol-anpr doctor --settings` lists them all."
    if first["loc"] == ("cameras",):
        return f"The setting 'cameras' from {where} cannot be used: {_CAMERAS}."
    shown = re.sub(r"\.(\d+)", r"[\1]", name)  # as `doctor --settings` shows it
    return f"The setting '{shown}' from {where} cannot be used: {_wanted(first)}."


_CAMERAS = "write [[cameras]], once for each camera"
_WANTED = {
    "int_type": "give a whole number",
    "int_parsing": "give a whole number",
    "int_from_float": "give a whole number",
    "float_type": "give a number",
    "float_parsing": "give a number",
    "bool_type": "give true or false",
    "bool_parsing": "give true or false",
    "string_type": "give a text between quotes",
    "path_type": "give the path of a folder between quotes",
    "literal_error": "give {expected}",
    "greater_than_equal": "give at least {ge:g}",
    "greater_than": "give more than {gt:g}",
    "less_than_equal": "give at most {le:g}",
    "less_than": "give less than {lt:g}",
    "multiple_of": "give a multiple of {multiple_of}",
}
"""What to do about each kind of fault that pydantic finds, with its own limits."""


def _wanted(fault: ErrorDetails) -> str:
    """What to give instead of a value that cannot be used."""
    if fault["type"] == "model_type":
        section = fault["loc"][0]
        return _CAMERAS if section == "cameras" else f"write [{section}] above its lines"
    if fault["type"] in _WANTED:
        return _WANTED[fault["type"]].format(**fault.get("ctx", {}))
    if fault["type"] == "string_pattern_mismatch":
        section, *_, name = fault["loc"]
        kind = CameraSettings if section == "cameras" else type(Settings.model_fields[str(section)].default)
        extra = kind.model_fields[str(name)].json_schema_extra
        return f"give {extra['form']}" if isinstance(extra, dict) else fault["msg"]
    return fault["msg"].removeprefix("Value error, ")

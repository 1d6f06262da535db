"""The settings in force: one TOML file, the environment and the command line, validated before anything starts.

A value comes from, the later one winning: the default in settings.py, the settings file, an environment variable
(`PATROL_ANPR__SECTION__NAME`), a command-line option. `patrol-anpr doctor --settings` shows which.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from patrol_anpr.domain.choices import SettingShown
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.authority import why_no_authority
from patrol_anpr.plumbing.toml_file import read_toml
from patrol_anpr.settings import CameraSettings, Settings

SETTINGS_FILE = platformdirs.user_config_path("patrol-anpr", appauthor=False) / "settings.toml"
ENVIRONMENT_PREFIX = "PATROL_ANPR__"
"""User and password in the address of a camera."""


class Origin(StrEnum):
    """Where a value came from."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    OPTION = "option"


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

    def shown(self) -> Iterator[tuple[SettingShown, Origin]]:
        """Every setting with where its value came from."""
        for row in self.settings.shown():
            section = row.name.partition(".")[0].partition("[")[0]
            yield row, self.origins.get(row.name, self.origins.get(section, Origin.DEFAULT))


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

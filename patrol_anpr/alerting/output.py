"""Whether a sound that is played can be heard: a sound server takes every sound, also into a dummy or a muted sink.

The questions are put to the programs that come with the sound system, a few times a minute and each with a deadline.
What they print is understood by pure functions. Where nobody can be asked the answer is UNKNOWN, and the way out itself
has to tell (outlets.py).
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from patrol_anpr.alerting.outlets import abandon, count_windows_devices

ANSWER_LIMIT = 1.0
"""Seconds a program may take to answer (10 ms is usual)."""
_DUMMY = "auto_null"
"""What PulseAudio and PipeWire call the sink they make when there is no other."""
_DRIVERS_WITHOUT_DEVICE = ("module-null-sink", "support.null-audio-sink", "snd_dummy", "snd_aloop")
_ON_THE_WAY = frozenset({"Master", "PCM"})
_ENDS = frozenset({"Speaker", "Headphone", "Front", "Line Out", "Bass Speaker"})
"""ALSA's controls: each of the first can silence a sound alone, of the second one that is open will do."""


class Output(StrEnum):
    """What becomes of a sound. NONE: it is played into nothing; UNPLUGGED: the socket in use has nothing in it."""

    UNKNOWN = "unknown"
    OPEN = "open"
    NONE = "none"
    UNPLUGGED = "unplugged"
    MUTED = "muted"
    TURNED_DOWN = "turned down"


OutputLook = Callable[[], Output | None]
"""Tells what becomes of a sound now; None when no answer came in time, so that what was known before holds."""


class _NoAnswer(Exception):
    """A program did not answer in time."""


@dataclass(frozen=True, slots=True)
class Sink:
    """One output of a sound server. `volumes` has one number a channel; `is_real`: behind it there is a device."""

    name: str
    is_real: bool
    muted: bool
    volumes: tuple[float, ...]
    unplugged: bool = False

    @property
    def output(self) -> Output:
        """What becomes of a sound that goes there."""
        if self.muted:
            return Output.MUTED
        if self.volumes and not any(self.volumes):
            return Output.TURNED_DOWN
        return Output.UNPLUGGED if self.unplugged else Output.OPEN


def find_look() -> OutputLook:
    """Return the look that fits this machine."""
    return _look_on_windows if sys.platform == "win32" else _look


def _look_on_windows() -> Output:
    """Windows' own player does not say whether it is muted; that there is no device it does."""
    return Output.UNKNOWN if count_windows_devices() else Output.NONE


def _look() -> Output | None:
    """Ask the first of PulseAudio's, PipeWire's and ALSA's programs that has a say in it."""
    try:
        if (sinks := _ask("pactl", "list", "sinks")) is not None:
            return output_of(pulse_sinks(sinks), os.environ.get("PULSE_SINK") or pulse_default(_ask("pactl", "info")))
        found, default = pipewire_sinks(_ask("pw-dump") or "[]")
        if found:  # a PipeWire that has none is there for the screen alone
            return output_of(found, default)
        controls = _ask("amixer", "scontents")
    except (_NoAnswer, ValueError):
        return None
    return Output.UNKNOWN if controls is None else mixer_output(controls)


def _ask(*command: str) -> str | None:
    """Return what a program prints; None when it is not there or there is no server it could ask."""
    if shutil.which(command[0]) is None:
        return None
    plain = os.environ | {"LC_ALL": "C"}
    try:
        program = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=plain
        )
    except OSError:
        return None
    try:
        answer, _ = program.communicate(timeout=ANSWER_LIMIT)
    except subprocess.TimeoutExpired as problem:
        abandon(program)
        raise _NoAnswer from problem
    return answer.decode(errors="replace") if program.returncode == 0 else None


def output_of(sinks: Sequence[Sink], default: str) -> Output:
    """Return what becomes of a sound for the sink named `default`; "" when the server did not say which it is.

    A filter looks like a dummy, since it has no device either; it is believed while there is a device it can lead to.
    """
    if not any(sink.is_real for sink in sinks) or default.startswith(_DUMMY):
        return Output.NONE
    chosen = [sink for sink in sinks if sink.name == default] or (list(sinks) if len(sinks) == 1 else [])
    return chosen[0].output if chosen else Output.OPEN


def pulse_default(info: str | None) -> str:
    """Return the name of the default sink of what `pactl info` prints."""
    found = re.search(r"^Default Sink: (.+)$", info or "", re.MULTILINE)
    return found[1] if found else ""


def pulse_sinks(text: str) -> list[Sink]:
    """Read what `pactl list sinks` prints, of PulseAudio and of PipeWire."""
    return [_pulse_sink(block) for block in re.split(r"(?m)^Sink #\d+$", text)[1:]]


def _pulse_sink(block: str) -> Sink:
    def field(name: str) -> str:
        found = re.search(rf"(?m)^\t{name}: (.*)$", block)
        return found[1] if found else ""

    name, port = field("Name"), field("Active Port")
    drivers = (field("Driver"), *re.findall(r'(?m)^\t\t(?:factory\.name|alsa\.driver_name) = "(.*)"$', block))
    of_port = re.search(rf"(?m)^\t\t{re.escape(port)}: (.*)$", block) if port else None
    return Sink(
        name,
        is_real=not name.startswith(_DUMMY) and not _without_device(drivers),
        muted=field("Mute") == "yes",
        volumes=tuple(float(percent) for percent in re.findall(r"(\d+)%", field("Volume"))),
        unplugged=of_port is not None and "not available" in of_port[1],
    )


def _without_device(drivers: Sequence[str]) -> bool:
    return any(driver.startswith(_DRIVERS_WITHOUT_DEVICE) for driver in drivers)


def pipewire_sinks(text: str) -> tuple[list[Sink], str]:
    """Read what `pw-dump` prints: the sinks, and the name of the default one ("" when nobody chose one).

    Raises:
        ValueError: it is not JSON.
    """
    sinks, default = [], ""
    for one in json.loads(text):
        properties = (one.get("info") or {}).get("props") or {}
        if properties.get("media.class") == "Audio/Sink":
            sinks.append(_pipewire_sink(properties, one["info"].get("params") or {}))
        for entry in one.get("metadata") or ():
            if entry.get("key") == "default.audio.sink" and isinstance(entry.get("value"), dict):
                default = str(entry["value"].get("name", ""))
    return sinks, default


def _pipewire_sink(properties: Mapping[str, Any], params: Mapping[str, Any]) -> Sink:
    sound: dict[str, Any] = {}
    for part in params.get("Props") or ():
        sound |= part
    name = str(properties.get("node.name", ""))
    drivers = [str(properties.get(key, "")) for key in ("factory.name", "alsa.driver_name")]
    return Sink(
        name,
        is_real=not name.startswith(_DUMMY) and not _without_device(drivers),
        muted=bool(sound.get("mute")),
        volumes=tuple(float(volume) for volume in sound.get("channelVolumes") or ()),
    )


def mixer_output(text: str) -> Output:
    """Read what `amixer scontents` prints for the default card; UNKNOWN when it has no control that we know.

    Each control on the way can silence a sound alone; of its ends (loudspeaker, headphones) one that is open will do.
    """
    states: dict[str, Output] = {}
    for block in re.split(r"(?m)^(?=Simple mixer control ')", text):
        name = re.match(r"Simple mixer control '(.+)',0$", block.partition("\n")[0])
        channels = re.findall(r"(?m)^  [^:\n]+: .*Playback.* \[.*$", block)
        if name and channels:
            states[name[1]] = _channels_output(channels)
    on_the_way = [state for control, state in states.items() if control in _ON_THE_WAY]
    ends = [state for control, state in states.items() if control in _ENDS]
    for state in on_the_way:
        if state is not Output.OPEN:
            return state
    if ends and all(state is not Output.OPEN for state in ends):
        return ends[0]
    return Output.OPEN if on_the_way or ends else Output.UNKNOWN


def _channels_output(channels: Sequence[str]) -> Output:
    if all("[off]" in channel for channel in channels):
        return Output.MUTED
    percents = [percent for channel in channels for percent in re.findall(r"\[(\d+)%\]", channel)]
    return Output.TURNED_DOWN if percents and not any(int(percent) for percent in percents) else Output.OPEN

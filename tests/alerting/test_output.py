"""What becomes of a sound: the words of the real programs, and the programs themselves where they are installed."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from patrol_anpr.alerting import output as output_module
from patrol_anpr.alerting.output import (
    Output,
    find_look,
    mixer_output,
    output_of,
    pipewire_sinks,
    pulse_default,
    pulse_sinks,
)
from tests.alerting.made import until

DUMMY = """Sink #0
\tState: IDLE
\tName: auto_null
\tDescription: Dummy Output
\tDriver: module-null-sink.c
\tSample Specification: s16le 2ch 44100Hz
\tMute: no
\tVolume: front-left: 65536 / 100% / 0.00 dB,   front-right: 65536 / 100% / 0.00 dB
\t        balance 0.00
\tBase Volume: 65536 / 100% / 0.00 dB
\tFlags: DECIBEL_VOLUME LATENCY SET_FORMATS
\tProperties:
\t\tdevice.description = "Dummy Output"
\t\tdevice.class = "abstract"
\tFormats:
\t\tpcm
"""
DUMMY_OF_PIPEWIRE = """Sink #32
\tState: SUSPENDED
\tName: auto_null
\tDriver: PipeWire
\tMute: no
\tVolume: front-left: 65536 / 100% / 0.00 dB,   front-right: 65536 / 100% / 0.00 dB
\t        balance 0.00
\tProperties:
\t\tnode.name = "auto_null"
\t\tfactory.name = "support.null-audio-sink"
\t\tnode.virtual = "true"
"""
SPEAKERS = "alsa_output.pci-0000_00_1f.3.analog-stereo"
HDMI = "alsa_output.pci-0000_01_00.1.hdmi-stereo"
FILTER = "filter_chain_sink"


def sink(
    name: str = SPEAKERS,
    *,
    state: str = "SUSPENDED",
    mute: str = "no",
    left: int = 60,
    right: int = 60,
    driver: str = "module-alsa-card.c",
    port: str = "analog-output-speaker: Speaker (type: Speaker, priority: 10000, availability unknown)",
    properties: str = 'alsa.driver_name = "snd_hda_intel"',
) -> str:
    return f"""Sink #1
\tState: {state}
\tName: {name}
\tDescription: Built-in Audio Analog Stereo
\tDriver: {driver}
\tMute: {mute}
\tVolume: front-left: {left * 655} /  {left}% / -13.31 dB,   front-right: {right * 655} /  {right}% / -13.31 dB
\t        balance 0.00
\tBase Volume: 65536 / 100% / 0.00 dB
\tFlags: HARDWARE HW_MUTE_CTRL HW_VOLUME_CTRL DECIBEL_VOLUME LATENCY
\tProperties:
\t\t{properties}
\tPorts:
\t\t{port}
\t\tanalog-output-headphones: Headphones (type: Headphones, priority: 9900, not available)
\tActive Port: {port.partition(":")[0]}
\tFormats:
\t\tpcm
"""


def of_pulse(*sinks: str, default: str = SPEAKERS) -> Output:
    return output_of(pulse_sinks("".join(sinks)), pulse_default(f"Server Name: pulseaudio\nDefault Sink: {default}\n"))


@pytest.mark.parametrize("state", ["RUNNING", "IDLE", "SUSPENDED"])
def test_a_loudspeaker_is_open_also_while_it_sleeps(state: str) -> None:
    assert of_pulse(sink(state=state)) is Output.OPEN


def test_one_channel_that_is_up_is_enough() -> None:
    assert of_pulse(sink(left=0, right=40)) is Output.OPEN


def test_muted_and_turned_down_are_told_apart() -> None:
    assert of_pulse(sink(mute="yes")) is Output.MUTED
    assert of_pulse(sink(left=0, right=0)) is Output.TURNED_DOWN
    assert of_pulse(sink(mute="yes", left=0, right=0)) is Output.MUTED


@pytest.mark.parametrize("dummy", [DUMMY, DUMMY_OF_PIPEWIRE])
@pytest.mark.parametrize("default", ["auto_null", "@DEFAULT_SINK@", ""])
def test_a_dummy_alone_is_no_output(dummy: str, default: str) -> None:
    assert of_pulse(dummy, default=default) is Output.NONE


def test_a_dummy_that_is_the_default_is_no_output_whatever_else_there_is() -> None:
    assert of_pulse(DUMMY, sink(), default="auto_null") is Output.NONE


def test_no_sink_at_all_is_no_output() -> None:
    assert of_pulse(default="auto_null") is Output.NONE


@pytest.mark.parametrize("driver", ["snd_dummy", "snd_aloop"])
def test_a_card_that_is_only_software_is_no_output(driver: str) -> None:
    assert of_pulse(sink(properties=f'alsa.driver_name = "{driver}"')) is Output.NONE


def test_a_filter_is_believed_while_it_has_a_device_to_lead_to() -> None:
    through = sink(FILTER, driver="PipeWire", properties='factory.name = "support.null-audio-sink"')
    assert of_pulse(through, sink(), default=FILTER) is Output.OPEN
    assert of_pulse(through, default=FILTER) is Output.NONE


def test_hdmi_alone_is_open_and_a_socket_with_nothing_in_it_is_not_sure() -> None:
    port = "hdmi-output-0: HDMI / DisplayPort (type: HDMI, priority: 5900, availability group: Legacy 1, {})"
    assert of_pulse(sink(HDMI, port=port.format("available")), default=HDMI) is Output.OPEN
    assert of_pulse(sink(HDMI, port=port.format("not available")), default=HDMI) is Output.UNPLUGGED


def test_only_the_default_counts() -> None:
    assert of_pulse(sink(), sink(HDMI, mute="yes")) is Output.OPEN
    assert of_pulse(sink(), sink(HDMI, mute="yes"), default=HDMI) is Output.MUTED
    assert of_pulse(sink(), sink(HDMI, mute="yes"), default="@DEFAULT_SINK@") is Output.OPEN  # nobody can tell which


def of_pipewire(
    *, name: str = SPEAKERS, mute: bool = False, volumes: tuple[float, ...] = (0.2, 0.2), factory: str
) -> str:
    node = {
        "type": "PipeWire:Interface:Node",
        "info": {
            "props": {"media.class": "Audio/Sink", "node.name": name, "factory.name": factory},
            "params": {"Props": [{"volume": 1.0, "mute": mute, "channelVolumes": volumes}, {"params": []}]},
        },
    }
    chosen = {"key": "default.audio.sink", "value": {"name": name}}
    settings = {"metadata": [{"key": "log.level", "value": 2}], "props": {"metadata.name": "settings"}}
    return json.dumps([settings, {"metadata": [chosen]}, node, {"type": "PipeWire:Interface:Core", "info": None}])


@pytest.mark.parametrize(
    ("text", "output"),
    [
        (of_pipewire(factory="api.alsa.pcm.sink"), Output.OPEN),
        (of_pipewire(factory="api.alsa.pcm.sink", mute=True), Output.MUTED),
        (of_pipewire(factory="api.alsa.pcm.sink", volumes=(0.0, 0.0)), Output.TURNED_DOWN),
        (of_pipewire(factory="support.null-audio-sink", name="auto_null"), Output.NONE),
    ],
)
def test_pipewire_says_the_same_in_its_own_words(text: str, output: Output) -> None:
    assert output_of(*pipewire_sinks(text)) is output


def control(name: str, *channels: str) -> str:
    head = f"Simple mixer control '{name}',0\n  Capabilities: pvolume pswitch\n  Limits: Playback 0 - 87\n"
    return head + "".join(f"  {channel}\n" for channel in channels)


UP, DOWN, OFF = "Playback 40 [46%] [-35.25dB] [on]", "Playback 0 [0%] [-65.25dB] [on]", "Playback 40 [46%] [off]"
MICROPHONE = "Simple mixer control 'Capture',0\n  Capabilities: cvolume\n  Front Left: Capture 0 [0%] [off]\n"


@pytest.mark.parametrize(
    ("controls", "output"),
    [
        ([control("Master", f"Mono: {UP}")], Output.OPEN),
        ([control("Master", f"Mono: {OFF}")], Output.MUTED),
        ([control("Master", f"Mono: {DOWN}")], Output.TURNED_DOWN),
        (
            [control("Master", f"Mono: {UP}"), control("PCM", f"Front Left: {DOWN}", f"Front Right: {DOWN}")],
            Output("turned down"),
        ),
        ([control("Master", f"Front Left: {OFF}", f"Front Right: {UP}")], Output.OPEN),
        ([control("Speaker", f"Mono: {OFF}"), control("Headphone", f"Mono: {UP}")], Output.OPEN),
        ([control("Speaker", f"Mono: {OFF}"), control("Headphone", f"Mono: {OFF}")], Output.MUTED),
        ([MICROPHONE, control("Master", f"Mono: {UP}")], Output.OPEN),
        ([MICROPHONE], Output.UNKNOWN),
        ([control("IEC958", "Mono: Playback [on]")], Output.UNKNOWN),  # HDMI alone: nothing to turn
        ([], Output.UNKNOWN),
    ],
)
def test_alsa_says_what_its_mixer_does(controls: list[str], output: Output) -> None:
    assert mixer_output("".join(controls)) is output


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put programs of the sound system, which print what they are given, on a path that has no others."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("PULSE_SINK", raising=False)
    for name in ("cat", "sleep"):
        (folder / name).symlink_to(
            next(Path(place, name) for place in ("/bin", "/usr/bin") if Path(place, name).exists())
        )

    def put(name: str, script: str) -> None:
        file = folder / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    return put


needs_a_shell = pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")


@needs_a_shell
def test_without_any_of_the_programs_nobody_knows(programs: Callable[..., None]) -> None:
    assert find_look()() is Output.UNKNOWN


@needs_a_shell
def test_the_next_is_asked_where_one_has_no_server(programs: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "dump").write_text(of_pipewire(factory="api.alsa.pcm.sink", mute=True))
    programs("pactl", "exit 1")
    programs("pw-dump", f"cat {tmp_path / 'dump'}")
    assert find_look()() is Output.MUTED
    programs("pw-dump", "exit 1")
    (tmp_path / "mixer").write_text(control("Master", f"Mono: {DOWN}"))
    programs("amixer", f"cat {tmp_path / 'mixer'}")
    assert find_look()() is Output.TURNED_DOWN


@needs_a_shell
def test_a_pipewire_without_any_output_is_not_what_plays(programs: Callable[..., None]) -> None:
    programs("pw-dump", "echo '[]'")
    assert find_look()() is Output.UNKNOWN


@needs_a_shell
def test_the_sink_that_the_environment_chooses_counts(
    programs: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sinks").write_text(sink() + sink(HDMI, mute="yes"))
    programs("pactl", f'if [ "$1" = list ]; then cat {tmp_path / "sinks"}; else echo "Default Sink: {SPEAKERS}"; fi')
    assert find_look()() is Output.OPEN
    monkeypatch.setenv("PULSE_SINK", HDMI)
    assert find_look()() is Output.MUTED


@needs_a_shell
@pytest.mark.parametrize("script", ["exec sleep 60", "echo no sinks here, only words; exit 0"])
def test_a_program_that_hangs_or_talks_nonsense_holds_nothing_up(
    programs: Callable[..., None], monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(output_module, "ANSWER_LIMIT", 0.2)
    programs("pw-dump", script)
    assert find_look()() is None


@pytest.fixture
def pulseaudio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """A sound server of this test's own without a device, as on a computer whose loudspeaker was pulled out."""
    if shutil.which("pulseaudio") is None or shutil.which("pactl") is None:
        pytest.skip("needs pulseaudio and pulseaudio-utils, which change what plays sound on this machine")
    for name, place in (("XDG_RUNTIME_DIR", "runtime"), ("HOME", "home")):
        (tmp_path / place).mkdir(mode=0o700)
        monkeypatch.setenv(name, str(tmp_path / place))
    script = tmp_path / "only.pa"
    script.write_text("load-module module-native-protocol-unix\nload-module module-always-sink\n")
    options = ["--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "-n", "-F", str(script)]
    log = (tmp_path / "log").open("w")
    server = subprocess.Popen(["pulseaudio", *options], stderr=log)

    def control_it(*words: str) -> str:
        return subprocess.run(["pactl", *words], capture_output=True, text=True, check=False).stdout

    until(lambda: "auto_null" in control_it("list", "sinks"))
    yield control_it
    server.terminate()
    server.wait(10)
    log.close()


def test_a_real_server_with_its_dummy_with_an_output_muted_and_turned_down(
    pulseaudio: Callable[..., str], tmp_path: Path
) -> None:
    look = find_look()
    assert look() is Output.NONE
    pulseaudio("load-module", "module-pipe-sink", f"file={tmp_path / 'pipe'}", "sink_name=loudspeaker")
    until(lambda: look() is Output.OPEN)
    pulseaudio("set-sink-mute", "loudspeaker", "1")
    assert look() is Output.MUTED
    pulseaudio("set-sink-mute", "loudspeaker", "0")
    pulseaudio("set-sink-volume", "loudspeaker", "0")
    assert look() is Output.TURNED_DOWN

"""The command line. Each command is a few lines; what it does stands in the module it calls."""

import contextlib
import json
import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from patrol_anpr import __version__
from patrol_anpr.commands.depot_cli import depot_app
from patrol_anpr.commands.loading import LoadedSettings, load_settings
from patrol_anpr.commands.terminal import complain, print_any_letter, say
from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.plumbing.at_rest import no_core_dumps

app = typer.Typer(
    name="patrol-anpr",
    help="Reads number plates from a patrol car's cameras and checks them against hotlists.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
hotlist_app = typer.Typer(help="Hotlists: check a file, import it into this car.", no_args_is_help=True)
stick_app = typer.Typer(help="A USB stick in place of the depot's network, while no patrol runs.", no_args_is_help=True)
evidence_app = typer.Typer(
    help="Evidence: hand out a read of this car, check what was handed out.", no_args_is_help=True
)
bench_app = typer.Typer(help="Measure this machine, and the reader.", no_args_is_help=True)
app.add_typer(hotlist_app, name="hotlist")
app.add_typer(stick_app, name="stick")
app.add_typer(evidence_app, name="evidence")
app.add_typer(depot_app, name="depot")
app.add_typer(bench_app, name="bench")

SettingsOption = Annotated[
    Path | None, typer.Option("--settings", help="Settings file (TOML). Without it, this user's own, if there is one.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]


def main() -> None:
    """Run the command line: a KnownError is one sentence on stderr and exit code 1, never a stack trace."""
    logging.getLogger().addHandler(logging.NullHandler())  # until set_up_log: what is logged is not for the terminal
    print_any_letter()
    no_core_dumps()
    try:
        app()
    except KnownError as error:
        complain(str(error))
        code = 1
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    else:
        code = 0
    leave_behind_what_hangs(code)
    sys.exit(code)


def leave_behind_what_hangs(code: int) -> None:
    """End the process at once where threads are left that Python would wait for without end.

    Every part was told to end and had its time. What is still going hangs in a call that never comes back.
    """
    left = [one for one in threading.enumerate() if not one.daemon and one is not threading.main_thread()]
    until = time.monotonic() + 1
    for thread in left:
        thread.join(max(0.0, until - time.monotonic()))
    if any(thread.is_alive() for thread in left):
        logging.getLogger(__name__).error("left behind: %s", ", ".join(thread.name for thread in left))
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(code)


def _settings(file: Path | None, *, forgiving: bool = False, **options: Any) -> LoadedSettings:
    """Load the settings with the options that were given; names have `__` for the dot."""
    given = {name.replace("__", "."): value for name, value in options.items() if value is not None}
    return load_settings(file, given, forgiving=forgiving)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"patrol-anpr {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def run(
    source: Annotated[
        list[str] | None,
        typer.Option(help="A camera: usb:0, a device path, an address, a file, a folder. Once a camera."),
    ] = None,
    hotlist: Annotated[list[Path] | None, typer.Option(help="A hotlist file (CSV or ZIP) for this run.")] = None,
    tier: Annotated[int, typer.Option(min=1, max=4, help="The tier of --hotlist.")] = 2,
    headless: Annotated[bool, typer.Option("--headless", help="Without a window; prints reads and hits.")] = False,
    realtime: Annotated[
        bool, typer.Option("--realtime", help="Headless files at their own speed, skipping when behind.")
    ] = False,
    no_sound: Annotated[
        bool, typer.Option("--no-sound", help="For machines without people: no tone, no voice.")
    ] = False,
    records: Annotated[Path | None, typer.Option(help="Folder of the records, instead of the settings'.")] = None,
    as_json: JsonOption = False,
    settings: SettingsOption = None,
) -> None:
    """Patrol: read the cameras, raise hits, keep records. With a window unless --headless."""

    def load(*, forgiving: bool = False) -> LoadedSettings:
        from patrol_anpr.patrol.plans import camera_settings

        return _settings(
            settings,
            forgiving=forgiving,
            cameras=camera_settings(source) if source else None,
            alerting__sound=False if no_sound else None,
            records__folder=records,
        )

    lists = [(path, Tier(tier)) for path in hotlist or []]
    if headless:
        from patrol_anpr.commands.headless import run_headless

        loaded = load()
        for fault in loaded.faults:
            complain(fault)
        raise typer.Exit(run_headless(loaded, lists, realtime=realtime, as_json=as_json))
    from patrol_anpr.commands.window import run_with_window

    raise typer.Exit(run_with_window(lambda: load(forgiving=True), lists))


@app.command()
def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Without a window even where there is a screen.")
    ] = False,
    no_sound: Annotated[bool, typer.Option("--no-sound", help="No tone, no voice.")] = False,
    folder: Annotated[
        Path | None, typer.Option(help="Keep the demo's files here instead of in a temporary folder.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the whole product: a depot on this machine, a sync, a drive with hits, an upload, a shift summary."""
    from patrol_anpr.commands.demo import run_demo

    raise typer.Exit(run_demo(headless=headless, sound=not no_sound, folder=folder, as_json=as_json))


@app.command()
def read(
    paths: Annotated[list[Path], typer.Argument(help="Pictures, or folders of pictures.")],
    as_json: JsonOption = False,
    settings: SettingsOption = None,
) -> None:
    """Read the plates in still pictures."""
    from patrol_anpr.commands.read import read_stills

    raise typer.Exit(read_stills(paths, _settings(settings).settings, as_json=as_json))


@app.command()
def cameras(as_json: JsonOption = False) -> None:
    """List the cameras that are plugged in, with the size and frame rate they grant."""
    from patrol_anpr.cameras.listing import list_cameras

    found = list_cameras()
    for camera in found:
        granted = camera.granted
        size = f"{granted.width}x{granted.height} {granted.fps:g} fps {granted.fourcc}" if granted else "in use"
        if as_json:
            line = {"index": camera.index, "path": camera.path, "name": camera.name, "grants": size}
            say(json.dumps(line | {"note": camera.note}))
        else:
            say(f"usb:{camera.index}  {camera.name}  {size}\n    {camera.path}")
            if camera.note:
                say(f"    {camera.note}")
    if not found and not as_json:
        say("No camera is plugged in. Plug one in and run this again; an RTSP or HTTP camera is named by its address.")


@app.command()
def doctor(
    show_settings: Annotated[
        bool, typer.Option("--settings", help="Show every setting and where it came from.")
    ] = False,
    thief: Annotated[bool, typer.Option("--thief", help="Say only what a thief of this laptop would get now.")] = False,
    file: Annotated[Path | None, typer.Option("--file", help="Settings file (TOML).")] = None,
) -> None:
    """Check models, cameras, voice, GPS, key store, disk, clock and lists, and say what to do about each."""
    from patrol_anpr.commands.doctor import examine, print_settings

    loaded = _settings(file)
    if show_settings:
        print_settings(loaded)
        return
    raise typer.Exit(examine(loaded, thief=thief))


@hotlist_app.command("check")
def hotlist_check(
    file: Annotated[Path, typer.Argument(help="A hotlist file: CSV with 16 columns, bare or in a ZIP.")],
    tier: Annotated[int, typer.Option(min=1, max=4, help="The list's own tier.")] = 2,
) -> None:
    """Say what importing a hotlist file would do, line by bad line; exit code 1 when a line is refused."""
    from patrol_anpr.commands.hotlist import check_list

    raise typer.Exit(check_list(file, Tier(tier)))


@hotlist_app.command("import")
def hotlist_import(
    file: Annotated[Path, typer.Argument(help="A hotlist file: CSV with 16 columns, bare or in a ZIP.")],
    name: Annotated[str, typer.Option(help="The list's name, as the officer sees it.")],
    tier: Annotated[int, typer.Option(min=1, max=4, help="The list's own tier.")] = 2,
    owner: Annotated[str, typer.Option(help="Who the list belongs to.")] = "this car",
    settings: SettingsOption = None,
) -> None:
    """Put a hotlist file in force on this car; exit code 1 when a line was refused, the others are in force."""
    from patrol_anpr.commands.hotlist import import_list

    raise typer.Exit(import_list(file, name, owner, Tier(tier), _settings(settings).settings))


@hotlist_app.command("remove")
def hotlist_remove(
    name: Annotated[str, typer.Argument(help="The list's name.")],
    settings: SettingsOption = None,
) -> None:
    """Take a list out of force on this car for good, also one that is damaged or missing."""
    from patrol_anpr.commands.hotlist import remove_list

    raise typer.Exit(remove_list(name, _settings(settings).settings))


@stick_app.command("export")
def stick_export(
    stick: Annotated[Path, typer.Argument(help="The folder or drive letter of the stick.")],
    settings: SettingsOption = None,
) -> None:
    """Put what the depot does not hold on a stick; exit code 1: some of it did not go on it."""
    from patrol_anpr.commands.stick import put_on_stick

    raise typer.Exit(put_on_stick(_settings(settings).settings, stick))


@stick_app.command("import")
def stick_import(
    stick: Annotated[Path, typer.Argument(help="The folder or drive letter of the stick.")],
    settings: SettingsOption = None,
) -> None:
    """Take receipts and lists off a stick that was at the depot; exit code 1: a list was not updated."""
    from patrol_anpr.commands.stick import take_off_stick

    raise typer.Exit(take_off_stick(_settings(settings).settings, stick))


@evidence_app.command("export")
def evidence_export(
    read_id: Annotated[str, typer.Argument(help="The id of the read, as the depot has it.")],
    reason: Annotated[str, typer.Option(help="Why; it goes into the audit trail and the PDF.")],
    folder: Annotated[Path | None, typer.Option(help="Where to; without it, records.export_folder.")] = None,
    with_silent: Annotated[
        bool, typer.Option("--with-silent", help="With hits of silent lists, which the crew is not to know of.")
    ] = False,
    settings: SettingsOption = None,
) -> None:
    """Export the evidence of one read, while no patrol runs: a signed PDF, a table and a verifier."""
    from patrol_anpr.commands.evidence import export_evidence

    loaded = _settings(settings).settings
    raise typer.Exit(export_evidence(loaded, read_id, reason, folder, covert=with_silent))


@evidence_app.command("verify")
def evidence_verify(file: Annotated[Path, typer.Argument(help="The PDF of an export.")]) -> None:
    """Check an exported PDF: its signature, pictures, records and audit rows; exit code 1 when one was changed."""
    from patrol_anpr.commands.evidence import verify_evidence

    raise typer.Exit(verify_evidence(file))


@app.command()
def enrol(
    address: Annotated[str, typer.Argument(help="Address of the depot, such as https://depot.example:8443")],
    code: Annotated[str, typer.Argument(help="The code that `patrol-anpr depot enrol` printed.")],
    settings: SettingsOption = None,
) -> None:
    """Make this computer a car of a depot, once."""
    from patrol_anpr.commands.enrol import enrol_and_say

    raise typer.Exit(enrol_and_say(_settings(settings).settings, address, code))


@bench_app.command("accuracy")
def bench_accuracy(
    dataset: Annotated[Path, typer.Argument(help="A YOLO detection set, or a folder with labels.csv.")],
    against: Annotated[
        Path | None, typer.Option(help="Folder with another reader's weights, run in the same run.")
    ] = None,
    split: Annotated[str | None, typer.Option(help="The part of a detection set; val where there is one.")] = None,
    settings: SettingsOption = None,
) -> None:
    """Print how well plates are found and read, and what it costs."""
    from patrol_anpr.commands.bench import accuracy

    raise typer.Exit(accuracy(dataset, against, split, _settings(settings).settings))


@bench_app.command("passes")
def bench_passes(
    dataset: Annotated[
        Path | None, typer.Argument(help="Real pictures to make approaches of: a folder with labels.csv.")
    ] = None,
    sequences: Annotated[int, typer.Option(min=1, help="Approaches of drawn plates, and at most of real ones.")] = 600,
    settings: SettingsOption = None,
) -> None:
    """Print how well whole passes are read, beside their best single frames, and what their confidence is worth."""
    from patrol_anpr.commands.bench import passes

    raise typer.Exit(passes(dataset, sequences, _settings(settings).settings))


@bench_app.command("hotlist")
def bench_hotlist_size(
    entries: Annotated[int, typer.Option(min=1000, help="Entries of the invented list.")] = 1_000_000,
) -> None:
    """Print what a hotlist of that size costs: time to build and open, memory, look-ups."""
    from patrol_anpr.commands.bench import hotlist_size

    raise typer.Exit(hotlist_size(entries))


@bench_app.command("ingest")
def bench_ingest_rate(
    reads: Annotated[int, typer.Option(min=100, help="Reads to send, of each car.")] = 5000,
    cars: Annotated[int, typer.Option(min=1, max=500, help="Cars that send at once.")] = 1,
    pictures: Annotated[bool, typer.Option(help="With both pictures, of the largest size.")] = False,
    database: Annotated[str | None, typer.Option(help="URL of an empty PostgreSQL database, which is filled.")] = None,
) -> None:
    """Print how many reads a second the depot takes."""
    from patrol_anpr.commands.bench import ingest_rate

    raise typer.Exit(ingest_rate(reads, cars, pictures=pictures, database=database))


@bench_app.command("read")
def bench_read(
    source: Annotated[Path, typer.Argument(help="A video file or a folder of pictures.")],
    settings: SettingsOption = None,
) -> None:
    """Print what a frame costs on this machine: detector, OCR, the whole, in CPU and wall milliseconds."""
    from patrol_anpr.commands.bench import reading_cost

    raise typer.Exit(reading_cost(source, _settings(settings).settings))


if __name__ == "__main__":
    main()

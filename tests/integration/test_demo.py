"""The demo as a newcomer runs it: one process, a real depot, the real models, the whole drive; then what is left."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlcipher3

from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.domain.hit import HitState, MatchKind, Verification
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.records.database import FILE_NAME as DATABASE
from patrol_anpr.records.vault import DEPOT_WRAP, PIN_WRAP
from patrol_anpr.wire.payloads import AuditPayload, Kind, OutcomePayload, ShiftPayload
from patrol_anpr.wire.sealing import RecordKeys
from tests.alerting.made import SoundFile, plug_in
from tests.integration.cars import Held
from tests.integration.watching import Watch, can_watch

DEMO = Path(__file__).parents[2] / "assets" / "demo"
CHECKED, LISTED_NEAR, WEEDED = "JT17ZCE", "JT17ZGE", "TJ70ZVS"
EXACT, CHECK = MatchKind.EXACT, MatchKind.CHECK
HITS = {
    "TU66ZYP": ("TU66ZYP", Tier.IMMEDIATE, EXACT),
    "JX19ZAW": ("JX19ZAW", Tier.IMMEDIATE, EXACT),
    "XU18DFZ": ("XU18DFZ", Tier.PRIORITY, EXACT),
    "UT20ZKG": ("UT20ZKG", Tier.PRIORITY, EXACT),
    "JU68ZFT": ("JU68ZFT", Tier.PRIORITY, EXACT),
    CHECKED: (LISTED_NEAR, Tier.ROUTINE, CHECK),  # of a PRIORITY list: a CHECK is a tier less urgent than its entry
    "UJ21ZHA": ("UJ21ZHA", Tier.ROUTINE, EXACT),
    "XU62ZEK": ("XU62ZEK", Tier.ROUTINE, EXACT),
    "JU73XZL": ("JU73XZL", Tier.SILENT, EXACT),
}
"""What the demo's lists say of who drives by: mark on the road -> mark on the list, tier, kind."""

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(not (DEMO / "drive.json").exists(), reason="needs the demo drive"),
]


@dataclass(frozen=True)
class Demo:
    """One run: its folder, the lines it printed by kind, what it complained of, what was heard, what strace saw."""

    folder: Path
    lines: dict[str, list[dict[str, Any]]]
    complaints: str
    sound: SoundFile | None
    watch: Watch | None

    @property
    def reads(self) -> Counter[str]:
        return Counter(line["vrm"] for line in self.lines["read"])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo, run once, as a user of its own, with its sound going into a file where ALSA can do that."""
    folder = tmp_path_factory.mktemp("demo")
    sound, environment = None, of_a_new_user(folder)
    options = ["--headless", "--json", "--folder", str(folder / "run")]
    if sys.platform == "linux" and shutil.which("aplay"):
        sound = plug_in(folder / "asound.conf")
        environment["ALSA_CONFIG_PATH"] = str(folder / "asound.conf")
    else:
        options.append("--no-sound")
    command = [sys.executable, "-m", "patrol_anpr", "demo", *options]
    watch = Watch(folder / "trace", Path.cwd()) if can_watch() else None
    ran = subprocess.run(
        watch.command(command) if watch else command,
        env=environment,
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    lines: dict[str, list[dict[str, Any]]] = {"start": [], "read": [], "hit": [], "summary": [], "shift": []}
    for line in map(json.loads, ran.stdout.splitlines()):
        lines[line["kind"]].append(line)
    print(lines["start"], lines["summary"], lines["shift"])  # the figures of this machine, for whoever runs with -s
    return Demo(folder / "run", lines, ran.stderr, sound, watch)


def of_a_new_user(folder: Path) -> dict[str, str]:
    """An environment with a home, a temporary folder and a runtime folder of its own, all empty."""
    places = {"HOME": "home", "TMPDIR": "tmp", "XDG_RUNTIME_DIR": "runtime"}
    for name in places.values():
        (folder / name).mkdir(mode=0o700)
    kept = {name: text for name, text in os.environ.items() if not name.startswith("XDG_")}
    ours = {name: str(folder / place) for name, place in places.items()}
    return kept | ours | {"PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="module")
def truth() -> dict[str, str]:
    """The VRM of each vehicle that drives by, and its video."""
    vehicles = json.loads((DEMO / "drive.json").read_text(encoding="utf-8"))["vehicles"]
    return {vehicle["vrm"]: vehicle["file"] for vehicle in vehicles}


@pytest.fixture(scope="module")
def held(demo: Demo) -> Held:
    return Held.of(demo.folder / "depot")


def test_every_vehicle_gets_exactly_one_read(demo: Demo, truth: dict[str, str]) -> None:
    assert sum(demo.reads.values()) == len(truth)
    assert set(demo.reads.values()) == {1}


def test_all_right_by_day(demo: Demo, truth: dict[str, str]) -> None:
    by_day = {vrm for vrm, file in truth.items() if "day" in file}
    assert by_day - set(demo.reads) == set()


def test_each_hit_has_its_tier_and_kind_and_no_other_is_raised(demo: Demo) -> None:
    raised = {line["vrm"]: (line["listed"], Tier(line["tier"]), MatchKind(line["match"])) for line in demo.lines["hit"]}
    assert raised == HITS
    assert len(demo.lines["hit"]) == len(HITS)


def test_a_weeded_entry_gives_no_hit(demo: Demo) -> None:
    assert demo.reads[WEEDED] == 1
    assert WEEDED not in {line["vrm"] for line in demo.lines["hit"]}


def test_how_long_the_start_took_is_said(demo: Demo) -> None:
    """The bound of 10 s is not asked for here: each system call of this run is watched."""
    [start] = demo.lines["start"]
    assert 0 < start["lists_seconds"] <= start["frame_seconds"] < 60


def test_no_frame_was_skipped_and_the_latencies_were_measured(demo: Demo) -> None:
    [summary] = demo.lines["summary"]
    frames = json.loads((DEMO / "drive.json").read_text(encoding="utf-8"))["frames"]
    assert summary["frames_offered"] == summary["frames_processed"] == sum(frames.values())
    assert summary["frames_skipped"] == 0
    assert (summary["reads"], summary["hits"]) == (len(demo.lines["read"]), len(HITS))
    assert 0 < summary["latency_p50_ms"] <= summary["latency_p99_ms"]
    assert summary["memory_mb"] > 0


def test_the_shift_summary_counts_what_the_crew_saw_and_nothing_waits(demo: Demo, truth: dict[str, str]) -> None:
    seen = [(tier, kind) for _, tier, kind in HITS.values() if tier is not Tier.SILENT]
    confirmed = sum(kind is EXACT for _, kind in seen)
    [shift] = demo.lines["shift"]
    assert shift == {
        "kind": "shift",
        "reads": len(truth),
        "hits": len(seen),
        "confirmed": confirmed,
        "dismissed": len(seen) - confirmed,
        "unresolved": 0,
        "waiting": 0,
    }


def test_the_depot_holds_exactly_the_reads_and_hits_with_their_pictures(demo: Demo, held: Held) -> None:
    held.assert_sound()
    assert Counter(read.vrm for read in held.reads) == demo.reads
    by_id = {read.read_id: read.vrm for read in held.reads}
    assert {by_id[hit.read_id]: (hit.listed_vrm, hit.tier, hit.kind) for hit in held.hits} == HITS
    assert len(held.hits) == len(HITS)
    names = {digest for read in held.reads for digest in (read.patch_sha256, read.overview_sha256)}
    assert held.pictures == names
    assert len({read.patch_sha256 for read in held.reads}) == len(held.reads)
    # Two vehicles read in one frame share its overview.
    assert len({read.overview_sha256 for read in held.reads}) == len({read.captured_at for read in held.reads})


def test_the_depot_holds_every_outcome_and_the_silent_hit_was_shown_to_nobody(held: Held) -> None:
    outcomes = {one.hit_id: one for one in held.payloads[Kind.OUTCOME] if isinstance(one, OutcomePayload)}
    assert len(outcomes) == len(held.payloads[Kind.OUTCOME])
    for hit in held.hits:
        if hit.tier is Tier.SILENT:
            assert hit.hit_id not in outcomes
        elif hit.kind is EXACT:
            said = outcomes[hit.hit_id]
            assert (said.state, said.looked, said.disposition) == (HitState.ACTIONED, False, None)
        else:
            said = outcomes[hit.hit_id]
            assert (said.state, said.verification) == (HitState.DISMISSED, Verification.MISREAD)


def test_the_depot_holds_one_shift_with_its_end_and_every_read_belongs_to_it(held: Held) -> None:
    started, ended = (one for one in held.payloads[Kind.SHIFT] if isinstance(one, ShiftPayload))
    assert started.shift_id == ended.shift_id
    assert started.ended_at is None
    assert ended.ended_at is not None
    assert {read.shift_id for read in held.reads} == {started.shift_id}
    assert {read.officer_id for read in held.reads} == {started.officer_id}
    audits = [one for one in held.payloads[Kind.AUDIT] if isinstance(one, AuditPayload)]
    assert [audit.seq for audit in audits] == list(range(1, len(audits) + 1))
    assert {"sign_on", "sign_off"} <= {audit.action for audit in audits}


def test_after_the_sign_off_the_cars_own_records_open_to_the_depot_alone(demo: Demo, held: Held) -> None:
    [shift] = (one for one in (demo.folder / "records" / "shifts").iterdir() if one.is_dir())
    assert not (shift / PIN_WRAP).exists()
    keys = RecordKeys.opened((shift / DEPOT_WRAP).read_bytes(), DepotKeys(demo.folder / "depot").sealing)
    connection = sqlcipher3.connect(str(shift / DATABASE))
    with closing(connection):
        connection.execute(f"PRAGMA key = \"x'{keys.database}'\"")
        kept = dict(connection.execute("SELECT read_id, vrm FROM reads").fetchall())
    assert kept == {read.read_id: read.vrm for read in held.reads}


def test_hits_were_heard(demo: Demo) -> None:
    if demo.sound is None:
        pytest.skip("needs aplay to play into a file")
    assert demo.sound.seconds > 1
    assert "No sound" not in demo.complaints


def test_nobody_outside_this_machine_is_spoken_to_and_no_name_is_looked_up(demo: Demo) -> None:
    if demo.watch is None:
        pytest.skip("needs strace, and leave to use it")
    assert demo.watch.addresses() == set()
    assert demo.watch.looked_up_names() == set()


def test_nothing_is_written_outside_our_own_folders(demo: Demo) -> None:
    if demo.watch is None:
        pytest.skip("needs strace, and leave to use it")
    folder = demo.folder.parent
    heard = folder / "heard.raw"  # the loudspeaker of this test
    of_the_sound_system = folder / "runtime" / "pulse"
    outside = demo.watch.changed_outside(demo.folder, heard, of_the_sound_system)
    assert {path for path in outside if not path.startswith(str(folder / "tmp" / "patrol-anpr-"))} == set()
    assert not any((folder / "home").iterdir())

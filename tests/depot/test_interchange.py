"""Reads for the national system: their fields and limits, and that each arrives once, whatever breaks off when."""

import hashlib
import json
import multiprocessing
import os
import signal
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from patrol_anpr.commands.depot_national import send_national
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.epoch import begin_epoch
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.interchange import sending
from patrol_anpr.depot.interchange.adapter import AdapterFault, Batch
from patrol_anpr.depot.interchange.national import LeftOut, record_of, why_left_out
from patrol_anpr.depot.interchange.sending import FIRST_WAIT, Sent, progress_of, send_reads
from patrol_anpr.depot.interchange.spool import RECORDS, SUMS, Spool
from patrol_anpr.depot.items import SETTLED
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.tables import audit
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.read import ENTERED
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.pack import Pack, read_pack
from patrol_anpr.wire.payloads import HitPayload, Motion, ReadPayload, sha256_of
from tests.depot.postgresql import on_both

AT = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
LATER = AT + SETTLED + timedelta(seconds=1)


def jpeg(width: int, height: int, quality: int = 80, seed: int = 0) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return cv2.imencode(".jpg", noise, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


PATCH, OVERVIEW = jpeg(60, 20), jpeg(100, 60)


def read(number: int, **changes: object) -> ReadPayload:
    said = {
        "vrm": f"AB{number % 100:02}CDE",
        "captured_at": AT - timedelta(minutes=5) + timedelta(milliseconds=number),
        "feed_id": "FEED",
        "source_id": "TA14",
        "camera_id": "front",
        "latitude": 53.7,
        "longitude": -4.0,
        "confidence": 97,
        "motion": Motion.AWAY,
        "patch_sha256": sha256_of(PATCH),
        "overview_sha256": sha256_of(OVERVIEW),
        "read_id": f"r{number}",
        "first_seen": AT,
        "last_seen": AT,
        "box": (1.0, 2.0, 3.0, 4.0),
    }
    return ReadPayload.model_validate(said | changes)


def arrive(folder: Path, *items: OutboxItem, at: datetime = AT) -> None:
    """Take records in as the service does."""
    pack = Pack.of("TA14", items)
    with closing(DepotDatabase(folder, Role.INGEST)) as database:
        Ingest(database, pictures_in(folder, database), 2**20).take("TA14", read_pack(pack.piece(0, pack.size)), at)


def item(payload: ReadPayload, *pictures: bytes) -> OutboxItem:
    pictures = pictures or (PATCH, OVERVIEW)
    named = tuple((f"p{place}", one) for place, one in enumerate(pictures))
    return OutboxItem.of(f"read:{payload.read_id}", payload, named)


def send(folder: Path, adapter, now: datetime = LATER, feed_id: str = "") -> Sent:
    with closing(DepotDatabase(folder, Role.INTERCHANGE)) as database:
        return send_reads(database, pictures_in(folder, database), adapter, feed_id, lambda: now)


def arrived(spool: Path) -> list[str]:
    """The ids of all records in a spool folder, each batch checked against its sums."""
    found = []
    for batch in sorted(spool.iterdir()):
        sums = dict(reversed(line.split("  ")) for line in (batch / SUMS).read_text().splitlines())
        assert {file.name for file in batch.iterdir()} == {*sums, SUMS}
        assert all(hashlib.sha256((batch / name).read_bytes()).hexdigest() == digest for name, digest in sums.items())
        found += [json.loads(line)["record_id"] for line in (batch / RECORDS).read_text().splitlines()]
    return found


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    made = tmp_path / "spool"
    made.mkdir()
    return made


@on_both
def test_a_read_goes_out_with_the_fields_of_the_national_record_and_nothing_else(folder: Path, spool: Path) -> None:
    hit = HitPayload(
        hit_id="h1", read_id="r1", raised_at=AT, kind="exact", tier=4, listed_vrm="AB01CDE", list_id="covert",
        list_revision=1, reason="OBSERVE ONLY",
    )  # fmt: skip
    arrive(folder, item(read(1)), OutboxItem.of("hit:h1", hit))
    assert send(folder, Spool(spool)) == Sent(batches=1, reads=1)
    (batch,) = spool.iterdir()
    assert json.loads((batch / RECORDS).read_text()) == {
        "record_id": "TA14:r1",
        "vrm": "AB01CDE",
        "captured_at": "2026-11-30T11:55:00.001Z",
        "feed_id": "FEED",
        "source_id": "TA14",
        "camera_id": "front",
        "latitude": 53.7,
        "longitude": -4.0,
        "confidence": 97,
        "motion": "away",
        "patch": f"{sha256_of(PATCH)}.jpg",
        "overview": f"{sha256_of(OVERVIEW)}.jpg",
    }
    assert (batch / f"{sha256_of(PATCH)}.jpg").read_bytes() == PATCH
    assert "OBSERVE" not in "".join(file.read_text(errors="replace") for file in batch.iterdir())
    assert send(folder, Spool(spool)) == Sent(), "each once"
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database, database.reading() as connection:
        rows = connection.execute(select(audit.c.action, audit.c.object_id, audit.c.reason)).all()
    assert ("reads disclosed", batch.name, "1 by spool") in [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("patch", "taken"),
    [(jpeg(120, 60, 100), True), (jpeg(30, 30, 95), True), (jpeg(121, 60, 100), False), (b"\xff" * 4000, False)],
)
def test_a_patch_is_small_in_bytes_or_in_pixels(patch: bytes, taken: bool) -> None:
    payload = read(1, patch_sha256=sha256_of(patch), overview_sha256=None)
    record, without = record_of("TA14", payload, "", {sha256_of(patch): patch})
    assert (record.patch == patch, without) == (taken, [] if taken else [LeftOut.TOO_LARGE])


def test_an_overview_beyond_the_limit_or_gone_is_left_out_and_told() -> None:
    large = jpeg(400, 300, 95)
    payload = read(1, overview_sha256=sha256_of(large))
    record, without = record_of("TA14", payload, "", {sha256_of(large): large})
    assert (record.patch, record.overview, without) == (None, None, [LeftOut.GONE, LeftOut.TOO_LARGE])


def test_what_no_camera_read_and_what_names_no_feed_is_left_out() -> None:
    assert why_left_out(read(1, camera_id=ENTERED), "FEED") is LeftOut.ENTERED
    assert why_left_out(read(1, feed_id=""), "") is LeftOut.NO_FEED
    assert why_left_out(read(1, feed_id=""), "FORCE") is None
    assert record_of("TA14", read(1, feed_id=""), "FORCE", {})[0].feed_id == "FORCE"


def test_the_left_out_are_counted(folder: Path, spool: Path) -> None:
    by_hand = read(2, camera_id=ENTERED, patch_sha256=None, overview_sha256=None)
    arrive(folder, item(read(1)), OutboxItem.of("read:r2", by_hand), item(read(3, feed_id="")))
    sent = send(folder, Spool(spool))
    assert (sent.reads, dict(sent.left_out)) == (1, {LeftOut.ENTERED: 1, LeftOut.NO_FEED: 1})
    with closing(DepotDatabase(folder)) as database:
        progress = progress_of(database, "spool", LATER)
    assert (progress.sent, progress.left_out, progress.waiting) == (1, 2, 0)


def test_the_newest_wait_until_those_before_them_must_be_there(folder: Path, spool: Path) -> None:
    arrive(folder, item(read(1)))
    arrive(folder, item(read(2)), at=AT + timedelta(minutes=10))
    assert send(folder, Spool(spool), AT + timedelta(minutes=14)).reads == 0
    assert send(folder, Spool(spool), LATER).reads == 1
    assert send(folder, Spool(spool), LATER + timedelta(minutes=10)).reads == 1
    assert arrived(spool) == ["TA14:r1", "TA14:r2"]


class Ends(BaseException):
    """The program ends here, as by a power cut: nothing after it is done."""


class Faulty(Spool):
    """Ends, or fails, where its script says: before a batch, in the middle of it, or after it."""

    def __init__(self, folder: Path, script: list[str]) -> None:
        super().__init__(folder)
        self._script = script

    def send(self, batch: Batch) -> None:
        step = self._script.pop(0) if self._script else ""
        if step == "before":
            raise Ends
        if step == "fails":
            raise AdapterFault("the other side is away. Wait.")
        if step == "in the middle":
            half = self._folder / f"{batch.name}.0000.part"
            half.mkdir(exist_ok=True)
            (half / RECORDS).write_text("half")
            raise Ends
        super().send(batch)
        if step == "after":
            raise Ends


@pytest.fixture(scope="module")
def long_lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[str]]:
    """A depot and a spool folder for many scripts, one after another, and what must have arrived by now."""
    folder = tmp_path_factory.mktemp("x")
    (folder / "spool").mkdir()
    return folder / "depot", folder / "spool", []


@settings(max_examples=10, deadline=None)
@given(
    script=st.lists(st.sampled_from(["before", "fails", "in the middle", "after", ""]), max_size=6),
    more=st.lists(st.integers(0, 4), min_size=1, max_size=3),
)
def test_each_read_arrives_once_whatever_breaks_off_when(long_lived, script: list[str], more: list[int]) -> None:
    folder, spool, expected = long_lived
    adapter = Faulty(spool, list(script))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "BATCH", 2)
        for count in more:
            numbers = range(len(expected), len(expected) + count)
            if count:
                arrive(folder, *(item(read(number)) for number in numbers))
            expected += [f"TA14:r{number}" for number in numbers]
            with suppress(Ends, AdapterFault):
                send(folder, adapter)
        send(folder, Spool(spool))
    assert arrived(spool) == expected


def _killed(folder: Path, spool: Path) -> None:
    class Kills(Spool):
        def send(self, batch: Batch) -> None:
            super().send(batch)
            os.kill(os.getpid(), signal.SIGKILL)

    send(folder, Kills(spool))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal")
def test_a_killed_process_loses_nothing_and_sends_nothing_twice(folder: Path, spool: Path) -> None:
    arrive(folder, *(item(read(number)) for number in range(5)))
    process = multiprocessing.get_context("spawn").Process(target=_killed, args=(folder, spool))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    arrive(folder, item(read(5)), at=AT + timedelta(seconds=1))
    send(folder, Spool(spool))
    assert arrived(spool) == [f"TA14:r{number}" for number in range(6)]


def test_a_restored_depot_does_not_take_new_reads_for_those_that_had_their_numbers(folder: Path, spool: Path) -> None:
    arrive(folder, item(read(1)))
    send(folder, Spool(spool))
    with closing(DepotDatabase(folder)) as database, database.writing() as connection:
        begin_epoch(connection, LATER)
        connection.execute(update(sending.national_sending).values(seq=0))
    send(folder, Spool(spool))
    assert len(list(spool.iterdir())) == 2


def test_a_batch_that_somebody_changed_is_told(folder: Path, spool: Path) -> None:
    batch = Batch("reads-1-1-1", (record_of("TA14", read(1), "", {})[0],))
    Spool(spool).send(batch)
    Spool(spool).send(batch)
    (spool / batch.name / RECORDS).write_text("else")
    with pytest.raises(AdapterFault, match="not what was written"):
        Spool(spool).send(replace(batch, records=()))


def settings_file(folder: Path, text: str) -> None:
    (folder / "depot.toml").touch(mode=0o600)
    (folder / "depot.toml").write_text(text, encoding="utf-8")


def test_a_failing_adapter_is_loud_and_tried_again_later_and_later(folder: Path, tmp_path: Path, capsys) -> None:
    arrive(folder, item(read(1)))
    away = tmp_path / "mount"
    settings_file(folder, f"[national]\nspool = '{away}'\n")
    assert send_national(folder, only_show=False, now_at_once=False, now=LATER) == 1
    assert "The spool folder is not there." in capsys.readouterr().err
    assert send_national(folder, only_show=False, now_at_once=False, now=LATER + FIRST_WAIT / 2) == 1
    assert "Tried once in vain" in capsys.readouterr().err
    assert send_national(folder, only_show=False, now_at_once=True, now=LATER + FIRST_WAIT / 2) == 1
    assert send_national(folder, only_show=True, now_at_once=False, now=LATER) == 1
    said = capsys.readouterr()
    assert "Waiting: 1." in said.out
    assert "Tried 2 times in vain; the next try is at 2026-11-30 12:17 UTC." in said.err
    away.mkdir()
    assert send_national(folder, only_show=False, now_at_once=False, now=LATER + FIRST_WAIT * 3) == 0
    assert "Reads handed over: 1, in 1 batches." in capsys.readouterr().out
    assert send_national(folder, only_show=True, now_at_once=False, now=LATER) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "no \\[national\\]"), ("[national]\nfeed_id = 'X'\n", "needs a spool"), ("[national]\nto = 'X'\n", "has to")],
)
def test_without_a_spool_folder_it_says_what_to_do(folder: Path, text: str, said: str) -> None:
    DepotDatabase(folder).close()
    settings_file(folder, text)
    with pytest.raises(BadInput, match=said):
        send_national(folder, only_show=False, now_at_once=False)

"""What is told the depot of each record: every Read, hit and outcome comes out at the other end as it went in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.audit import FIRST_PREV, AuditRow
from patrol_anpr.domain.disposition import BUILT_IN, Disposition, as_recorded
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.hit import CANNOT_TELL, ControlAnswer, Hit, HitState, MatchKind, Outcome, Override, Verification
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.plate import Box, PlateColour
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import Crew, Shift
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.payloads import (
    AuditPayload,
    HitPayload,
    Kind,
    Motion,
    OutcomePayload,
    Payload,
    ReadPayload,
    ShiftPayload,
    payload_of,
    sha256_of,
)
from patrol_anpr.wire.records import Origin, audit_item, hit_item, outcome_item, read_item, shift_item, shift_item_id
from tests.made import NOW, a_hit, a_match, a_read

PICTURES = Evidence(patch=b"\xff\xd8patch\xff\xd9", overview=b"\xff\xd8overview\xff\xd9")
ORIGIN = Origin(feed_id="42", source_id="TA14", software="patrol-anpr 0.1.0")
SHIFT = Shift("shift-1", "4821", "TA14", Crew.SINGLE, NOW)

vrms = st.text("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", min_size=1, max_size=12)
ids = st.uuids().map(str)
moments = st.floats(1_577_836_800, 2_208_988_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
shares = st.floats(0, 1)
numbers = st.floats(-1000, 1000)
words = st.text(max_size=2000)
fixes = st.builds(
    Fix,
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    at_monotonic=numbers,
    at_utc=moments,
    speed=st.none() | st.floats(0, 100),
    heading=st.none() | st.floats(0, 360),
)


@st.composite
def reads(draw: st.DrawFn) -> Read:
    vrm = draw(vrms)
    return a_read(
        vrm,
        read_id=draw(ids),
        confidence=draw(st.integers(0, 100)),
        chars=tuple(draw(st.lists(shares, min_size=len(vrm), max_size=len(vrm)))),
        camera_id=draw(words),
        captured_at=draw(moments),
        first_seen=draw(moments),
        last_seen=draw(moments),
        frames=draw(st.integers(0, 10_000)),
        box=Box(*draw(st.tuples(numbers, numbers, numbers, numbers))),
        colour=draw(st.sampled_from(PlateColour)),
        candidates=tuple(draw(st.lists(words, max_size=5))),
        format_flag=draw(words),
        models=draw(words),
        fix=draw(st.none() | fixes),
        fix_age=draw(st.none() | numbers),
        clock_source=draw(words),
        clock_offset=draw(st.none() | numbers),
        lists=tuple(draw(st.lists(st.tuples(st.just("metro"), st.integers(0, 999)), max_size=3))),
    )


def arrived(item: OutboxItem) -> Payload:
    """The payload as the depot takes it in: parsed from its bytes, and checked against its hash."""
    payload = payload_of(item.kind, item.payload)
    assert sha256_of(item.payload) == item.sha256
    return payload


@given(reads())
def test_every_read_arrives_as_it_was_made(read: Read) -> None:
    payload = arrived(read_item(read, PICTURES, "shift-1", "4821", ORIGIN))
    assert isinstance(payload, ReadPayload)
    assert (payload.vrm, payload.read_id, payload.confidence) == (read.vrm, read.read_id, read.confidence)
    assert (payload.chars, payload.frames, payload.colour) == (read.chars, read.frames, read.colour)
    assert (payload.first_seen, payload.last_seen) == (read.first_seen, read.last_seen)
    assert payload.box == (read.box.x1, read.box.y1, read.box.x2, read.box.y2)
    assert (payload.shift_id, payload.officer_id) == ("shift-1", "4821")
    assert (payload.feed_id, payload.source_id, payload.software) == ("42", "TA14", "patrol-anpr 0.1.0")
    assert [(held.list_id, held.revision) for held in payload.lists] == list(read.lists)
    assert (payload.clock_offset, payload.fix_age) == (read.clock_offset, read.fix_age)
    assert (payload.latitude is None) == (read.fix is None)
    if read.fix is not None:
        place = (payload.latitude, payload.longitude, payload.speed, payload.heading)
        assert place == (read.fix.latitude, read.fix.longitude, read.fix.speed, read.fix.heading)


@given(reads())
def test_the_time_of_a_read_has_the_milliseconds_of_the_national_record(read: Read) -> None:
    payload = arrived(read_item(read, PICTURES, None, None, ORIGIN))
    assert isinstance(payload, ReadPayload)
    assert payload.captured_at.microsecond % 1000 == 0
    assert timedelta(0) <= read.captured_at - payload.captured_at < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("colour", "motion"),
    [
        (PlateColour.WHITE, Motion.TOWARD),
        (PlateColour.YELLOW, Motion.AWAY),
        (PlateColour.UNKNOWN, Motion.UNKNOWN),
    ],
)
def test_white_is_the_front_and_yellow_the_rear_plate(colour: PlateColour, motion: Motion) -> None:
    payload = arrived(read_item(a_read(colour=colour), PICTURES, None, None, ORIGIN))
    assert isinstance(payload, ReadPayload)
    assert payload.motion is motion


@pytest.mark.parametrize(
    ("small", "named"),
    [
        (PICTURES, ["patch", "overview"]),
        (replace(PICTURES, overview=b""), ["patch"]),
        (Evidence(b"", b""), []),
    ],
)
def test_a_read_names_the_pictures_it_has_and_no_others(small: Evidence, named: list[str]) -> None:
    item = read_item(a_read(), small, None, None, ORIGIN)
    payload = arrived(item)
    assert isinstance(payload, ReadPayload)
    assert [name for name, _ in item.pictures] == named
    hashes = {"patch": payload.patch_sha256, "overview": payload.overview_sha256}
    for name, jpeg in (("patch", small.patch), ("overview", small.overview)):
        assert hashes[name] == (sha256_of(jpeg) if jpeg else None)


def test_what_is_too_long_for_the_wire_is_cut_and_not_refused() -> None:
    long = a_read(
        camera_id="c" * 500, models="m" * 5000, format_flag="f" * 500, candidates=tuple("x" * 90 for _ in range(300))
    )
    payload = arrived(read_item(long, PICTURES, None, None, replace(ORIGIN, software="s" * 500)))
    assert isinstance(payload, ReadPayload)
    assert (len(payload.camera_id), len(payload.models), len(payload.software)) == (120, 1000, 120)
    assert (len(payload.candidates), len(payload.candidates[0])) == (200, 40)


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("kind", MatchKind)
def test_a_hit_arrives_with_what_the_list_said(tier: Tier, kind: MatchKind) -> None:
    hit = a_hit(tier=tier, kind=kind)
    item = hit_item(hit)
    payload = arrived(item)
    assert isinstance(payload, HitPayload)
    assert item.kind is Kind.HIT
    assert (payload.hit_id, payload.read_id, payload.shift_id) == (hit.hit_id, hit.read.read_id, hit.shift_id)
    assert (payload.kind, payload.tier, payload.differing) == (kind, tier, hit.match.differing)
    assert (payload.listed_vrm, payload.reason, payload.action) == ("AB12CDE", "Stolen", "STOP")
    assert (payload.list_id, payload.list_revision) == ("metro", 3)


def test_a_listed_vrm_that_is_no_mark_is_normalised_and_cut() -> None:
    match = a_match()
    odd = replace(match, voi=replace(match.voi, vrm="ab 12-cde/xyz 99 abc"))
    payload = arrived(hit_item(replace(a_hit(), match=odd)))
    assert isinstance(payload, HitPayload)
    assert payload.listed_vrm == "AB12CDEXYZ99"


@given(
    state=st.sampled_from(HitState),
    verification=st.none() | st.sampled_from(Verification),
    disposition=st.none() | st.sampled_from(BUILT_IN),
    corrected=st.none() | vrms,
    undone=st.booleans(),
    at=moments,
    looked=st.booleans(),
    choice=st.sampled_from(["", "8", CANNOT_TELL]),
    control=st.none() | st.sampled_from(ControlAnswer),
    override=st.none() | st.sampled_from(Override),
)
def test_every_outcome_arrives_as_it_was_said(
    state: HitState,
    verification: Verification | None,
    disposition: Disposition | None,
    corrected: str | None,
    undone: bool,
    at: datetime,
    looked: bool,
    choice: str,
    control: ControlAnswer | None,
    override: Override | None,
) -> None:
    outcome = Outcome("outcome-1", "hit-1", "4821", at, state, verification, disposition, corrected, undone)
    outcome = replace(outcome, looked=looked, look_choice=choice, control=control, override=override)
    payload = arrived(outcome_item(outcome))
    assert isinstance(payload, OutcomePayload)
    told = payload.model_dump()
    done = as_recorded(told.pop("disposition"), told.pop("disposition_word") or None, told.pop("disposition_kind"))
    assert Outcome(**told, disposition=done) == outcome


@pytest.mark.parametrize("crew", Crew)
def test_a_shift_is_told_twice_under_two_names(crew: Crew) -> None:
    begun = replace(SHIFT, crew=crew)
    ended = replace(begun, ended_at=NOW + timedelta(hours=8))
    first, last = shift_item(begun), shift_item(ended)
    assert (first.item_id, last.item_id) == ("shift:shift-1:start", "shift:shift-1:end")
    assert (shift_item_id(begun), shift_item_id(ended)) == (first.item_id, last.item_id)
    for item, shift in ((first, begun), (last, ended)):
        payload = arrived(item)
        assert isinstance(payload, ShiftPayload)
        assert Shift(**payload.model_dump()) == shift


def test_long_words_of_an_audit_row_travel_whole_too() -> None:
    row = AuditRow(7, "entry-1", "boot-1", NOW, 12.5, "4821", "sign_on", "shift-1", "r" * 3000, FIRST_PREV).seal()
    payload = arrived(audit_item(row))
    assert isinstance(payload, AuditPayload)
    assert payload.row() == row


def test_items_of_one_record_have_one_name_and_one_hash_each_time() -> None:
    """A restart must not make a second item of a Read that is there."""
    read, hit = a_read(read_id="read-1"), a_hit()
    assert read_item(read, PICTURES, None, None, ORIGIN) == read_item(read, PICTURES, None, None, ORIGIN)
    assert hit_item(hit) == hit_item(replace(hit, state=HitState.ACTIONED))


@pytest.mark.parametrize("vrm", ["", "ab12cde", "AB 12", "A" * 13, "ÄB12"])
def test_a_vrm_that_is_none_does_not_fit_the_wire(vrm: str) -> None:
    with pytest.raises(ValueError, match="vrm"):
        read_item(a_read(vrm, chars=()), PICTURES, None, None, ORIGIN)


def test_hits_of_silent_lists_travel_like_all_others() -> None:
    hit: Hit = a_hit(tier=Tier.SILENT)
    payload = arrived(hit_item(hit))
    assert isinstance(payload, HitPayload)
    assert payload.tier is Tier.SILENT


@given(
    at=moments,
    monotonic=st.floats(0, 1e9),
    reason=st.text(max_size=50),
)
def test_a_sealed_row_travels_whole(at: datetime, monotonic: float, reason: str) -> None:
    """The depot can put the row together again, and its seal fits."""
    row = AuditRow(7, "entry-1", "boot-1", at, monotonic, "4821", "hit.confirmed", "hit-1", reason, "0" * 64).seal()
    got = arrived(audit_item(row))
    assert isinstance(got, AuditPayload)
    assert got.row() == row

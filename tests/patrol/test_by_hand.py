"""What an officer adds by hand and looks for, through the session: in whose name, audited, matched at once."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from patrol_anpr.domain.by_hand import Lifetime, VoiWish
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.events import Event, HitRaised, OwnListChanged, ReadCorrected, ReadMade
from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Evidence
from patrol_anpr.domain.shift import NO_ONE, Crew
from patrol_anpr.patrol.patrol import Parts, Patrol
from patrol_anpr.patrol.shifts import Session
from tests.conftest import FakeClock
from tests.fakes import FakeAlerting, FakeMatching, FakeOwnList, FakeRecording, FakeShelf
from tests.made import EVIDENCE, a_hotlist, a_match, a_read

OFFICER = "LOCAL"
PATIENCE = 10


class Car:
    """A Patrol with fakes around it, signed on."""

    def __init__(self, clock: FakeClock) -> None:
        self.story: list[object] = []
        self.clock = clock
        self.matching = FakeMatching({"AB12CDE": [a_match()]}, [a_hotlist()])
        self.alerting, self.recording = FakeAlerting(self.story), FakeRecording(self.story)
        self.own = FakeOwnList()
        self.events: list[Event] = []
        self.patrol = Patrol(
            Parts(
                self.matching,
                self.alerting,
                self.recording,
                clock,
                shelf=FakeShelf(),
                own_list=self.own,
                unit="TA14",
                list_amber_after=timedelta(hours=12),
                keep_days=7,
            )
        )
        self.patrol.subscribe(self.events.append)
        self.session = self.sign_on()

    def sign_on(self) -> Session:
        return self.patrol.sign_on(OFFICER, "", "TA14", Crew.SINGLE).result(PATIENCE)

    def told(self, kind: type) -> Sequence[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def rows(self, *actions: str) -> list[tuple[str, str, str, str]]:
        return [row for row in self.recording.audited if row[1] in actions]


@pytest.fixture
def car(clock: FakeClock) -> Iterator[Car]:
    car = Car(clock)
    yield car
    car.patrol.close()


def a_wish(**changes: object) -> VoiWish:
    wish = {"vrm": "lm19 xyz", "reason": " Drove  off ", "tier": Tier.PRIORITY, "lifetime": Lifetime.DAY}
    return VoiWish(**(wish | changes))  # type: ignore[arg-type]


# Corrections


def test_a_correction_is_kept_audited_told_and_matched_at_once(car: Car) -> None:
    read = a_read("AB12COE")
    car.patrol.read_made(read, EVIDENCE)
    car.story.clear()
    correction = car.session.correct_read(read, "ab12 cde").result(PATIENCE)
    assert (correction.read_id, correction.officer_id, correction.vrm) == (read.read_id, OFFICER, "AB12CDE")
    assert [kept for kept, _ in car.recording.kept_corrections] == [correction]
    assert car.rows("read_corrected") == [(OFFICER, "read_corrected", read.read_id, "")]
    assert car.told(ReadCorrected) == [ReadCorrected(read, correction)]
    (raised,) = car.told(HitRaised)
    assert isinstance(raised, HitRaised)
    assert (raised.hit.vrm, raised.hit.read, raised.evidence) == ("AB12CDE", read, EVIDENCE)
    assert raised.hit.past, "the camera saw it when the read was made, however long ago"
    assert car.story == [("sound", read.read_id), ("record hits", (raised.hit.hit_id,))]  # sounded first
    car.session.confirm(raised.hit.hit_id)
    assert car.recording.reads[0][0].vrm == "AB12COE"
    assert car.patrol.summary().reads == 1  # type: ignore[union-attr]


@pytest.mark.parametrize("entered", ["", "AB12COE", "ab12 coe", "A" * 13])
def test_no_correction_is_a_sentence(car: Car, entered: str) -> None:
    read = a_read("AB12COE")
    with pytest.raises(BadInput, match="nter"):
        car.session.correct_read(read, entered)
    assert car.recording.kept_corrections == []


def test_a_read_of_another_shift_is_not_corrected(car: Car) -> None:
    with pytest.raises(BadInput, match="another shift"):
        car.session.correct_read(a_read(), "LM19XYZ").result(PATIENCE)
    assert (car.recording.kept_corrections, car.told(ReadCorrected)) == ([], [])


# Entered marks


def test_an_entered_mark_is_a_read_without_a_picture_that_says_so(car: Car) -> None:
    (hit,) = car.session.enter("ab12 cde").result(PATIENCE)
    ((read, evidence, hits, _),) = car.recording.reads
    assert hit.read is read
    assert list(hits) == [hit]
    assert (read.vrm, read.is_entered, read.frames, evidence) == ("AB12CDE", True, 0, Evidence(b"", b""))
    assert car.rows("mark_entered") == [
        (OFFICER, "mark_entered", read.read_id, "")
    ]  # no row of the trail keeps the mark
    assert car.story[:2] == [("sound", read.read_id), ("record", read.read_id)]
    assert [type(event) for event in car.events if isinstance(event, ReadMade | HitRaised)] == [ReadMade, HitRaised]
    assert not hit.is_here


def test_a_vehicle_that_a_camera_sees_is_not_decided_about_with_a_mark_that_was_entered(car: Car) -> None:
    (entered,) = car.session.enter("ab12 cde").result(PATIENCE)
    (seen,) = car.patrol.read_made(a_read("AB12CDE"), EVIDENCE)
    car.session.confirm(entered.hit_id)
    assert [hit.hit_id for hit, _ in car.patrol.open_hits()] == [seen.hit_id]


def test_a_silent_entry_does_not_show_by_what_an_entered_mark_brings(car: Car) -> None:
    car.matching.matches["LM19XYZ"] = [a_match("LM19XYZ", Tier.SILENT)]
    answers = [car.session.enter(vrm).result(PATIENCE) for vrm in ("LM19XYZ", "SC15GZE")]
    assert answers == [[], []]
    assert len(car.recording.reads) == 2  # listed or not, an entered mark is a Read
    looked_up = [car.patrol.search.look_up(vrm).result(PATIENCE).matches for vrm in ("LM19XYZ", "SC15GZE")]
    assert looked_up == [(), ()]


def test_no_mark_is_a_sentence(car: Car) -> None:
    with pytest.raises(BadInput, match="letters and digits"):
        car.session.enter("--")
    assert car.recording.reads == []


# The car's own list


def test_an_entry_is_put_in_force_recorded_audited_and_told(car: Car) -> None:
    entry = car.session.make_voi(a_wish(read_id="read-1")).result(PATIENCE)
    assert (entry.vrm, entry.reason, entry.officer_id, entry.read_id) == ("LM19XYZ", "Drove off", OFFICER, "read-1")
    assert entry.expires_at - entry.made_at == timedelta(days=1)
    assert car.own.kept == [entry]
    assert car.recording.vois == [(entry, None)]
    assert car.rows("voi_made") == [(OFFICER, "voi_made", entry.voi_id, "Drove off")]
    assert car.told(OwnListChanged) == [OwnListChanged((entry,))]
    assert car.patrol.search.own_entries == (entry,)


def test_an_entry_is_withdrawn(car: Car) -> None:
    entry = car.session.make_voi(a_wish()).result(PATIENCE)
    assert car.session.withdraw_voi(entry.voi_id).result(PATIENCE) == entry
    assert car.own.kept == []
    assert car.recording.vois[-1] == (entry, car.clock.utc())
    assert car.rows("voi_withdrawn") == [(OFFICER, "voi_withdrawn", entry.voi_id, "")]
    with pytest.raises(BadInput, match="not in force"):
        car.session.withdraw_voi(entry.voi_id).result(PATIENCE)


@pytest.mark.parametrize(
    "changes", [{"vrm": ""}, {"reason": " "}, {"reason": "x" * 81}, {"tier": Tier.SILENT}], ids=str
)
def test_what_cannot_be_an_entry_is_a_sentence(car: Car, changes: dict[str, object]) -> None:
    with pytest.raises(BadInput, match=r"\.$|characters"):
        car.session.make_voi(a_wish(**changes))
    assert (car.own.kept, car.recording.vois) == ([], [])


def test_an_entry_the_disk_refuses_is_nowhere(car: Car) -> None:
    car.own.refuses = RecordsFault("The entry could not be kept. Check the disk, then try again.")
    with pytest.raises(RecordsFault, match="could not be kept"):
        car.session.make_voi(a_wish()).result(PATIENCE)
    assert (car.recording.vois, car.rows("voi_made"), car.told(OwnListChanged)) == ([], [], [])


def test_an_entry_for_this_shift_ends_with_it(car: Car) -> None:
    stays = car.session.make_voi(a_wish()).result(PATIENCE)
    goes = car.session.make_voi(a_wish(vrm="AB12CDE", lifetime=Lifetime.SHIFT)).result(PATIENCE)
    car.patrol.sign_off().result(PATIENCE)
    assert car.own.kept == [stays]
    assert (goes, car.clock.utc()) in car.recording.vois
    assert car.rows("voi_ended_with_shift") == [(NO_ONE, "voi_ended_with_shift", goes.voi_id, "")]


def test_an_entry_of_a_shift_that_was_cut_off_goes_on_with_it_and_no_further(car: Car) -> None:
    goes_on = car.session.make_voi(a_wish(lifetime=Lifetime.SHIFT)).result(PATIENCE)
    car.patrol._session = None  # as after a cut: the records have a shift without an end
    assert car.sign_on().shift.shift_id == goes_on.shift_id
    assert car.own.kept == [goes_on]
    car.clock.advance(17 * 3600)
    car.patrol._session = None
    assert car.sign_on().shift.shift_id != goes_on.shift_id
    assert car.own.kept == []


def test_a_disk_that_refuses_to_end_entries_keeps_nobody_in_their_shift(car: Car) -> None:
    car.session.make_voi(a_wish(lifetime=Lifetime.SHIFT)).result(PATIENCE)
    car.own.refuses = RecordsFault("The disk is full.")
    car.patrol.sign_off().result(PATIENCE)
    assert car.sign_on() is not None


def test_nothing_is_said_through_a_session_that_is_over(car: Car) -> None:
    car.patrol.sign_off().result(PATIENCE)
    for say in (
        lambda: car.session.correct_read(a_read(), "LM19XYZ"),
        lambda: car.session.enter("LM19XYZ"),
        lambda: car.session.make_voi(a_wish()),
        lambda: car.session.withdraw_voi("voi"),
    ):
        with pytest.raises(BadInput, match="signed off"):
            say()
    for ask in (car.patrol.search.reads, car.patrol.search.look_up):
        with pytest.raises(BadInput, match="Sign on"):
            ask("AB12")


# Searching


def test_every_search_is_audited_before_it_is_answered(car: Car) -> None:
    read = a_read("AB12CDE")
    car.patrol.read_made(read, EVIDENCE)
    search = car.patrol.search
    found = search.reads("ab12 c*").result(PATIENCE)
    assert ([one.read_id for one in found.reads], found.total) == ([read.read_id], 1)
    search.reads("ab12 c*", 0).result(PATIENCE)  # another page is no other search
    assert car.rows("reads_searched") == [(OFFICER, "reads_searched", "AB12C*", "")]
    with pytest.raises(BadInput, match="Enter some letters"):
        search.reads("- ")


def test_a_look_up_brings_lists_and_reads_and_the_age_to_judge_it_by(car: Car) -> None:
    car.patrol.read_made(a_read("AB12CDE"), EVIDENCE)
    own = a_hotlist(list_id="own-ta14", issued_at=car.clock.utc() - timedelta(days=3))
    car.matching.hotlists = [a_hotlist(), own]
    found = car.patrol.search.look_up("AB12 CDE").result(PATIENCE)
    assert [match.kind for match in found.matches] == [MatchKind.EXACT]
    assert (found.entered, found.reads.total, found.oldest) == ("AB12CDE", 1, a_hotlist())
    assert car.rows("mark_looked_up") == [(OFFICER, "mark_looked_up", "AB12CDE", "")]


def test_the_age_of_the_lists_is_not_that_of_the_cars_own(car: Car) -> None:
    car.matching.hotlists = [a_hotlist(list_id="own-ta14")]
    assert car.patrol.list_lamp().word == "No list"
    car.matching.hotlists = [
        a_hotlist(list_id="own-ta14", issued_at=car.clock.utc() - timedelta(days=3)),
        a_hotlist(issued_at=car.clock.utc() - timedelta(hours=1)),
    ]
    assert car.patrol.list_lamp().state.value == "good"

"""The use cases, from sign-on to sign-off, with fakes at the ports."""

import threading
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from patrol_anpr.domain.clock import ClockState
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.errors import BadInput, DepotFault, RecordsFault
from patrol_anpr.domain.events import CameraChanged, Event, HitChanged, HitRaised, LampChanged, ReadMade, SyncProgress
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import CameraState, CameraStatus, Lamp, LampState
from patrol_anpr.domain.hit import HitState, Verification
from patrol_anpr.domain.hotlist import ListFault, ListFaultKind, Tier
from patrol_anpr.domain.shift import Crew, Officer, Shift, ShiftSummary
from patrol_anpr.patrol.depot_jobs import DepotJobs
from patrol_anpr.patrol.export import Exports
from patrol_anpr.patrol.patrol import Parts, Patrol
from patrol_anpr.patrol.shifts import LOCAL_OFFICER, Session
from tests.conftest import FakeClock
from tests.fakes import FakeAlerting, FakeMatching, FakeRecording, FakeShelf, result_of
from tests.made import EVIDENCE, NOW, a_hotlist, a_match, a_read

OTHER = "LM19XYZ"
"""A listed vehicle, too."""


class Car:
    """A Patrol with fakes around it."""

    def __init__(
        self, clock: FakeClock, depot_link: object = None, recording: FakeRecording | None = None, unit: str = "TA14"
    ) -> None:
        self.story: list[object] = []
        self.clock = clock
        self.matching = FakeMatching({vrm: [a_match(vrm)] for vrm in ("AB12CDE", OTHER)}, [a_hotlist()])
        self.alerting = FakeAlerting(self.story)
        self.recording = recording or FakeRecording()
        self.recording.story = self.story
        self.shelf = FakeShelf()
        self.events: list[Event] = []
        self.patrol = Patrol(
            Parts(
                self.matching,
                self.alerting,
                self.recording,
                clock,
                depot_link,  # type: ignore[arg-type]
                self.shelf,
                unit=unit,
                list_amber_after=timedelta(hours=12),
                keep_days=7,
                clock_state=lambda: ClockState("gps", timedelta(seconds=-1.5)),
            )
        )
        self.patrol.subscribe(self.events.append)

    def sign_on(self, officer_id: str = "LOCAL", pin: str = "", crew: Crew = Crew.SINGLE) -> Session:
        """Sign on, and be able to say something of hits."""
        self.session = self.patrol.sign_on(officer_id, pin, self.patrol.units()[0], crew).result(timeout=10)
        return self.session

    def raise_hit(self, vrm: str = "AB12CDE") -> str:
        return self.patrol.read_made(a_read(vrm), EVIDENCE)[0].hit_id

    def states(self) -> list[HitState]:
        return [outcome.state for outcome in self.recording.outcomes]


def test_a_hit_sounds_before_it_is_recorded_and_is_recorded_before_it_is_shown(car: Car) -> None:
    read = a_read()
    car.patrol.subscribe(lambda event: car.story.append(type(event)))
    car.patrol.read_made(read, EVIDENCE)
    assert car.story == [("sound", read.read_id), ("record", read.read_id), ReadMade, HitRaised]


def test_a_read_without_a_hit_is_recorded_in_silence(car: Car) -> None:
    read = a_read("K7PTL")
    assert car.patrol.read_made(read, EVIDENCE) == []
    assert car.story == [("record", read.read_id)]


def test_reads_belong_to_the_shift_and_carry_the_fix_with_its_age(car: Car) -> None:
    car.patrol.fix_received(Fix(51.5, -0.1, 990.0, car.clock.utc()))
    car.patrol.fix_received(None)  # GPS lost: the last fix stays, its age says how old it is
    car.patrol.read_made(a_read(captured_monotonic=1000.0), EVIDENCE)
    read, _, _, shift_id = car.recording.reads[0]
    assert read.fix is not None
    assert read.fix_age == 10.0
    assert shift_id == car.patrol.shift.shift_id
    assert (read.clock_source, read.clock_offset) == ("gps", -1.5)
    assert read.lists == (("metro", 3),)


def test_confirm_is_one_call_and_silences_the_voice(car: Car) -> None:
    hit_id = car.raise_hit()
    car.session.confirm(hit_id, looked=True)
    outcome = car.recording.outcomes[-1]
    assert (outcome.state, outcome.verification, outcome.looked) == (HitState.ACTIONED, Verification.CORRECT, True)
    assert outcome.officer_id == "LOCAL"
    assert car.alerting.acknowledged == [hit_id]
    assert isinstance(car.events[-1], HitChanged)


def test_a_dismissed_hit_is_kept_and_can_be_taken_back(car: Car) -> None:
    hit_id = car.raise_hit()
    car.session.dismiss(hit_id, Verification.MISREAD)
    car.session.undo(hit_id)
    assert car.states() == [HitState.DISMISSED, HitState.ACKNOWLEDGED]
    assert car.recording.outcomes[-1].undone
    with pytest.raises(BadInput, match="nothing to undo"):
        car.session.undo(hit_id)


def test_a_reason_added_after_confirm_does_not_lose_the_undo(car: Car) -> None:
    hit_id = car.raise_hit()
    car.session.acknowledge(hit_id)
    car.session.confirm(hit_id)
    car.session.dispose(hit_id, Disposition.PASSED_TO_CONTROL)
    car.session.undo(hit_id)
    assert car.states()[-1] is HitState.ACKNOWLEDGED


def test_a_correction_keeps_the_original_and_notes_the_true_mark(car: Car) -> None:
    hit_id = car.raise_hit()
    car.session.correct(hit_id, "ab12 cdf")
    assert car.recording.outcomes[-1].corrected_vrm == "AB12CDF"
    assert car.recording.reads[0][0].vrm == "AB12CDE"
    with pytest.raises(BadInput):
        car.session.correct(hit_id, "--")


def test_later_leaves_the_hit_open(car: Car) -> None:
    car.session.later(car.raise_hit())
    assert car.states() == [HitState.ACKNOWLEDGED]


def test_an_unknown_hit_is_a_sentence(car: Car) -> None:
    with pytest.raises(BadInput, match="not of the shift"):
        car.session.confirm("nothing")


def test_a_lamp_sounds_when_it_changes_and_only_then(car: Car) -> None:
    for state in (CameraState.SEEN, CameraState.SEEN, CameraState.LOST, CameraState.LOST, CameraState.SEEN):
        car.patrol.camera_changed(CameraStatus("front", state))
    assert [lamp.state for lamp in car.story if isinstance(lamp, Lamp)] == [
        LampState.GOOD,
        LampState.BAD,
        LampState.GOOD,
    ]
    assert car.patrol.lamps()[0].word == "Front"


@pytest.mark.parametrize("state", CameraState)
def test_every_camera_state_has_a_lamp(car: Car, state: CameraState) -> None:
    car.patrol.camera_changed(CameraStatus("rear", state))
    assert car.patrol.lamps()[0].word.startswith("Rear")


def test_what_a_camera_says_of_itself_is_the_advice_of_its_lamp(car: Car) -> None:
    told = "The camera at http://192.0.2.7/ wants another user name or password: check those in its address."
    car.patrol.camera_changed(CameraStatus("rear", CameraState.LOST, told))
    assert car.patrol.lamps()[0] == Lamp("camera:rear", LampState.BAD, "Rear lost", told)


def test_a_camera_that_shows_too_little_is_not_green(car: Car) -> None:
    car.patrol.camera_changed(CameraStatus("rear", CameraState.SEEN, "The pictures are blurred: clean the lens."))
    lamp = car.patrol.lamps()[0]
    assert (lamp.state, lamp.word) == (LampState.WARN, "Rear low visibility")
    assert "blurred" in lamp.advice
    car.patrol.camera_changed(CameraStatus("rear", CameraState.SEEN))
    assert car.patrol.lamps()[0].state is LampState.GOOD


def test_the_list_lamp_tells_the_age_and_never_hides_that_there_is_none(car: Car) -> None:
    assert car.patrol.list_lamp().state is LampState.GOOD
    car.clock.advance(timedelta(hours=13).total_seconds())
    assert (car.patrol.list_lamp().state, "13" in car.patrol.list_lamp().advice) == (LampState.WARN, False)
    car.matching.hotlists = ()
    assert car.patrol.list_lamp().state is LampState.BAD
    car.matching.hotlists = [a_hotlist(valid_until=car.clock.utc() - timedelta(hours=1))]
    assert "expired" in car.patrol.list_lamp().word


def test_nobody_signs_on_over_somebody_else(car: Car) -> None:
    with pytest.raises(BadInput, match="Sign off first"):
        car.sign_on()


def test_a_car_without_a_depot_offers_its_own_crew(clock: FakeClock) -> None:
    car = Car(clock)
    assert car.patrol.roster() == (LOCAL_OFFICER,)
    car.sign_on("LOCAL")
    car.patrol.close()


class DeadDepot:
    proven_time = None

    def download(self, progress):
        progress(SyncProgress("Lists", 0, 0, finished=True, problem="The depot cannot be reached."))
        raise DepotFault("The depot cannot be reached.")

    def upload(self, progress):
        progress(SyncProgress("Records", 0, 7, finished=True, problem="The depot cannot be reached."))
        raise DepotFault("The depot cannot be reached.")


class LiveDepot:
    proven_time = NOW

    def __init__(self) -> None:
        self.story: list[object] = []

    def download(self, progress):
        return True

    def upload(self, progress):
        self.story.append("upload")
        return 3


def test_a_depot_that_is_down_at_sign_off_is_said_plainly_and_the_records_wait(clock: FakeClock) -> None:
    car = Car(clock, DeadDepot())
    car.patrol.roster_fetched((LOCAL_OFFICER,))
    car.sign_on()
    car.recording.unsent = 7
    assert result_of(car.patrol.sign_off()) == 7
    told = [event for event in car.events if isinstance(event, SyncProgress)]
    assert [(event.finished, event.problem) for event in told] == [(True, "The depot cannot be reached.")]
    assert result_of(car.patrol.start_sync()) is False
    assert not [note for note in car.story if isinstance(note, tuple) and note[0] == "purge"]
    car.patrol.close()


def test_a_sync_of_the_lists_alone_erases_nothing_for_it_does_not_ask_what_the_depot_holds(clock: FakeClock) -> None:
    car = Car(clock, LiveDepot())
    assert result_of(car.patrol.start_sync()) is True
    car.patrol.close()
    assert ("purge", NOW, 7) not in car.story


def test_an_upload_waits_for_what_is_being_saved_and_then_what_the_depot_has_held_long_enough_goes(
    clock: FakeClock,
) -> None:
    depot = LiveDepot()
    car = Car(clock, depot)
    depot.story = car.recording.story
    assert result_of(car.patrol.start_upload()) == 3
    assert car.story[-3:] == ["flush", "upload", ("purge", NOW, 7)]
    car.patrol.close()


def test_on_a_full_disk_erasing_is_not_waited_for_but_begun_all_the_same(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    car = Car(clock, LiveDepot())
    never: Future[int] = Future()
    asked: list[float] = []

    def purge(now: datetime, depot_now: datetime, *, keep_days: float) -> "Future[int]":
        asked.append(keep_days)
        return never

    monkeypatch.setattr(car.recording, "purge", purge)
    monkeypatch.setattr(car.recording, "flush", lambda timeout: False)
    assert result_of(car.patrol.start_upload()) == 3
    car.patrol.close()
    assert asked == [7]


def test_mute_is_passed_on_and_audited(car: Car) -> None:
    car.patrol.set_muted(True)
    assert car.alerting.muted
    assert ("LOCAL", "muted") in car.recording.audits


def test_silent_hits_are_recorded_like_any_other(car: Car) -> None:
    car.matching.matches["AB12CDE"] = [a_match(tier=Tier.SILENT)]
    car.raise_hit()
    assert car.recording.reads[0][2][0].tier is Tier.SILENT


def test_what_the_officer_says_of_the_voice_is_told_to_its_owner_and_audited(car: Car) -> None:
    lamps = car.patrol.lamps()
    car.patrol.voice_heard(False)
    car.patrol.voice_heard(True)
    assert car.alerting.answers == [False, True]
    assert car.patrol.lamps() == lamps  # the lamp is the announcer's alone
    assert car.recording.audits[-2:] == [("LOCAL", "voice_not_heard"), ("LOCAL", "voice_heard")]


@pytest.mark.parametrize(
    ("speed", "age", "moving"), [(10.0, 1, True), (0.5, 1, None), (10.0, 60, None), (None, 1, None)]
)
def test_moving_is_known_only_from_a_fresh_fix_with_a_speed(car: Car, speed, age: float, moving) -> None:
    assert car.patrol.moving() is None
    car.patrol.fix_received(Fix(51.5, -0.1, car.clock.monotonic() - age, car.clock.utc(), speed=speed))
    assert car.patrol.moving() is moving


FAULTS = {kind: ListFault(kind, "Metro PNC", "A sentence.") for kind in ListFaultKind}


@pytest.mark.parametrize(
    ("kinds", "word"),
    [
        (["damaged"], "List damaged"),
        (["missing"], "List missing"),
        (["unsure"], "Lists not sure"),
        (["unsure", "missing", "damaged"], "List damaged"),
    ],
)
def test_a_list_that_is_not_as_it_should_be_is_a_red_lamp_told_aloud(car: Car, kinds: list[str], word: str) -> None:
    car.shelf.faults = [FAULTS[ListFaultKind(kind)] for kind in kinds]
    car.patrol.lists_changed()
    lamp = next(lamp for lamp in car.patrol.lamps() if lamp.key == "list")
    assert (lamp.state, lamp.word) == (LampState.BAD, word)
    assert "Sync with the depot" in lamp.advice
    assert lamp in car.story  # aloud
    assert LampChanged(lamp) in car.events


def test_only_a_sync_that_brought_every_list_settles_what_the_car_should_hold(clock: FakeClock) -> None:
    car = Car(clock, LiveDepot())
    assert result_of(car.patrol.start_sync()) is True
    assert car.shelf.settled == 1
    car.patrol.close()
    car = Car(clock)
    car.shelf.faults = [FAULTS[ListFaultKind.MISSING]]
    assert result_of(car.patrol.start_sync()) is False  # no depot: nothing was mended
    assert car.shelf.settled == 0
    assert car.patrol.list_lamp().word == "List missing"
    car.patrol.close()


def a_restart(car: Car, unit: str = "TA14") -> Car:
    """The same records under a new program, as after a power cut."""
    return Car(car.clock, recording=car.recording, unit=unit)


def test_a_shift_that_was_cut_off_goes_on_with_its_open_hits_reads_and_counts(car: Car) -> None:
    decided, hit_id = car.raise_hit(), car.raise_hit(OTHER)
    car.session.confirm(decided)
    again = a_restart(car)
    session = again.sign_on()
    assert session.shift == car.patrol.shift
    assert [hit.hit_id for hit, _ in again.patrol.open_hits()] == [hit_id]
    assert again.patrol.summary() == ShiftSummary(reads=2, hits=2, confirmed=1, dismissed=0, unresolved=1, waiting=0)
    assert len(again.patrol.recent_reads()) == 2
    session.confirm(hit_id)
    assert again.patrol.summary() == ShiftSummary(reads=2, hits=2, confirmed=2, dismissed=0, unresolved=0, waiting=0)
    assert ("LOCAL", "sign_on_again") in car.recording.audits
    again.patrol.close()


def test_the_counts_of_each_list_are_those_of_the_shift_also_after_a_cut(car: Car) -> None:
    first, _ = car.raise_hit(), car.raise_hit()
    car.session.dismiss(first)
    (counts,) = car.patrol.list_counts()
    assert (counts.name, counts.hits, counts.dismissed, counts.peak) == ("Metro PNC", 2, 1, 2)
    again = a_restart(car)
    again.sign_on()
    assert again.patrol.list_counts() == [counts]
    again.patrol.sign_off().result(timeout=10)
    assert again.patrol.list_counts() == []
    again.patrol.close()


def test_at_sign_off_nothing_more_is_said_of_the_hits_of_the_shift(car: Car) -> None:
    decided, left_open = car.raise_hit(), car.raise_hit(OTHER)
    car.session.confirm(decided)
    car.alerting.acknowledged.clear()
    car.patrol.sign_off().result(timeout=10)
    assert car.alerting.acknowledged == [left_open]


def test_a_shift_that_goes_on_has_the_crew_that_was_asked_for_now(clock: FakeClock) -> None:
    """With the crew of before, a driver left alone would get the full view while driving."""
    car = Car(clock)
    first = car.sign_on(crew=Crew.WITH_OBSERVER).shift
    again = a_restart(car)
    second = again.sign_on(crew=Crew.SINGLE).shift
    assert (second.shift_id, second.crew) == (first.shift_id, Crew.SINGLE)
    assert car.recording.unfinished_shifts()[0].crew is Crew.SINGLE
    for one in (car, again):
        one.patrol.close()


@pytest.mark.parametrize(
    ("seen", "minutes", "sounded"), [(False, 1, True), (True, 1, False), (False, 6, False), (False, -60, True)]
)
def test_a_hit_that_nobody_saw_before_the_cut_sounds_again_while_it_is_news(
    car: Car, seen: bool, minutes: float, sounded: bool
) -> None:
    hit_id = car.raise_hit()
    if seen:
        car.session.acknowledge(hit_id)
    car.clock.advance(timedelta(minutes=minutes).total_seconds())
    again = a_restart(car)
    again.sign_on()
    sounds = [("sound", car.recording.reads[0][0].read_id)] * int(sounded)
    assert again.story == sounds
    again.patrol.sign_off().result(timeout=10)
    again.sign_on()
    assert again.story == sounds  # a new shift has none of the old one's
    again.patrol.close()


def test_a_shift_cut_off_long_ago_or_in_another_unit_is_ended_and_says_so(car: Car) -> None:
    first = car.patrol.shift
    car.clock.advance(timedelta(hours=17).total_seconds())
    second = signed_on_after_a_restart(car, "TA14")
    third = signed_on_after_a_restart(car, "TA15")
    assert len({first.shift_id, second.shift_id, third.shift_id}) == 3
    assert car.recording.audits.count(("nobody", "shift_closed")) == 2
    assert [shift.shift_id for shift in car.recording.unfinished_shifts()] == [third.shift_id]


def signed_on_after_a_restart(car: Car, unit: str) -> Shift:
    again = a_restart(car, unit)
    shift = again.sign_on().shift
    again.patrol.close()
    return shift


def test_a_session_that_is_over_says_nothing_more_of_its_hits(car: Car) -> None:
    hit_id, session = car.raise_hit(), car.session
    car.patrol.sign_off().result(timeout=10)
    with pytest.raises(BadInput, match="signed off"):
        session.confirm(hit_id)
    car.sign_on()
    with pytest.raises(BadInput, match="not of the shift"):
        car.session.confirm(hit_id)
    assert car.states() == []


def test_a_hit_of_the_last_vehicles_in_view_belongs_to_the_shift_that_ends(clock: FakeClock) -> None:
    car = Car(clock)

    class LateReads:
        def start(self) -> None: ...
        def stop(self) -> None:
            car.raise_hit()

    car.patrol._parts = replace(car.patrol._parts, reading=LateReads())
    shift = car.sign_on().shift
    car.patrol.sign_off().result(timeout=10)
    _, _, hits, shift_id = car.recording.reads[0]
    assert (hits[0].shift_id, shift_id) == (shift.shift_id, shift.shift_id)
    assert car.patrol.open_hits() == []
    car.patrol.close()


def test_a_read_that_cannot_be_recorded_is_shown_and_its_hit_counts(car: Car) -> None:
    def broken(*_: object) -> None:
        raise RecordsFault("The records cannot be written.")

    car.recording.keep_read = broken  # type: ignore[method-assign]
    with pytest.raises(RecordsFault):
        car.patrol.read_made(a_read(), EVIDENCE)
    assert [type(event) for event in car.events[-2:]] == [ReadMade, HitRaised]
    assert len(car.patrol.open_hits()) == 1


def test_a_new_listener_hears_of_every_lamp_and_camera_before_anything_else(car: Car) -> None:
    lamp = Lamp("voice", LampState.BAD, "No voice")
    car.patrol.lamp_changed(lamp)
    car.patrol.camera_changed(CameraStatus("front", CameraState.LOST))
    heard: list[Event] = []
    car.patrol.subscribe(heard.append)
    assert LampChanged(lamp) in heard
    assert CameraChanged(CameraStatus("front", CameraState.LOST)) in heard
    assert {event.lamp.key for event in heard if isinstance(event, LampChanged)} == {"voice", "camera:front"}


def test_a_lamp_that_changes_while_someone_begins_to_listen_is_never_shown_as_it_was(car: Car) -> None:
    """The listener is told of the old state and, before it is done, the lamp changes on another thread."""
    car.patrol.lamp_changed(Lamp("gps", LampState.GOOD, "GPS"))
    heard: list[LampState] = []
    changed = threading.Thread(target=car.patrol.lamp_changed, args=(Lamp("gps", LampState.BAD, "GPS lost"),))

    def listen(event: Event) -> None:
        if isinstance(event, LampChanged):
            if not heard:
                changed.start()
            heard.append(event.lamp.state)

    car.patrol.subscribe(listen)
    changed.join(10)
    assert heard == [LampState.GOOD, LampState.BAD]


def test_summary_and_open_hits_ask_no_disk(car: Car) -> None:
    car.raise_hit()

    def slow(*_: object) -> None:
        raise AssertionError("this waits for the disk")

    for name in ("summary", "open_hits", "recent_reads", "evidence_of"):
        setattr(car.recording, name, slow)
    assert car.patrol.summary().hits == 1
    assert len(car.patrol.open_hits()) == len(car.patrol.recent_reads()) == 1


def test_silent_hits_are_neither_shown_nor_counted_nor_decided(car: Car) -> None:
    car.matching.matches["AB12CDE"] = [a_match(tier=Tier.SILENT)]
    hit_id = car.raise_hit()
    assert car.patrol.open_hits() == []
    assert car.patrol.summary().hits == 0
    with pytest.raises(BadInput):
        car.session.confirm(hit_id)


def test_records_that_open_late_bring_their_roster(car: Car) -> None:
    officers = (Officer("4821", "A. Example", "hash"),)
    car.recording.officers = officers
    assert car.patrol.roster() == officers


def test_the_roster_of_a_sync_is_there_at_once_and_kept(car: Car) -> None:
    officers = (Officer("4821", "A. Example", "hash"),)
    car.patrol.roster_fetched(officers)
    assert car.patrol.roster() == car.recording.officers == officers


@pytest.mark.parametrize("step", ["match", "sound", "keep", "listener"])
def test_no_step_of_a_read_that_fails_keeps_the_next_from_happening(car: Car, step: str) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    car.matching.matches["AB12CDE"] = [a_match(), a_match(tier=Tier.IMMEDIATE)]
    later: list[Event] = []
    match step:
        case "match":
            car.matching.match = broken  # type: ignore[assignment]
        case "sound":
            sounded = car.alerting.hit
            outcomes = iter([broken, sounded])
            car.alerting.hit = lambda hit: next(outcomes)(hit)  # type: ignore[method-assign]  # noqa: PLW0108  each call takes the next
        case "keep":
            car.recording.keep_read = broken  # type: ignore[method-assign]
        case _:
            car.patrol.subscribe(lambda event: broken() if isinstance(event, ReadMade | HitRaised) else None)
    car.patrol.subscribe(later.append)
    heard = len(later)
    with pytest.raises(ZeroDivisionError):
        car.patrol.read_made(a_read(), EVIDENCE)
    hits = 0 if step == "match" else 2
    assert [type(event) for event in later[heard:]] == [ReadMade] + [HitRaised] * hits
    sounds = [one for one in car.story if isinstance(one, tuple) and one[0] == "sound"]
    assert len(sounds) == {"match": 0, "sound": 1}.get(step, 2)
    assert len(car.recording.reads) == (0 if step == "keep" else 1)
    assert len(car.patrol.open_hits()) == hits


def test_a_read_whose_circumstances_are_not_known_sounds_all_the_same(car: Car) -> None:
    def broken() -> ClockState:
        raise RuntimeError

    intake = car.patrol._intake
    intake._parts = replace(intake._parts, clock_state=broken)
    read = a_read()
    with pytest.raises(RuntimeError):
        car.patrol.read_made(read, EVIDENCE)
    assert car.story[:2] == [("sound", read.read_id), ("record", read.read_id)]


def test_a_read_is_kept_though_nobody_knows_what_time_to_judge_by(car: Car) -> None:
    class Broken(FakeClock):
        def utc(self) -> datetime:
            raise RuntimeError

    intake = car.patrol._intake
    intake._parts = replace(intake._parts, judging=Broken())
    with pytest.raises(RuntimeError):
        car.patrol.read_made(a_read(), EVIDENCE)
    assert len(car.recording.reads) == 1


def test_a_sign_on_at_which_reading_does_not_start_leaves_nobody_signed_on(clock: FakeClock) -> None:
    car = Car(clock)
    failures = iter([RuntimeError("can't start new thread"), None])

    class Reading:
        def start(self) -> None:
            if failure := next(failures):
                raise failure

        def stop(self) -> bool:
            return True

    car.patrol._parts = replace(car.patrol._parts, reading=Reading())
    with pytest.raises(RuntimeError):
        car.sign_on()
    assert car.patrol.shift is None
    car.sign_on()
    assert [audit for audit in car.recording.audits if audit[1].startswith("sign_on")] == [
        ("LOCAL", "sign_on"),
        ("LOCAL", "sign_on_again"),
    ]
    car.patrol.close()


def test_a_shift_whose_end_cannot_be_recorded_leaves_the_next_officer_nothing(car: Car) -> None:
    hit_id = car.raise_hit()

    def broken(_shift: Shift) -> None:
        raise RecordsFault("The records cannot be written.")

    car.recording.end_shift = broken  # type: ignore[method-assign]
    with pytest.raises(RecordsFault):
        car.patrol.sign_off().result(timeout=10)
    assert car.alerting.acknowledged == [hit_id]
    assert (car.patrol.open_hits(), car.patrol.recent_reads()) == ([], ())


def test_a_hit_of_a_reader_that_hung_over_the_sign_off_is_none_of_the_next_shift(car: Car) -> None:
    late, signed_on = threading.Event(), threading.Event()
    match = car.matching.match

    def hang(vrm: str, at: datetime) -> object:
        late.set()
        assert signed_on.wait(10)
        return match(vrm, at)

    car.matching.match = hang  # type: ignore[method-assign, assignment]
    shift_id = car.session.shift.shift_id
    reader = threading.Thread(target=car.raise_hit)
    reader.start()
    assert late.wait(10)
    car.patrol.sign_off().result(timeout=10)
    car.sign_on()
    signed_on.set()
    reader.join(10)
    [(_, _, hits, recorded_in)] = car.recording.reads
    assert (len(hits), recorded_in) == (1, shift_id)
    assert car.patrol.open_hits() == []
    assert (car.patrol.summary().reads, car.patrol.summary().hits) == (0, 0)


def test_without_a_shift_hits_are_recorded_and_not_held_in_memory(clock: FakeClock) -> None:
    car = Car(clock)
    car.raise_hit()
    assert len(car.recording.reads[0][2]) == 1
    assert car.patrol.open_hits() == []
    car.patrol.close()


def test_whoever_is_told_while_a_decision_is_recorded_may_ask_for_the_hits(car: Car) -> None:
    """Records that fall behind tell their lamp on the thread that gives them something."""
    hit_id = car.raise_hit()
    asked: list[bool] = []

    def keep(_outcome: object) -> None:
        asking = threading.Thread(target=car.patrol.open_hits, daemon=True)
        asking.start()
        asking.join(5)
        asked.append(not asking.is_alive())

    car.recording.keep_outcome = keep  # type: ignore[method-assign]
    car.session.confirm(hit_id)
    assert asked == [True]
    assert car.patrol.summary().confirmed == 1


def test_an_export_to_a_stick_that_hangs_holds_up_no_other_end(car: Car, monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[str] = []
    for owner in (DepotJobs, Exports):
        monkeypatch.setattr(owner, "close", lambda one: ends.append(type(one).__name__))
    car.patrol.close()
    assert ends == ["DepotJobs", "Exports"]
    monkeypatch.undo()

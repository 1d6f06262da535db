"""Hits, taps, keys, timers, pre-emption, UNDO, sign-off, crews and restarts in any order, in the real window.

What must hold whatever happens: the card never shows a lower tier while a higher one is open that was neither opened
over nor put off; a hit that is read to control yields to a higher tier only; nothing is recorded by a tap on something
that stood there for less than the dead time; every outcome is on record under the officer in whose shift the hit was
raised.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hit import UNDO_SECONDS, Hit, HitState, MatchKind, after
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.domain.read import Evidence
from patrol_anpr.domain.shift import Crew, Officer
from patrol_anpr.domain.sighting import sighting_of
from patrol_anpr.lab.sample_patrol import sample_evidence
from patrol_anpr.patrol.patrol import Parts, Patrol
from patrol_anpr.plumbing.mailbox import Latest
from tests.conftest import FakeClock
from tests.fakes import FakeAlerting, FakeMatching, FakeRecording
from tests.made import a_hotlist, a_match, a_read
from ui.app import discard
from ui.models.dead_time import DEAD_SECONDS
from ui.screens.hit_card import Stage
from ui.widgets.plate_label import PlateLabel
from ui.window import Window

LEFT = Qt.MouseButton.LeftButton
OFFICERS = (Officer("4821", "A. Example", ""), Officer("5177", "B. Example", ""))
MARKS = {f"A{tier}EAAA": a_match(f"A{tier}EAAA", tier) for tier in Tier} | {
    f"A{tier}CAAA": replace(a_match(f"A{tier}GAAA", tier, MatchKind.CHECK), differing=(2,)) for tier in Tier
}
"""By what is read: four of the list's own, and four of which the list has a G where the camera read a C."""
CREWS = st.sampled_from(list(Crew))
AGAIN_AFTER = timedelta(minutes=5)


class HitsInTheWindow(RuleBasedStateMachine):
    """One car and its records through many shifts; the officer taps whatever is there."""

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.recording = FakeClock(), FakeRecording(officers=OFFICERS)
        self.put_off: set[str] = set()
        self.opened_over: set[str] = set()
        self.read_number = 0
        self.known_outcomes = 0
        self.looked_first: set[str] = set()

    # -- the car -----------------------------------------------------------------------------------------------------

    @initialize(crew=CREWS)
    def start(self, crew: Crew) -> None:
        self.open_program()
        self.sign_on(OFFICERS[0], crew)

    def open_program(self) -> None:
        matching = FakeMatching({vrm: [match] for vrm, match in MARKS.items()}, [a_hotlist()])
        parts = Parts(
            matching,
            FakeAlerting(),
            self.recording,
            self.clock,
            live={"front": Latest()},
            unit="TA14",
            list_amber_after=timedelta(hours=12),
            keep_days=7,
            again_after=AGAIN_AFTER,
        )
        self.patrol = Patrol(parts)
        self.window = Window(self.patrol)
        self.window.resize(1280, 800)
        self.window.show()
        self.look()

    def close_program(self) -> None:
        discard(QApplication.instance(), self.window)  # type: ignore[arg-type]
        self.patrol.close()

    def teardown(self) -> None:
        if hasattr(self, "window"):
            self.close_program()

    def sign_on(self, officer: Officer, crew: Crew) -> None:
        session = self.patrol.sign_on(officer.officer_id, "", "TA14", crew).result(10)
        self.window.begin(session)
        self.window.show_page("live")
        self.put_off.clear()
        self.opened_over.clear()
        self.look()

    def look(self) -> None:
        """Let the window do what it has to, and see what a tap would act on now."""
        for _ in range(3):
            QApplication.processEvents()
        self.window.live.card.rest()
        flow = self.window.flow
        card, undo = self.window.live.card, self.window.live.side.undo
        acts_on = (
            self.window.page,
            flow.queue.shown and (flow.queue.shown.hit_id, flow.queue.shown.hit.is_open),
            card.isVisible(),
            card.stage,
            flow.queue.sign and flow.queue.sign.hit_id,
            undo._offers[-1].hit.hit_id if undo._offers else None,
            card.reasons.page if card.reasons.isVisible() else None,
        )
        if acts_on != getattr(self, "acts_on", None):
            self.acts_on, self.changed_at = acts_on, self.clock.seconds

    # -- what happens ------------------------------------------------------------------------------------------------

    def pictures(self, vrm: str) -> Evidence:
        """Of every third Read they are missing: a tap on its hit is no look."""
        return Evidence(b"", b"") if self.read_number % 3 == 0 else sample_evidence(vrm, PlateColour.YELLOW)

    @rule(vrm=st.sampled_from(sorted(MARKS)))
    def a_hit(self, vrm: str) -> None:
        self.read_number += 1
        kept = self.read_to_control()
        hits = self.patrol.read_made(a_read(vrm, read_id=f"read-{self.read_number}"), self.pictures(vrm))
        self.put_off |= {hit.hit_id for hit in hits if self.is_dealt_with(hit)}
        self.look()
        shown = self.window.flow.queue.shown
        if kept is not None and all(hit.tier >= kept.tier for hit in hits):
            assert shown is not None
            assert shown.hit_id == kept.hit_id, "taken from under the officer who reads it to control"

    def read_to_control(self) -> Hit | None:
        """The confirmed hit on the card of which control has said nothing yet, while its time lasts."""
        shown = self.window.flow.queue.shown
        if shown is None or not self.card_shows() or not self.window.flow._patience.isActive():
            return None
        hit = shown.hit
        return hit if hit.state is HitState.ACTIONED and hit.answer is None and hit.disposition is None else None

    def is_dealt_with(self, hit: Hit) -> bool:
        """Whether the officer put this vehicle off, or decided about it, a moment ago: then it takes no card."""
        queue = self.window.flow.queue
        line = [e.hit for e in queue.open_hits + queue.closed_hits if sighting_of(e.hit) == sighting_of(hit)]
        before = [one for one in sorted(line, key=lambda one: one.raised_at) if one.hit_id != hit.hit_id]
        if not before or hit.raised_at - before[-1].raised_at >= AGAIN_AFTER:
            return False
        decided = [one for one in before if not one.is_open]
        if decided and decided[-1].state is HitState.DISMISSED and hit.tier is Tier.IMMEDIATE:
            return False
        return all(one.hit_id in self.put_off for one in before if one.is_open)

    def of_its_vehicle(self, hit: Hit) -> set[str]:
        return {one.hit_id for one, _ in self.patrol.open_hits() if sighting_of(one) == sighting_of(hit)}

    @rule(seconds=st.sampled_from([0.1, 0.3, 0.8, 2.0, 4.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.window.live.side.undo._look()
        self.look()

    @rule()
    def the_ten_seconds_for_a_reason_end(self) -> None:
        self.clock.advance(UNDO_SECONDS)
        if self.window.flow._patience.isActive():
            self.window.flow._patience.stop()
            self.window.flow._patience.timeout.emit()
        self.window.live.side.undo._look()
        self.look()

    @rule(moving=st.booleans())
    def the_driver_view(self, moving: bool) -> None:
        if moving:
            self.window.show_page("driver")
        else:
            self.window.views.leave_driver()
        self.look()

    @rule()
    def the_lock(self) -> None:
        self.window.show_page("lock")
        self.look()
        assert self.window.page == "lock"
        self.window.lock.unlock_wanted.emit("")
        self.patrol._sign_thread.submit(int).result(10)  # it is opened
        self.look()
        assert self.window.page != "lock"

    @rule()
    def a_key(self) -> None:
        for key in (Qt.Key.Key_Space, Qt.Key.Key_Return):
            QTest.keyClick(self.window, key)
        self.look()
        assert len(self.recording.outcomes) == self.known_outcomes

    # -- what the officer taps ---------------------------------------------------------------------------------------

    def tap(self, button: QAbstractButton) -> None:
        before = len(self.recording.outcomes)
        stood = self.clock.seconds - self.changed_at
        QTest.mouseClick(button, LEFT)
        self.look()
        if len(self.recording.outcomes) > before:
            assert stood >= DEAD_SECONDS - 1e-6, f"recorded after {stood:.1f} s"
        self.known_outcomes = len(self.recording.outcomes)

    def card_shows(self) -> bool:
        return bool(self.window.live.card.isVisible())

    @precondition(card_shows)
    @rule(name=st.sampled_from(["confirm", "later", "dismiss"]), twice=st.booleans())
    def tap_on_the_card(self, name: str, twice: bool) -> None:
        button = getattr(self.window.live.card, name)
        for _ in range(1 + twice):
            shown = self.window.flow.queue.shown
            before = len(self.recording.outcomes)
            if button.isVisible():
                self.tap(button)
            left = self.window.flow.queue.shown
            gone = shown is not None and (left is None or left.hit_id != shown.hit_id)
            if name == "later" and gone and shown is not None:
                self.put_off |= self.of_its_vehicle(shown.hit)
            if name == "dismiss" and shown is not None and shown.hit.tier is Tier.IMMEDIATE:
                assert len(self.recording.outcomes) == before, "an IMMEDIATE hit wants to be held"

    @precondition(card_shows)
    @rule(place=st.integers(0, 5))
    def tap_a_character(self, place: int) -> None:
        look = self.window.live.card.look
        button = (*look.glyphs, look.cannot_tell, look.later)[place]
        shown = self.window.flow.queue.shown
        if button.isVisible() and shown is not None:
            stood, before = self.clock.seconds - self.changed_at, self.window.flow._look.choice(shown.hit_id)
            self.tap(button)
            if self.window.flow._look.choice(shown.hit_id) != before:
                assert stood >= DEAD_SECONDS - 1e-6, f"seen after {stood:.1f} s"
                self.looked_first.add(shown.hit_id)
            left = self.window.flow.queue.shown
            if button is look.later and stood >= DEAD_SECONDS and (left is None or left.hit_id != shown.hit_id):
                self.put_off.add(shown.hit_id)

    @precondition(card_shows)
    @rule()
    def hold_dismiss(self) -> None:
        button = self.window.live.card.dismiss
        if not button.isVisible() or not button.hold:
            return
        stood, before = self.clock.seconds - self.changed_at, len(self.recording.outcomes)
        QTest.mousePress(button, LEFT)
        self.clock.advance(1.0)
        button._look()
        QTest.mouseRelease(button, LEFT)
        self.look()
        if len(self.recording.outcomes) > before:
            assert stood >= DEAD_SECONDS - 1e-6
        self.known_outcomes = len(self.recording.outcomes)

    @precondition(card_shows)
    @rule(place=st.integers(0, 7))
    def tap_a_reason(self, place: int) -> None:
        reasons = self.window.live.card.reasons
        button = (*reasons.buttons, reasons.turn, reasons.finish)[place]
        if button.isVisible():
            self.tap(button)

    @rule(seen=st.booleans())
    def tap_on_the_sign(self, seen: bool) -> None:
        driver = self.window.driver
        button = driver.seen_button if seen else driver.later_button
        sign = self.window.flow.queue.sign
        if not button.isVisible() or sign is None:
            return
        before = len(self.recording.outcomes), self.clock.seconds - self.changed_at >= DEAD_SECONDS
        self.tap(button)
        now = self.window.flow.queue.sign
        if not seen and before[1] and (now is None or now.hit_id != sign.hit_id):
            self.put_off |= self.of_its_vehicle(sign.hit)

    @rule()
    def tap_undo(self) -> None:
        undo = self.window.live.side.undo
        if undo.button.isVisible():
            taken = undo._offers[-1].hit.hit_id
            before = len(self.recording.outcomes)
            self.tap(undo.button)
            if len(self.recording.outcomes) > before:
                self.put_off.discard(taken)

    @rule(data=st.data())
    def open_a_hit(self, data: st.DataObject) -> None:
        entries = self.window.flow.queue.open_hits + self.window.flow.queue.closed_hits
        if self.window.page == "driver" or not entries:
            return
        chosen = data.draw(st.sampled_from(entries))
        self.put_off -= self.of_its_vehicle(chosen.hit) | {chosen.hit_id}
        higher = {hit.hit_id for hit, _ in self.patrol.open_hits() if hit.tier < chosen.hit.tier}
        self.opened_over |= higher
        self.window.flow.open(chosen.hit_id)
        self.look()

    @rule(data=st.data())
    def undo_past_the_window(self, data: st.DataObject) -> None:
        """Whatever a screen would allow, the engine keeps the ten seconds."""
        closed = self.window.flow.queue.closed_hits
        if closed and self.window.session is not None:
            hit_id = data.draw(st.sampled_from(closed)).hit_id
            with suppress(BadInput):
                self.window.session.undo(hit_id)
                self.put_off.discard(hit_id)
            self.look()
            self.known_outcomes = len(self.recording.outcomes)

    # -- who is in the car -------------------------------------------------------------------------------------------

    @rule(officer=st.sampled_from(OFFICERS), crew=CREWS)
    def sign_off_and_on(self, officer: Officer, crew: Crew) -> None:
        self.window.signing.sign_off()
        self.patrol._sign_thread.submit(int).result(10)  # the shift is ended
        self.look()
        assert self.window.flow.queue.open_hits == []
        self.sign_on(officer, crew)
        assert self.window.flow.queue.open_hits == []

    @rule(officer=st.sampled_from(OFFICERS), crew=CREWS)
    def restart(self, officer: Officer, crew: Crew) -> None:
        before = {hit.hit_id for hit, _ in self.patrol.open_hits()}
        decided = [hit for hit, _ in self.patrol.shift_hits() if not hit.is_open]
        whose = self.patrol.shift.officer_id  # type: ignore[union-attr]
        self.close_program()
        self.open_program()
        self.sign_on(officer, crew)
        shift = self.patrol.shift
        assert shift is not None
        assert shift.crew is crew
        goes_on = {entry.hit_id for entry in self.window.flow.queue.open_hits}
        assert goes_on == (before if whose == officer.officer_id else set())
        closed = {entry.hit for entry in self.window.flow.queue.closed_hits}
        known = {replace(hit, decided_monotonic=None) for hit in decided}
        assert closed == (known if whose == officer.officer_id else set())

    # -- what must hold ----------------------------------------------------------------------------------------------

    @invariant()
    def the_card_shows_the_highest_tier(self) -> None:
        if not hasattr(self, "window") or (shown := self.window.flow.queue.shown) is None:
            return
        self.opened_over.discard(shown.hit_id)
        for hit, _ in self.patrol.open_hits():
            hidden = hit.tier < shown.hit.tier and hit.hit_id not in self.put_off | self.opened_over
            assert not hidden, f"{hit.tier.name} waits behind {shown.hit.tier.name}"

    @invariant()
    def the_sign_shows_the_highest_tier(self) -> None:
        if not hasattr(self, "window") or self.window.page != "driver":
            return
        queue = self.window.flow.queue
        wanted = [e for e in queue.open_hits if e.hit_id not in queue._put_off | queue._seen]
        assert (queue.sign is None) == (not wanted)
        assert queue.sign is None or queue.sign.hit.tier == min(e.hit.tier for e in wanted)

    @invariant()
    def the_screen_shows_what_the_engine_says(self) -> None:
        if hasattr(self, "window"):
            shown = [(e.hit_id, e.hit.state) for e in self.window.flow.queue.open_hits]
            assert shown == [(hit.hit_id, hit.state) for hit, _ in self.patrol.open_hits()]

    @invariant()
    def every_outcome_is_of_the_officer_of_the_shift(self) -> None:
        shifts = {shift.shift_id: shift.officer_id for shift in self.recording.shifts}
        hits = {hit.hit_id: hit for _, _, hits, _ in self.recording.reads for hit in hits}
        for outcome in self.recording.outcomes:
            assert outcome.officer_id == shifts[hits[outcome.hit_id].shift_id or ""]
            assert hits[outcome.hit_id].tier is not Tier.SILENT

    @invariant()
    def nobody_is_stopped_without_look_and_answer_or_an_override(self) -> None:
        hits = {hit.hit_id: hit for _, _, hits, _ in self.recording.reads for hit in hits}
        for outcome in self.recording.outcomes:
            before = hits[outcome.hit_id]
            now = hits[outcome.hit_id] = after(before, outcome)
            if now.disposition is not None and now.disposition.is_stop and now.disposition is not before.disposition:
                assert before.may_stop or now.override
            assert now.look == before.look or outcome.looked or outcome.undone

    @invariant()
    def the_entry_is_not_on_the_screen_while_its_picture_is_looked_at(self) -> None:
        if not hasattr(self, "window") or self.window.live.card.stage is not Stage.LOOK or not self.card_shows():
            return
        listed = self.window.live.card.hit.match.voi.vrm  # type: ignore[union-attr]
        plates = [one for one in self.window.live.findChildren(PlateLabel) if one.isVisible()]
        rows = [row for row in self.window.live.side.rows if row.isVisible()]
        assert listed not in {plate.accessibleName().replace(" ", "") for plate in plates}
        assert listed not in " ".join(row.accessibleName().replace(" ", "") for row in rows)

    @invariant()
    def no_check_is_decided_on_the_card_before_its_picture_was_looked_at(self) -> None:
        hits = {hit.hit_id: (hit, evidence) for _, evidence, hits, _ in self.recording.reads for hit in hits}
        for outcome in self.recording.outcomes:
            hit, evidence = hits[outcome.hit_id]
            if outcome.looked and hit.match.kind is MatchKind.CHECK and evidence.patch:
                assert outcome.hit_id in self.looked_first
                assert outcome.look_choice

    @invariant()
    def what_was_decided_is_taken_back_only_in_time(self) -> None:
        said: dict[str, list[tuple[HitState, float, bool]]] = {}
        for outcome in self.recording.outcomes:
            at = outcome.at.timestamp()
            said.setdefault(outcome.hit_id, []).append((outcome.state, at, outcome.undone))
        for outcomes in said.values():
            decided = None
            for (before, _, _), (state, at, undone) in pairwise([(HitState.RAISED, 0.0, False), *outcomes]):
                if before.is_open and not state.is_open:
                    decided = at
                if not before.is_open and state.is_open:
                    assert undone
                    assert decided is not None
                    assert at - decided <= UNDO_SECONDS + 1e-6
                if not before.is_open and not state.is_open:
                    assert before is state


@pytest.mark.timeout(600)  # a minute and a half on two cores with nothing else to do
def test_whatever_happens(app: QApplication) -> None:
    run_state_machine_as_test(
        HitsInTheWindow,
        settings=settings(
            max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_whatever_happens_for_long(app: QApplication) -> None:
    run_state_machine_as_test(
        HitsInTheWindow,
        settings=settings(
            max_examples=1000, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )

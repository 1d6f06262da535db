"""Of which hits the picture is looked at before the entry, and what was seen there. Pure: no Qt, no clock."""

from patrol_anpr.domain.look import LookFirst, LookQuestion, question_of
from ui.models.hit_queue import ShownHit


class LookBeforeList:
    """Asks once a hit; whether it is asked is settled when the hit is first shown and does not flip later."""

    def __init__(self, when: LookFirst) -> None:
        self._when = when
        self._questions: dict[str, LookQuestion | None] = {}
        self._choices: dict[str, str] = {}

    def question(self, shown: ShownHit, *, stands: bool) -> LookQuestion | None:
        """What is, or was, asked of this hit's picture before its entry is shown; None: nothing."""
        hit_id = shown.hit_id
        if hit_id not in self._questions:
            asked = shown.hit.is_open and bool(shown.evidence.patch)
            self._questions[hit_id] = question_of(shown.hit, self._when, stands=stands) if asked else None
        return self._questions[hit_id]

    def answer(self, hit_id: str, choice: str) -> None:
        """Take what the officer saw: one of the question's choices, or CANNOT_TELL."""
        self._choices[hit_id] = choice

    def choice(self, hit_id: str) -> str:
        """What the officer saw; "" where nothing was asked."""
        return self._choices.get(hit_id, "")

    def clear(self) -> None:
        """Forget everything: the shift is over."""
        self._questions.clear()
        self._choices.clear()

"""One proof run under way: which joint is tried since when, and which one follows. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from patrol_anpr.domain.proof import OF_A_CAMERA, Joint, JointResult, JointState, begun
from patrol_anpr.patrol.joints import DEADLINES, NOT_TRIED, Verdict


class Course:
    """Holds the results as they come. Times are in monotonic seconds."""

    def __init__(self, number: int, cameras: Sequence[str], now: float) -> None:
        self.run = begun(number, cameras)
        self._began = now
        self._since: dict[str, float] = {}

    def tries(self, joint: Joint, camera_id: str = "") -> JointResult | None:
        """The joint's result while it is being tried, else None."""
        result = self.run.of(joint, camera_id)
        return result if result.state is JointState.RUNNING else None

    @property
    def tried(self) -> Sequence[JointResult]:
        """The joints that are being tried now."""
        return [result for result in self.run.results if result.state is JointState.RUNNING]

    @property
    def open_ends(self) -> Sequence[JointResult]:
        """What a crew that goes on now leaves unproven: what failed, and what is not over."""
        return [one for one in self.run.results if one.state is JointState.FAILED or not one.state.is_over]

    @property
    def cameras_are_over(self) -> bool:
        """Whether nothing of any camera is waited for any more."""
        return all(result.state.is_over for result in self.run.results if result.joint in OF_A_CAMERA)

    def is_overdue(self, result: JointResult, now: float) -> bool:
        """Whether a joint that is being tried has had its time."""
        return now - self._since[result.key] > DEADLINES[result.joint]

    def attempt(self, joint: Joint, camera_id: str, now: float) -> None:
        """Begin to try a joint, also once more."""
        result = self.run.of(joint, camera_id)
        self._since[result.key] = now
        self.run = self.run.having(JointResult(joint, camera_id, JointState.RUNNING))

    def settle(self, joint: Joint, camera_id: str, verdict: Verdict, now: float) -> None:
        """Note what came of a joint. Of a camera the next one is tried, or what follows cannot be tried any more."""
        settled = JointResult(
            joint, camera_id, verdict.state, verdict.sentence, verdict.advice, round(now - self._began, 3)
        )
        self.run = self.run.having(settled)
        if joint in OF_A_CAMERA:
            self._follow(settled, now)

    def _follow(self, settled: JointResult, now: float) -> None:
        for joint in OF_A_CAMERA[OF_A_CAMERA.index(settled.joint) + 1 :]:
            following = self.run.of(joint, settled.camera_id)
            if following.state.is_over:
                continue
            if settled.state is JointState.PASSED:
                self.attempt(joint, settled.camera_id, now)
                return
            self.run = self.run.having(replace(following, state=NOT_TRIED.state, sentence=NOT_TRIED.sentence))

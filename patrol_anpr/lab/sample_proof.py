"""A proof run that goes as it is told: for reference screenshots and tests of the start check."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from patrol_anpr.domain.proof import Joint, JointResult, JointState, ProofRun, Tap, begun

_OF_THE_CREW = (Joint.SOUND, Joint.TOUCH)


@dataclass
class SampleProof:
    """Satisfies window_ports.Proving: what a part proves passes at once, unless it is among `broken`.

    The crew is waited for. It tells `publish` of each change, and writes down in `told` what it was told.
    """

    cameras: Callable[[], Sequence[str]]
    publish: Callable[[ProofRun], None]
    told: list[tuple[object, ...]]
    broken: list[JointResult] = field(default_factory=list)
    run: ProofRun = field(default_factory=ProofRun)

    def start(self) -> None:
        """Have everything pass that waits for no crew."""
        self.told.append(("proof",))
        self.run = begun(self.run.number + 1, self.cameras())
        for result in self.run.results:
            state = JointState.RUNNING if result.joint in _OF_THE_CREW else JointState.PASSED
            self.run = self.run.having(replace(result, state=state))
        for fault in self.broken:
            self.run = self.run.having(fault)
        self.publish(self.run)

    def say_again(self) -> None:
        """Write it down."""
        self.told.append(("say_again",))

    def heard(self, was_heard: bool) -> None:
        """A yes passes."""
        state = JointState.PASSED if was_heard else JointState.FAILED
        self._settle(Joint.SOUND, state, "" if was_heard else "The test was not heard.")

    def tapped(self, how: Tap) -> None:
        """Any tap passes."""
        self.told.append(("tapped", how))
        self._settle(Joint.TOUCH, JointState.PASSED, "")

    def go_on(self) -> None:
        """Write it down."""
        self.told.append(("go_on", [fault.key for fault in self.run.faults]))

    def _settle(self, joint: Joint, state: JointState, sentence: str) -> None:
        if self.run.results:
            self.run = self.run.having(JointResult(joint, "", state, sentence))
            self.publish(self.run)

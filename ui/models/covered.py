"""Which camera a hand is held before: the one whose picture goes dark while no other's does. Pure."""

from collections.abc import Mapping

_DARK = 0.5
"""Share of its usual brightness below which a picture has gone dark (judged: a hand takes more than half)."""
_SLOWLY = 0.1
"""Weight of the newest picture in what is usual: dusk comes slowly, a hand does not."""


class CoverWatch:
    """Told the brightness of each camera's picture a few times a second."""

    def __init__(self) -> None:
        self._usual: dict[str, float] = {}

    def look(self, brightness: Mapping[str, float]) -> str:
        """The camera that is covered; "" for none, or where several went dark at once (a tunnel)."""
        dark = []
        for camera_id, level in brightness.items():
            usual = self._usual.setdefault(camera_id, level)
            if level < _DARK * usual:
                dark.append(camera_id)
            else:
                self._usual[camera_id] = usual + _SLOWLY * (level - usual)
        return dark[0] if len(dark) == 1 and len(brightness) > 1 else ""

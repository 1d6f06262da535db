"""Errors whose message is a sentence for the person at the screen.

KnownError
 ├── BadInput        the user gave something that cannot be used (file, setting, argument)
 ├── DeviceLost      a camera, GPS receiver or sound device is not there or stopped
 ├── ModelRefused    a model file is missing, changed or of the wrong shape
 ├── RecordsFault    the database or the disk under it cannot be used
 │    └── KeyRefused the key to it is missing, damaged or another's
 ├── StickFault      a USB stick cannot be read or written, or holds nothing that counts
 └── DepotFault      the depot cannot be reached, refused us, or could not prove who it is

A KnownError's text says what was wrong and what to do, names no VRM, officer or place, and is shown as it stands.
Anything else that is raised is a bug and keeps its stack trace.
"""

from patrol_anpr.domain.sentences import sentence


class KnownError(Exception):
    """Base of every error that is the world's or the user's, not the program's.

    With values that stand in the places of its text: `BadInput("There is no file {name}. Check the path.", name=name)`.
    """

    def __init__(self, text: str, /, **places: object) -> None:
        super().__init__(sentence(text, **places) if places else text)

    @property
    def sentence(self) -> str:
        """What it says, as it was made: `str(error)` is only its English."""
        said: str = self.args[0]
        return said


class BadInput(KnownError):
    """Something the user gave cannot be used."""


class DeviceLost(KnownError):
    """A device is absent or has stopped."""


class ModelRefused(KnownError):
    """A model file is missing, was changed, or does not have the shape it must have."""


class RecordsFault(KnownError):
    """The records cannot be opened or written."""


class KeyRefused(RecordsFault):
    """The key to the records is missing, damaged, open to others, or the key of other records."""


class DepotFault(KnownError):
    """The depot could not be reached or would not do what was asked."""


class StickFault(KnownError):
    """A USB stick was pulled out, is full, takes nothing, or holds nothing that may be believed."""

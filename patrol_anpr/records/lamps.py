"""The lamp of the records: what it says, and when."""

from collections.abc import Callable

from patrol_anpr.domain.health import OF_THE_START, Lamp, LampState

KEY = "records"


def counted(number: int, what: str) -> str:
    """Return "1 picture", "2 pictures"."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _with_given_up(word: str, given_up: int) -> str:
    return f"{word}: {counted(given_up, 'picture')} given up" if given_up else word


def recording(given_up: int = 0) -> Lamp:
    """All is on the disk; `given_up` pictures are not, since the program started."""
    return Lamp(
        KEY, LampState.GOOD, "Recording", f"Given up earlier: {counted(given_up, 'picture')}." if given_up else ""
    )


def begun_afresh(told: str) -> Lamp:
    """Recording goes on in new records; `told` says why."""
    return Lamp(KEY, LampState.WARN, "Records begun afresh", told)


def found_late(number: int, notice: str) -> Lamp:
    """Something about records that could not be opened at the start, and now could."""
    return Lamp(f"{OF_THE_START}{KEY} {number}", LampState.UNKNOWN, "Records opened late", notice)


def late(given_up: int) -> Lamp:
    """The disk works, but is slower than what comes."""
    word = _with_given_up("Recording late", given_up)
    return Lamp(KEY, LampState.WARN, word, "The disk is slow. Reads and hits wait in memory; none is lost.")


def disk_full(given_up: int) -> Lamp:
    """Nothing can be written until there is room."""
    word = _with_given_up("Disk full", given_up) if given_up else "Not recording"
    return Lamp(
        KEY,
        LampState.BAD,
        word,
        "The disk is full. Reads and hits are held in memory and written when there is room: free some space, or "
        "upload at the depot.",
    )


def disk_fails(given_up: int) -> Lamp:
    """Nothing can be written until the disk works again."""
    word = _with_given_up("Not recording", given_up)
    return Lamp(
        KEY,
        LampState.BAD,
        word,
        "The disk fails. Reads and hits are held in memory and written when it works again. Tell IT.",
    )


def not_open(told: str) -> Callable[[int], Lamp]:
    """The records could not even be opened; `told` says why."""

    def lamp(given_up: int) -> Lamp:
        word = _with_given_up("Not recording", given_up)
        return Lamp(KEY, LampState.BAD, word, f"{told} Until then reads and hits are held in memory only.")

    return lamp


REFUSED = Lamp(KEY, LampState.BAD, "Record refused", "A record could not be written. Report the log file.")


def refused(records: int) -> Lamp:
    """Some records could not be written for a fault of their own: they are lost, and that stays told."""
    return Lamp(KEY, LampState.WARN, f"{counted(records, 'record')} refused", REFUSED.advice)

"""The lamp of the records: what it says, and when."""

from collections.abc import Callable

from patrol_anpr.domain.health import OF_THE_START, Lamp, LampState
from patrol_anpr.domain.sentences import Sentence, counted, joined, marked, sentence
from patrol_anpr.records.sparing import Sparing

KEY = "records"


def records_of(count: int) -> Sentence:
    """Return "1 record", "2 records"."""
    return counted("1 record", "{count} records", count)


def pictures_of(count: int) -> Sentence:
    """Return "1 picture", "2 pictures"."""
    return counted("1 picture", "{count} pictures", count)


def _with_given_up(word: str, given_up: int) -> str:
    told = sentence("{word}: {pictures} given up", word=sentence(word), pictures=pictures_of(given_up))
    return told if given_up else word


def recording(given_up: int = 0) -> Lamp:
    """All is on the disk; `given_up` pictures are not, since the program started."""
    told = sentence("Given up earlier: {pictures}.", pictures=pictures_of(given_up)) if given_up else ""
    return Lamp(KEY, LampState.GOOD, "Recording", told)


def begun_afresh(told: str) -> Lamp:
    """Recording goes on in new records; `told` says why."""
    return Lamp(KEY, LampState.WARN, "Records begun afresh", told)


def found_late(number: int, notice: str, word: str = "Records opened late") -> Lamp:
    """Something about records that could not be opened at the start, and now could."""
    return Lamp(f"{OF_THE_START}{KEY} {number}", LampState.UNKNOWN, word, notice)


def late(given_up: int) -> Lamp:
    """The disk works, but is slower than what comes."""
    word = _with_given_up(marked("Recording late"), given_up)
    return Lamp(KEY, LampState.WARN, word, "The disk is slow. Reads and hits wait in memory; none is lost.")


def sparing(what: Sparing, spared: int) -> Lamp:
    """The disk fills up: pictures of Reads without a hit are not kept; `spared` counts them since the start."""
    word = marked("Overviews not kept") if what is Sparing.OVERVIEWS else marked("Pictures not kept")
    advice = sentence(
        "The disk is nearly full. Every read is kept, and every picture of a hit; of other reads {pictures} not. "
        "Upload at the depot, then records are deleted by themselves.",
        pictures=counted("1 picture was", "{count} pictures were", spared),
    )
    return Lamp(KEY, LampState.WARN, word, advice)


def disk_full(given_up: int) -> Lamp:
    """Nothing can be written until there is room."""
    word = _with_given_up(marked("Disk full"), given_up) if given_up else marked("Not recording")
    return Lamp(
        KEY,
        LampState.BAD,
        word,
        "The disk is full. Reads and hits are held in memory and written when there is room: free some space, or "
        "upload at the depot.",
    )


def disk_fails(given_up: int) -> Lamp:
    """Nothing can be written until the disk works again."""
    word = _with_given_up(marked("Not recording"), given_up)
    return Lamp(
        KEY,
        LampState.BAD,
        word,
        "The disk fails. Reads and hits are held in memory and written when it works again. Tell IT.",
    )


def not_open(told: str) -> Callable[[int], Lamp]:
    """The records could not even be opened; `told` says why."""

    def lamp(given_up: int) -> Lamp:
        word = _with_given_up(marked("Not recording"), given_up)
        return Lamp(KEY, LampState.BAD, word, joined(told, "Until then reads and hits are held in memory only."))

    return lamp


CLOSED_EARLIER = marked(
    "The records of an earlier shift are closed. They are sent as they are; only the depot opens them."
)


def closed(_given_up: int) -> Lamp:
    """Nobody has signed on: there is no key to any records."""
    return Lamp(KEY, LampState.UNKNOWN, "Records closed", "They open when an officer signs on.")


REFUSED = Lamp(KEY, LampState.BAD, "Record refused", "A record could not be written. Report the log file.")


def refused(records: int) -> Lamp:
    """Some records could not be written for a fault of their own: they are lost, and that stays told."""
    return Lamp(KEY, LampState.WARN, counted("1 record refused", "{count} records refused", records), REFUSED.advice)

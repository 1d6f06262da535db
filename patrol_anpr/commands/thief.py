"""What a thief of this laptop would get now, in plain words."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from patrol_anpr.commands.finding import Finding
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.health import LampState
from patrol_anpr.hotlists.exposure import lists_exposure
from patrol_anpr.plumbing.at_rest import Encryption, disk_encryption, plain_swap
from patrol_anpr.records.exposure import Exposure, exposure, seconds_a_guess
from patrol_anpr.records.keys import LISTS, find_key
from patrol_anpr.settings import Settings

PART = "thief"
_HALF_OF_EIGHT_DIGITS = 10**8 // 2
_DAY = 24 * 3600


def thief_findings(settings: Settings) -> Iterator[Finding]:
    """Say what whoever takes this laptop opens with all that lies on its disk, and what the disk itself gives."""
    folder = settings.records.folder
    yield from _records(exposure(folder))
    yield from _lists(settings.hotlists.folder)
    yield from _disk(folder)


def _records(found: Exposure) -> Iterator[Finding]:
    if found.reads:
        advice = "Enrol the car at its depot (`patrol-anpr enrol`), set up the system's key store, or encrypt the disk."
        yield Finding(
            PART, LampState.WARN, f"opens {found.reads:,} reads with their pictures: the key lies beside them", advice
        )
    elif found.with_pin:
        yield _with_pin(found)
    else:
        yield Finding(PART, LampState.GOOD, "opens no reads and no pictures")
    if found.sealed:
        unsent = f", {found.unsent} of them not known to be there" if found.unsent else ""
        yield Finding(PART, LampState.GOOD, f"{found.sealed} shift(s) open at the depot only{unsent}")
    if found.roster:
        advice = "The key of the car lies in a file: set up the system's key store, or encrypt the disk."
        yield Finding(
            PART, LampState.WARN, f"has the officers' names and can search for their PINs: {_price()}", advice
        )


def _with_pin(found: Exposure) -> Finding:
    shifts = f"opens {found.with_pin} shift(s) with the PIN of the officer"
    advice = "Lock or sign off: then no PIN opens them."
    if not found.key_in_file:
        return Finding(PART, LampState.GOOD, f"{shifts}, and with the key store of this user", advice)
    return Finding(PART, LampState.WARN, f"{shifts}, for which they can search: {_price()}", advice)


def _price() -> str:
    seconds = seconds_a_guess()
    days = _HALF_OF_EIGHT_DIGITS * seconds / _DAY
    return f"{seconds:.2f} s of a core a guess here, {days:,.0f} core-days for half of all 8-digit PINs"


def _lists(folder: Path) -> Iterator[Finding]:
    if (folder / f"{LISTS}.key").exists():
        with suppress(RecordsFault):  # it is said under "key store"
            found = lists_exposure(folder, find_key(folder, LISTS).derived("hotlists"))
            yield Finding(
                PART,
                LampState.WARN,
                f"opens {found.opened} list(s), {found.urgent} of them urgent and {found.silent} silent, also after a "
                "lock and a sign-off: their key lies beside them",
                "Set up the system's key store, or encrypt the disk. Deny a stolen car at the depot: it gets no more.",
            )
    if (folder / "arriving" / "signed").is_dir():
        yield Finding(
            PART,
            LampState.WARN,
            "reads what lists there are: their names, owners, contacts and cars, and no entry of them",
            "It lies there as it was signed. Give a covert list a name that says nothing, and encrypt the disk.",
        )


def _disk(folder: Path) -> Iterator[Finding]:
    encryption = disk_encryption(folder) if folder.exists() else Encryption.UNKNOWN
    if encryption is Encryption.YES:
        yield Finding(PART, LampState.GOOD, "the disk is encrypted: switched off, it gives nothing of all this")
    else:
        advice = "Encrypt it (LUKS, BitLocker): nothing else protects a laptop that is switched off as well."
        yield Finding(PART, LampState.WARN, f"the disk is {encryption.value}", advice)
    if swap := plain_swap():
        advice = "Encrypt it, or switch it off: what is in memory may be written there, keys too."
        yield Finding(PART, LampState.WARN, f"memory is written out in plain to {', '.join(swap)}", advice)

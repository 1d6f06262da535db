"""What is said of the cameras: the part of the catalogue (ui/text.py) for the page that sets them up."""

import math
from datetime import timedelta

from patrol_anpr.domain.coverage import Bar, Blind, CoverageMinute, MinuteCounts
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.optics import READABLE_PIXELS, Lens
from patrol_anpr.domain.outlook import Exposure, Focus, Outlook
from patrol_anpr.domain.sentences import marked
from ui.text import age, camera_word, clock_time, tr, tr_many

_BLIND = {
    Blind.LOST: marked("no picture"),
    Blind.FROZEN: marked("frozen"),
    Blind.GARBLED: marked("spoilt picture"),
    Blind.BLOCKED: marked("lens covered"),
    Blind.DARK: marked("too dark"),
    Blind.BRIGHT: marked("too bright"),
    Blind.BLURRED: marked("blurred"),
    Blind.SMALL: marked("picture too small"),
    Blind.MASKED: marked("most of the picture masked"),
    Blind.SKIPPED: marked("too few pictures were read"),
    Blind.TOO_WIDE: marked("lens too wide"),
}
_FOCUS = {
    Focus.UNKNOWN: "",
    Focus.GOOD: marked("Sharp."),
    Focus.SOFT: marked("Out of focus? Turn the lens or clean it."),
    Focus.BLURRED: marked("Out of focus. Turn the lens or clean it."),
}
_EXPOSURE = {
    Exposure.UNKNOWN: "",
    Exposure.GOOD: marked("Well lit."),
    Exposure.DARK: marked("Too dark. Is something before the lens?"),
    Exposure.BRIGHT: marked("Too bright. Turn the camera out of the light."),
    Exposure.BURNING: marked("Plates burn out. Ask IT for a shorter exposure."),
}


def blind_word(reason: Blind) -> str:
    """Why a camera could not read, in words."""
    return tr(_BLIND[reason])


def figures(outlook: Outlook) -> str:
    """What a camera delivers, and what is read of it."""
    status = outlook.status
    words = tr("{width} by {height}, {offered:.0f} pictures a second, {read:.0f} read.").format(
        width=status.width, height=status.height, offered=status.fps, read=outlook.fps_read
    )
    if not outlook.reconnects:
        return words
    again = tr_many("Came back once since sign-on.", "Came back {count} times since sign-on.", outlook.reconnects)
    return f"{words} {again}"


def lens_words(outlook: Outlook) -> str:
    """What is to be said of a lens: in metres where its field of view is known, else of the plates it showed."""
    lens, metres, seen = outlook.lens, outlook.metres, len(outlook.widths.widest_of_each)
    if lens is Lens.TOO_WIDE and outlook.widths.are_too_small:
        return tr("Too wide a lens: of the last {count} vehicles no plate was wide enough to read.").format(count=seen)
    if lens is Lens.TOO_WIDE and metres is not None:
        return tr("Too wide a lens: plates are read only up to {metres} m.").format(metres=math.floor(metres))
    if metres is not None:
        return tr("Plates are read up to {metres} m.").format(metres=math.floor(metres))
    if lens is Lens.GOOD:
        return tr("Plates come near enough to be read.")
    return tr("No plate was wide enough yet.") if lens is Lens.SMALL else tr("No plate seen yet.")


def width_words(outlook: Outlook) -> str:
    """The widest and the typical plate lately."""
    widths = outlook.widths
    if not widths.widest_of_each:
        return tr("{needed} pixels are needed.").format(needed=READABLE_PIXELS)
    return tr("Plates lately: widest {widest:.0f}, typical {typical:.0f} pixels; {needed} are needed.").format(
        widest=widths.widest, typical=widths.typical, needed=READABLE_PIXELS
    )


def hints(outlook: Outlook) -> str:
    """Focus and exposure, what is wrong first."""
    focus, exposure = tr(_FOCUS[outlook.focus]), tr(_EXPOSURE[outlook.exposure])
    first, second = (focus, exposure) if outlook.focus is not Focus.GOOD else (exposure, focus)
    return f"{first} {second}".strip()


def count_words(counts: MinuteCounts) -> str:
    """How much of a shift a camera could read in."""
    return tr("{usable} min usable, {blind} min blind, {unread} not read").format(
        usable=counts.usable, blind=counts.blind, unread=counts.unread
    )


def bar_words(camera_id: str, bar: Bar) -> str:
    """What a bar of the coverage strip says: when, and what the absence of a Read means there."""
    head = tr("{camera}, {begin} to {end}:").format(
        camera=camera_word(camera_id), begin=clock_time(bar.begin), end=clock_time(bar.end)
    )
    if bar.minutes is None:
        return f"{head} {tr('not watched. The program did not run, or the computer slept.')}"
    return f"{head} {_seen_words(bar.minutes)}"


def _seen_words(minutes: CoverageMinute) -> str:
    parts = [tr("could read for {span}").format(span=_span(minutes.usable_seconds))]
    parts += [
        tr("{reason} for {span}").format(reason=blind_word(reason), span=_span(seconds))
        for reason, seconds in sorted(minutes.blind.items(), key=lambda pair: -pair[1])
    ]
    counts = tr("{reads} read, {unread} followed but not read").format(reads=minutes.reads, unread=minutes.unread)
    return f"{', '.join(parts)}. {counts}."


def _span(seconds: float) -> str:
    return age(timedelta(seconds=round(seconds)))


def fix_words(fix: Fix, now: float) -> str:
    """How good the position is: satellites where the receiver tells, and its age."""
    old = tr("{age} old").format(age=age(timedelta(seconds=fix.age(now))))
    if fix.satellites is None:
        return old
    return tr("{count} satellites, {old}").format(count=fix.satellites, old=old)


def waiting_words(count: int) -> str:
    """How much the depot does not hold yet."""
    return tr_many("{count:,} waits for the depot", "{count:,} wait for the depot", count)

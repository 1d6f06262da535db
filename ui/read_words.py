"""A Read, a mark and an own entry in words: what an officer understands of them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from patrol_anpr.domain.by_hand import Lifetime, OwnVoi, ReadCorrection
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.hints import MarkHint
from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.domain.read import Read
from patrol_anpr.domain.search import LookUp
from patrol_anpr.domain.sentences import marked
from patrol_anpr.domain.vrm import VrmFormat, issued_by, spaced
from ui.text import Say, age, camera_word, clock_time, say, tier_word, tr

MPH = 2.236936
"""Miles an hour of one metre a second."""
MOST_OTHERS = 4
"""Other readings that are shown; the record has them all."""
_WINDS = (
    marked("north"),
    marked("north-east"),
    marked("east"),
    marked("south-east"),
    marked("south"),
    marked("south-west"),
    marked("west"),
    marked("north-west"),
)
_PLATES = {
    PlateColour.YELLOW: marked("Yellow plate: the rear"),
    PlateColour.WHITE: marked("White plate: the front"),
}
_FORMATS = {
    VrmFormat.CURRENT: marked("current style"),
    VrmFormat.PREFIX: marked("prefix style"),
    VrmFormat.SUFFIX: marked("suffix style"),
    VrmFormat.NORTHERN_IRELAND: marked("Northern Ireland"),
    VrmFormat.DATELESS: marked("dateless"),
    VrmFormat.Q_PLATE: marked("Q plate"),
    VrmFormat.DIPLOMATIC: marked("diplomatic"),
    VrmFormat.OTHER: marked("no UK style"),
}
_LIFETIMES = {Lifetime.SHIFT: marked("This shift"), Lifetime.DAY: marked("24 hours"), Lifetime.WEEK: marked("7 days")}
VOI_REASONS = (
    marked("Failed to stop"),
    marked("Drove off without paying"),
    marked("Seen leaving a scene"),
    marked("Driver wanted"),
    marked("Driving dangerously"),
    marked("Suspicious"),
)
"""What most entries are made for, in words that can be said; others can be entered."""


def format_word(kind: VrmFormat) -> str:
    """The name of a family of marks."""
    return tr(_FORMATS[kind])


def lifetime_word(lifetime: Lifetime) -> str:
    """How long an own entry is in force."""
    return tr(_LIFETIMES[lifetime])


def day_time(at: datetime) -> str:
    """A day and the time of day on the officer's clock: 21 Nov 21:43."""
    return f"{at.astimezone():%d %b %H:%M}".lstrip("0")


def facts(read: Read, today: date) -> list[str]:
    """What is known of a Read, a line each."""
    if read.is_entered:
        return [_when(read), say(Say.NO_PICTURE_NOTE), *_place(read)]
    lines = [
        _when(read),
        tr("{camera} camera, {count} frames, {percent} % sure").format(
            camera=camera_word(read.camera_id), count=read.frames, percent=read.confidence
        ),
        *([tr(_PLATES[read.colour])] if read.colour in _PLATES else ()),
        *_place(read),
        *_doubts(read, today),
    ]
    if read.lists:
        lists = ", ".join(f"{list_id} {revision}" for list_id, revision in read.lists)
        lines.append(tr("Checked against {lists}").format(lists=lists))
    return [line for line in lines if line]


def _when(read: Read) -> str:
    at = read.captured_at.astimezone()
    when = tr("{time} on {day}").format(time=f"{at:%H:%M:%S}", day=f"{at:%d %b %Y}".lstrip("0"))
    return when if read.clock_source != "system" else tr("{when}, by a clock nobody compared").format(when=when)


def _place(read: Read) -> list[str]:
    fix = read.fix
    if fix is None:
        return [tr("No position")]
    where = tr("At {latitude:.5f}, {longitude:.5f}").format(latitude=fix.latitude, longitude=fix.longitude)
    if read.fix_age is not None and read.fix_age >= 2:
        where = tr("{where}, {seconds:.0f} s before").format(where=where, seconds=read.fix_age)
    return [where, *_motion(fix)]


def _motion(fix: Fix) -> list[str]:
    if fix.speed is None:
        return []
    moving = tr("This car: {speed:.0f} mph").format(speed=fix.speed * MPH)
    if fix.heading is None:
        return [moving]
    return [tr("{moving} to the {wind}").format(moving=moving, wind=tr(_WINDS[round(fix.heading / 45) % 8]))]


def _doubts(read: Read, today: date) -> list[str]:
    others = [text for text in read.candidates if text and text != read.vrm][:MOST_OTHERS]
    lines = [tr("Single frames said {texts}").format(texts=", ".join(map(spaced, others)))] if others else []
    if not issued_by(read.vrm, today):
        lines.append(tr("This age code is not issued yet: a misread or a false plate"))
    return lines


def correction_lines(corrections: Iterable[ReadCorrection]) -> list[str]:
    """Who corrected a Read to what, and when."""
    words = tr("{time}: corrected to {vrm} by {officer}")
    return [words.format(time=clock_time(one.at), vrm=spaced(one.vrm), officer=one.officer_id) for one in corrections]


def until(entry: OwnVoi) -> str:
    """When an own entry ends."""
    if entry.lifetime is Lifetime.SHIFT:
        return tr("sign-off")
    return day_time(entry.expires_at)


def own_entry(entry: OwnVoi) -> str:
    """Tier, end and owner of an own entry."""
    tier = tier_word(entry.tier).capitalize()
    return say(Say.OWN_ENTRY, tier=tier, until=until(entry), officer=entry.officer_id)


def in_force(entry: OwnVoi) -> str:
    """That an own entry is in force, and until when."""
    return say(Say.IN_FORCE_NOW, vrm=spaced(entry.vrm), until=until(entry))


def hint_words(vrm: str, said: MarkHint) -> str:
    """What a mark that is being entered is or can become, and what cannot be."""
    if not vrm:
        return say(Say.ENTER_HINT)
    if said.impossible is not None:
        words = tr("No UK mark has {char} there. It is taken all the same.")
        return words.format(char=vrm[said.impossible])
    if said.not_issued:
        return tr("Its age code is not issued yet: look again, or a false plate.")
    whole = (
        tr("Complete: {style}.").format(style=format_word(said.format)) if said.format is not VrmFormat.OTHER else ""
    )
    if not said.may_become:
        return whole
    more = tr("May become {styles}.").format(styles=_some(said.may_become))
    follows = [tr("a letter")] * said.next_letter + [tr("a digit")] * said.next_digit
    missing = tr("Next: {what}.").format(what=tr(" or ").join(follows)) if not whole else ""
    return " ".join(part for part in (whole, missing, more) if part)


def _some(kinds: Sequence[VrmFormat]) -> str:
    return ", ".join(format_word(kind) for kind in kinds[:2])


def answer_words(found: LookUp, now: datetime, *, checked: bool) -> str:
    """What the lists say of a mark that matches nothing. Never that it is clear: only what these lists hold."""
    if found.oldest is None:
        return say(Say.NO_LIST_IN_FORCE)
    aged = say(Say.LIST_AGE, age=age(now - found.oldest.issued_at))
    return f"{say(Say.NOT_ON_LISTS if checked else Say.NOT_ON_LISTS_YET)} ({aged})"

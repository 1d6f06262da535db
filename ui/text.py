"""Every sentence an officer sees, in one place and in plain English, ready for translation."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum

from patrol_anpr.domain import wording
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.events import CameraChanged, Event, LampChanged, ListChanged, ProofChanged, SyncProgress
from patrol_anpr.domain.health import CameraState
from patrol_anpr.domain.hit import CANNOT_TELL, ControlAnswer, Hit, HitState, Match, MatchKind, Override, Verification
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.proof import JOINT_NAMES, Joint, JointResult, JointState, ProofRun
from patrol_anpr.domain.read import Read
from patrol_anpr.domain.sentences import marked
from patrol_anpr.domain.shift import Crew, ListCounts
from patrol_anpr.domain.shift_chart import CameraCounts
from patrol_anpr.plumbing.language import translate, translate_many
from ui.models.hit_lines import HitLine

_LONG_WORD = 20


class Say(Enum):
    """The sentences. `{}` places are filled by name; a pair is for one and for many of its `count`."""

    PRODUCT = "Patrol ANPR"
    # The frame
    LIVE = "Live"
    HITS = "Hits"
    READS = "Reads"
    SHIFT = "Shift"
    CAR = "Car"
    SOUND_ON = "Sound on"
    MUTED = "Muted"
    MUTED_NOTE = "Immediate hits still sound"
    NIGHT = "Night"
    DAY = "Day"
    DRIVER = "Driver view"
    MORE_GOOD = "{count} good"
    MORE = "{count} more"
    NOT_RECORDING = "Not recording. Reads and hits are not being saved."
    SAFE_MODE = "Safe mode after crashes. It reads, alerts and records with the safest settings. Tell IT."
    DEMO = "Demo"
    MORE_TOLD = "{count} more messages. The start check shows them."
    TOO_SMALL = "This screen is too small: a button is {mm:.0f} mm high, and {wanted:.0f} mm is needed for gloves."
    DEMO_PIN = "This is the demo. Sign on as Alex Demo with observer, PIN 73052846."
    # Sign on
    SIGN_ON = "Sign on"
    WHO = "Who is signing on?"
    NO_OFFICERS = "No officers are known to this car yet. Fetch the roster from the depot first."
    FETCH = "Fetch from the depot"
    UNIT = "Unit"
    CREW = "Crew"
    PIN = "PIN"
    PIN_OF = "PIN of {name}"
    NO_PIN = "No PIN is needed. This car has no depot."
    CHOOSE_OFFICER = "Choose your name on the left."
    CHECKING = "Checking…"
    CLEAR = "Clear"
    DELETE = "Delete"
    # Start check
    START_CHECK = "Start check"
    GPS = "GPS"
    CLOCK = "Clock"
    DISK = "Disk"
    LIST = "Lists"
    VOICE = "Voice"
    RECORDS = "Records"
    WORKING = "Working"
    FULL_VIEW = "Full view"
    NO_REPORT = "No report yet"
    HEARD = "Did you hear “Test”?"
    YES = "Yes"
    NO = "No"
    AGAIN = "Say it again"
    VOICE_NO = "Turn the volume up and check the loudspeaker. Hits still show on the screen."
    VOICE_YES = "You heard the voice."
    START = "Start patrol"
    LIST_NOT_UPDATED = "The lists were not updated"
    ALL_WORKS = "Everything works"
    CHECK_RUNS = "A drawn plate goes the way of every read, from each camera to the records."
    FAULT_IN = "Fault: {fault}"
    RUN_AGAIN = "Run again"
    GO_ON_ANYWAY = "Go on all the same"
    TOUCH_PLATE = "Touch this plate"
    TOUCH_SOON = "Wait for the test plate"
    TOUCHED = "Touched"
    LIST_NOT_UPDATED_NOTE = "The lists already in the car are used. Look at their age."
    # Settings
    SETTINGS = "Settings"
    SET_ELSEWHERE = "Set for this car by your depot or IT"
    VOICE_VOLUME = "Loudness of the voice"
    TONE_VOLUME = "Loudness of the tones"
    IMMEDIATE_FLOOR = "An immediate hit is never quieter than 70 %."
    VOICE_SPEED = "Speed of the voice"
    WORDS_A_MINUTE = "words a minute"
    PERCENT = "%"
    LISTEN = "Say a sentence"
    BRIGHTNESS = "Brightness"
    COLOURS = "Colours"
    BY_THE_SUN = "By the sun"
    HIGH_CONTRAST = "High contrast"
    LANGUAGE = "Language"
    ENGLISH = "English"
    WELSH = "Cymraeg"
    # Lock
    LOCK = "Lock"
    LOCKED = "Locked"
    UNLOCK = "Unlock"
    PIN_TO_UNLOCK = "PIN of the officer signed on"
    STOP_TO_UNLOCK = "Stop the car to unlock. Hits still sound."
    # Hits and reads
    OPEN_COUNT = "{count} open"
    NO_HITS = "No open hits"
    READ_COUNT = "{count} this shift"
    NO_READS = "No reads yet"
    FILTER_OPEN = "Open {count}"
    FILTER_CLOSED = "Closed {count}"
    NO_CLOSED = "No closed hits this shift"
    ALL = "All"
    TIER = "Tier"
    OUTCOME = "Outcome"
    NOT_SHOWN = "Not shown: {count}. Tap a filter until it says All."
    # Searching, correcting, entering
    SEARCH = "Search"
    SEARCH_READS = "Search the reads of this shift"
    SEARCH_HINT = "? stands for one character, * for any number of them. Without them any part of a mark is found."
    SEARCHING = "Looking for {pattern}…"
    FOUND = "{count} match {pattern}"
    FOUND_ONE = "1 matches {pattern}"
    NO_MATCH = "No reads match {pattern}"
    SHOW_ALL = "Show all"
    CORRECTED_TO = "corrected to"
    ENTERED_BY_HAND = "Entered by hand"
    BY_HAND = "By hand"
    NO_PICTURE_TAKEN = "No picture: entered by hand"
    NO_PICTURE_NOTE = "There is no picture. Confirm it against the vehicle itself."
    CORRECT = "Correct"
    CORRECT_HINT = "Enter what the picture shows. What was read stays beside it."
    KEEP_CORRECTION = "Keep it"
    CORRECTION_KEPT = "The correction is kept, and checked against the lists."
    MAKE_VOI = "Make this a VOI"
    VOI_TITLE = "A vehicle of interest for this car"
    VOI_WHY = "Why?"
    VOI_WHY_HINT = "The next crew hears these words."
    VOI_TIER = "How urgent?"
    VOI_UNTIL = "How long?"
    VOI_OWNER = "It is kept in your name, and the depot is told."
    OTHER_WORDS = "Other words"
    TAKE_WORDS = "Use these words"
    PUT_IN_FORCE = "Put in force"
    IN_FORCE_NOW = "{vrm} is in force in this car until {until}."
    OWN_ENTRIES = "This car's list"
    OWN_TITLE = "Entries made in this car"
    NO_OWN = "No entries of this car are in force."
    WITHDRAW = "Withdraw"
    WITHDRAWN = "{vrm} is withdrawn."
    OWN_ENTRY = "{tier} · until {until} · by {officer}"
    ENTER_VRM = "Enter VRM"
    ENTER_HINT = "Enter a mark you see or hear."
    CHECK_MARK = "Check"
    NOT_ON_LISTS = "Not on the lists in this car"
    NOT_ON_LISTS_YET = "Nothing on the lists so far"
    NO_LIST_IN_FORCE = "No list is in force in this car. Nothing can be said about this mark."
    LIST_AGE = "oldest list {age} old"
    MARK_TAKEN = "{vrm} is on record as entered by you."
    # The card
    CONFIRM = "Confirm"
    LATER = "Later"
    DISMISS = "Dismiss"
    HOLD = "hold 1 second"
    TAP = "one tap"
    SEEN = "Seen"
    CONTROL = "Confirm with control before action"
    POSSIBLE = "Possible"
    PICTURE_MISSING = "Picture missing"
    MARKERS = "Markers: {markers}"
    CAMERA_READ = "Camera read"
    YOU_SAW = "You saw {character}, as the list has it."
    YOU_SAW_OTHER = "You saw {character}. The list has {listed}."
    COULD_NOT_TELL = "You could not tell. The list has {listed}."
    PICTURE_OF = "Picture {number} of {count}. A tap shows the next one."
    WHICH_CHARACTER = "Look at the picture. What is character {number} of {count}?"
    CANNOT_TELL = "Cannot tell"
    WAITING = "{count} waiting"
    ASK_CONTROL = "Read it to control. What do they say? It can wait."
    WHAT_DONE = "Stopped? What was done? It can wait."
    WHY_NOT_STOPPED = "Why was it not stopped? It can wait."
    WHY_OVERRIDE = "Stopped without a look and control's word: why?"
    TO_WHAT_DONE = "What was done"
    TO_CONTROL = "What control said"
    WHY_DISMISSED = "Dismissed. Why? It can wait until you stop."
    DONE = "Done"
    NEXT = "Next hit"
    NOT_STOPPED = "Not stopped"
    BACK = "Back"
    CAR_STANDS = "The car stands"
    UNDO = "Undo"
    CONFIRMED = "Confirmed"
    DISMISSED = "Dismissed"
    CALM = "No open hit"
    PLATES_DIFFER = "Plates differ"
    CANCELLED = "No longer listed"
    CANCELLED_ACTION = "Taken off the list since. Ask control before you act."
    LIST_CHANGED = "Lists: a new revision at {time}."
    ADDED = "Lists: {added} added at {time}."
    ENTRIES_CANCELLED = "Lists: {cancelled} cancelled at {time}."
    ADDED_AND_CANCELLED = "Lists: {added} added, {cancelled} cancelled at {time}."
    SEEN_PAST = "Seen {time}, {age} ago"
    SEEN_ROW = "seen\n{time}"
    MUTE_ENTRY = "Mute this entry"
    UNMUTE_ENTRY = "Let it sound"
    MUTE = "Mute"
    UNMUTE = "Unmute"
    FOR_THE_SHIFT = "for this shift"
    IS_MUTED = "this entry is muted"
    MORE_SIGHTINGS = "and {count} more of it"
    # Sync and shift
    SYNC_DOWN = "Fetching lists"
    SYNC_UP = "Sending this shift to the depot"
    WAITING_FOR_DEPOT = "Waiting for the depot…"
    COUNT_OF = "{done} of {total}"
    BYTES_OF = "{sent} of {total}"
    SAFE = "Safe to switch off"
    SAFE_NOTE = "The depot holds everything of this shift."
    STILL_WAITING = "{count} records still wait in this car"
    STILL_WAITING_NOTE = "Nothing is lost. They are sent next time. You may switch off."
    PARKED = "{count} records were refused by the depot"
    PARKED_NOTE = "They are kept in this car. Tell IT."
    PARKED_END_NOTE = "The depot holds the others. You may switch off: those are kept in this car. Tell IT."
    TRAINING_ENDED = "Your ANPR training ended on {day}. Hits sound as ever. Have it renewed."
    POLICY_ENDED = "The policy you signed ended on {day}. Hits sound as ever. Sign it again."
    ACCEPT_LIST = "Accept the new list"
    LIST_SIZES = "{list}: {before} entries, now {now}"
    UP_TO_DATE = "The lists are up to date"
    TRY_AGAIN = "Try again"
    GO_ON = "Go on"
    GO_ON_WITHOUT = "Go on without"
    OLD_LISTS = "with the lists in the car"
    SENDING_GOES_ON = "the sending goes on"
    BROKEN_OFF = "It was broken off. Try again."
    CLOSE = "Close"
    # A USB stick in place of the depot's network
    PUT_ON_STICK = "Put on a stick"
    TAKE_OFF_STICK = "Read a stick"
    TO_THE_DEPOT = "for the depot"
    FROM_THE_DEPOT = "that was at the depot"
    NO_STICK = "No USB stick is plugged in. Plug one in, then tap again."
    WHICH_TO_PUT_ON = "Put the records on which stick?"
    WHICH_TO_READ = "Read which stick?"
    WRITE_PROTECTED = "write-protected"
    STICK_UP = "Putting records on the stick"
    STICK_DOWN = "Reading the stick"
    ON_STICK = "{count} records are on the stick"
    ON_STICK_NOTE = (
        "Pull it out and take it to the depot. The records stay in this car until it is back. You may switch off."
    )
    NOT_ALL_ON_STICK = "{count} records did not go on the stick"
    NOT_ALL_ON_STICK_NOTE = "Nothing is lost: they stay in this car. What is on the stick counts. You may switch off."
    SUMMARY = "This shift"
    SIGNED_ON = "{officer} in {unit} since {time}"
    COUNT_READS = "reads"
    COUNT_HITS = "hits"
    COUNT_CONFIRMED = "confirmed"
    COUNT_DISMISSED = "dismissed"
    COUNT_OPEN = "without an outcome"
    COUNT_WAITING = "not yet at the depot"
    LIST_NAME = "list"
    LIST_LATELY = "last 10 min"
    LIST_PEAK = "most in 10 min"
    CAMERA = "camera"
    IN_A_HUNDRED = "hits in 100 reads"
    BY_HOUR = "Hour by hour"
    IN_AN_HOUR = "{hour}: {reads} reads, {hits} hits"
    ROUTE = "Where the car has been"
    NORTH = "N"
    CLOSE_OPEN = ("Close the hit without an outcome", "Close {count} hits without an outcome")
    CLOSING = "closing {number} of {total}"
    OFF_WITH_OPEN = (
        "One hit has no outcome. Close it now, or sign off all the same: it goes to the depot without one.",
        "{count} hits have no outcome. Close them now, or sign off all the same: they go to the depot without one.",
    )
    CLOSE_NOW = "Close them now"
    OFF_ANYWAY = "Sign off all the same"
    SIGN_OFF = "Sign off"
    STATE = "State of the car"
    # Evidence
    EVIDENCE = "Export evidence"
    CHOOSE_HIT = "Choose a hit. For another read, open it on the page Reads."
    WHY_EXPORT = "Why is it exported? The reason goes on record first."
    WHY_COURT = "Court file"
    WHY_TRAFFIC = "Traffic offence report"
    WHY_INTELLIGENCE = "Intelligence report"
    WHY_COMPLAINT = "Complaint or review"
    WHY_MISREAD = "Misread to be looked at"
    OWN_WORDS = "Own words"
    SPACE = "Space"
    WHERE_TO = "Where to?"
    THIS_CAR = "This car"
    FREE = "{size} free"
    EXPORT = "Export"
    EXPORTING = "Being written…"
    EXPORTED = "Exported and on record. It is in {folder}"
    # Cameras and coverage
    CAMERAS = "Cameras"
    MASK = "Mask"
    MIRROR = "Mirror"
    ON = "on"
    OFF = "off"
    TURN = "Turn"
    WHICH = "Which is which"
    WHICH_NOTE = "Hold a hand before one camera. Its picture is then framed here."
    THIS_ONE = "You cover this one"
    SWAP = "Swap names"
    SWAP_CHOOSE = "Tap the two pictures whose names are wrong."
    SWAP_ASK = "Swap the names of {one} and {other}?"
    SWAPPING = "Swapping…"
    MASK_TITLE = "Mask of the {camera} camera"
    MASK_NOTE = "Draw over the bonnet and over burnt-in words, from corner to corner. Plates there are not read."
    MASK_SHARE = "{percent:.0f} % masked"
    MASK_MUCH = "{percent:.0f} % masked: more than half of the picture is not read."
    MASK_UNDO = "Undo last"
    MASK_NO_PICTURE = "This camera gives no picture now. Come back when it does."
    COVERAGE = "What could be read this shift"
    COULD_READ = "could read"
    BLIND = "blind"
    NOT_WATCHED = "not watched"
    COVERAGE_TAP = "Tap a bar to see why."
    # For screen readers
    OVERVIEW = "The road, with the vehicle framed"
    PLATE_SEEN = "The plate as the camera saw it"
    DIGITS = ("1 digit entered", "{count} digits entered")
    PLATE_METER = "Widest plate {widest:.0f} of {needed} pixels"
    FAULT = "Something went wrong inside the program. It goes on; tell your depot."


def say(what: Say, /, **values: object) -> str:
    """Return a sentence in the officer's language, its places filled."""
    text: str | tuple[str, str] = what.value
    if isinstance(text, str):
        return tr(text).format(**values)
    count = values["count"]
    assert isinstance(count, int)
    return translate_many(*text, count).format(**values)


def tr(text: str) -> str:
    """A sentence of the engine or of here in the officer's language."""
    return translate(text)


def told(error: KnownError) -> str:
    """What a KnownError says, in the officer's language."""
    return translate(error.sentence)


def in_language(event: Event) -> Event:
    """An event of the engine with the sentences it carries in the officer's language."""
    match event:
        case LampChanged(lamp):
            return LampChanged(replace(lamp, word=tr(lamp.word), advice=tr(lamp.advice)))
        case CameraChanged(status):
            return CameraChanged(replace(status, detail=tr(status.detail)))
        case ProofChanged(run):
            told = (replace(one, sentence=tr(one.sentence), advice=tr(one.advice)) for one in run.results)
            return ProofChanged(replace(run, results=tuple(told)))
        case SyncProgress():
            return replace(event, what=tr(event.what), problem=tr(event.problem), news=tr(event.news))
        case _:
            return event


def tr_many(one: str, many: str, count: int) -> str:
    """The sentence for one or that for many, in the officer's language and with its `count` filled in."""
    return translate_many(one, many, count).format(count=count)


_ANSWERS = {
    ControlAnswer.CONFIRMED: "Wanted",
    ControlAnswer.NO_LONGER_WANTED: "No longer wanted",
    ControlAnswer.NO_ANSWER: "No answer",
}
_OVERRIDES = {
    Override.NO_ANSWER: "Control did not answer",
    Override.DANGER: "Danger to life",
    Override.OTHER_OFFENCE: "Another offence",
    Override.OWN_EYES: "Saw the plate itself",
}
_VERIFICATIONS = {
    Verification.CORRECT: "Read correct",
    Verification.MISREAD: "Misread",
    Verification.NOT_A_PLATE: "Not a plate",
    Verification.COULD_NOT_VERIFY: "Could not tell",
}
_CAMERA_STATES = {
    CameraState.STARTING: "{camera} camera starting",
    CameraState.SEEN: "{camera} camera",
    CameraState.LOST: "{camera} camera lost",
    CameraState.FROZEN: "{camera} camera frozen",
    CameraState.GARBAGE: "{camera} camera sends no picture",
    CameraState.GAPS: "{camera} video has gaps",
    CameraState.ENDED: "{camera} video ended",
}
_CAMERA_ADVICE = {
    CameraState.LOST: "No plates are read on this side. The program keeps trying.",
    CameraState.FROZEN: "No plates are read on this side. Unplug the camera and plug it in again.",
    CameraState.GARBAGE: "No plates are read on this side. Check the lens and the cable.",
    CameraState.ENDED: "The video has been played to its end.",
    CameraState.STARTING: "Waiting for the first picture.",
}


_CAMERA_NAMES = (
    marked("Front"),
    marked("Rear"),
    marked("Left"),
    marked("Right"),
    marked("Front left"),
    marked("Front right"),
    marked("Rear left"),
    marked("Rear right"),
)
"""What cameras are usually called in the settings, which know no language."""
_PART_NAMES = (
    marked("Reading"),
    marked("Depot"),
    marked("Tones"),
    marked("Log"),
    marked("Lists"),
    marked("Mirror"),
    marked("Setting"),
    marked("Start"),
    marked("Health"),
    marked("Screen"),
)
"""The first words of lamps' keys: parts that are told of only when they are not well."""
PARTS = (
    ("gps", Say.GPS),
    ("clock", Say.CLOCK),
    ("disk", Say.DISK),
    ("records", Say.RECORDS),
    ("list", Say.LIST),
    ("voice", Say.VOICE),
)
"""The parts of a car that report by a lamp, apart from its cameras."""


_FAULTS = {
    Joint.CAMERA: "{camera} camera",
    Joint.DETECTOR: "{camera}: plates not found",
    Joint.OCR: "{camera}: plates not read",
    Joint.LIST: "{camera}: no list match",
    Joint.SOUND: "Sound",
    Joint.TOUCH: "Touch screen",
    Joint.DISK: "Saving to disk",
    Joint.KEY: "Key to the records",
    Joint.CLOCK: "Clock",
    Joint.GPS_TIME: "GPS time",
}
_JOINT_STATES = {
    JointState.WAITING: "waiting",
    JointState.RUNNING: "being tried",
    JointState.PASSED: "good",
    JointState.FAILED: "failed",
    JointState.SKIPPED: "not tried",
}
_CAPTION_ROOM = 28
"""Characters beside "hold 1 s" on the button that leads on patrol."""


def joint_word(joint: Joint) -> str:
    """The name of a joint of the proof run."""
    return tr(JOINT_NAMES[joint])


def joint_state_word(state: JointState) -> str:
    """How a joint stands, in words."""
    return tr(_JOINT_STATES[state])


def fault_word(result: JointResult) -> str:
    """What does not work, by the joint that failed: "Rear camera", "Front: plates not read"."""
    return tr(_FAULTS[result.joint]).format(camera=camera_word(result.camera_id))


def go_on_caption(run: ProofRun) -> str:
    """What a crew goes on with: the one fault, or how many there are."""
    names = [fault_word(fault) for fault in run.faults]
    if not run.is_over and not names:
        what = tr("not all is proven")
    elif len(names) == 1 and len(names[0]) <= _CAPTION_ROOM:
        what = tr("with: {fault}").format(fault=names[0])
    else:
        what = tr("with {count} faults").format(count=len(names)) if len(names) > 1 else tr("with 1 fault")
    return tr("hold 1 s, {what}").format(what=what)


def disposition_word(disposition: Disposition) -> str:
    """What was done, in words."""
    return tr(disposition.word)


def verification_word(verification: Verification) -> str:
    """What the look at the picture said, in words."""
    return tr(_VERIFICATIONS[verification])


def answer_word(answer: ControlAnswer) -> str:
    """What control said, in words."""
    return tr(_ANSWERS[answer])


def override_word(override: Override) -> str:
    """Why a vehicle was stopped without a look or control's word, in words."""
    return tr(_OVERRIDES[override])


def saw(choice: str, listed: str) -> str:
    """What the officer saw at the doubtful place, beside what the list has there; plates draw O as 0 and I as 1."""
    alike = {"0": "O/0", "1": "I/1"}
    character, listed_character = alike.get(choice, choice), alike.get(listed, listed)
    if choice == CANNOT_TELL:
        return say(Say.COULD_NOT_TELL, listed=listed_character)
    sentence = Say.YOU_SAW if choice == listed else Say.YOU_SAW_OTHER
    return say(sentence, character=character, listed=listed_character)


def state_word(state: HitState) -> str:
    """What became of a hit: one word for a list; empty while it is open."""
    return {HitState.ACTIONED: say(Say.CONFIRMED), HitState.DISMISSED: say(Say.DISMISSED)}.get(state, "")


def match_word(kind: MatchKind) -> str:
    """EXACT ✓ or CHECK ≈."""
    return tr("EXACT ✓") if kind is MatchKind.EXACT else tr("CHECK ≈")


def tier_word(tier: Tier) -> str:
    """The tier in capitals."""
    return tr(tier.word).upper()


def crew_word(crew: Crew) -> str:
    """Single or with observer."""
    return tr("Single") if crew is Crew.SINGLE else tr("With observer")


def camera_word(camera_id: str) -> str:
    """A camera's name from its id: `front` is Front, `rear_left` Rear left."""
    return tr(wording.camera_name(camera_id))


def camera_state(camera_id: str, state: CameraState) -> str:
    """What a camera is doing: "Front camera lost"."""
    return tr(_CAMERA_STATES[state]).format(camera=camera_word(camera_id))


def camera_advice(state: CameraState) -> str:
    """What that means for the officer."""
    return tr(_CAMERA_ADVICE.get(state, ""))


def breakable(sentence: str) -> str:
    """The sentence with places where a long folder or address may be broken: a label breaks between words only."""
    words = sentence.split(" ")
    return " ".join(re.sub(r"([/\\._-])", "\\1\u200b", word) if len(word) > _LONG_WORD else word for word in words)


def part_word(key: str) -> str:
    """The name of a part of the car by its lamp's key."""
    kind = key.split(":", maxsplit=1)[0]
    return next((say(words) for name, words in PARTS if name == kind), tr(kind.replace("_", " ").capitalize()))


def camera_figures(width: int, height: int, fps: float) -> str:
    """What a camera delivers."""
    return tr("{width} by {height}, {fps:.0f} pictures a second").format(width=width, height=height, fps=fps)


def plate_width(pixels: int, *, enough: bool) -> str:
    """How wide the widest plate in view is."""
    if enough:
        return tr("A plate {pixels} pixels wide: enough to read").format(pixels=pixels)
    return tr("A plate {pixels} pixels wide: too far to read").format(pixels=pixels)


def rates(camera_id: str, offered: float, read: float) -> str:
    """The caption of the live tile."""
    return tr("{camera}   {offered:.0f} pictures a second, {read:.0f} read").format(
        camera=camera_word(camera_id), offered=offered, read=read
    )


def vehicle(match: Match) -> str:
    """Colour, make and model as one phrase, as the voice says it: Silver Ford Focus."""
    return wording.vehicle(match.voi)


def origin(read: Read) -> str:
    """Where a Read comes from, for its row: its camera and how sure the reading is, or that it was entered."""
    if read.is_entered:
        return say(Say.ENTERED_BY_HAND)
    return f"{camera_word(read.camera_id)}   {read.confidence} %"


def reason(match: Match) -> str:
    """Why the vehicle is on the list."""
    return wording.why_listed(match)


def action(hit: Hit) -> str:
    """What the list asks for: its action, then its information; of an entry that is listed no more it asks nothing."""
    if hit.cancelled:
        return say(Say.CANCELLED_ACTION)
    voi = hit.match.voi
    parts = [wording.sentence_case(part).rstrip(".") for part in (voi.action, voi.information)]
    return " ".join(f"{part}." for part in parts if part)


def marker_words(markers: str) -> str:
    """Warning markers in words where we know the signal, else the signal as it came."""
    return ", ".join(tr(word) for word in wording.markers(markers))


def provenance(hit: Hit, now: datetime) -> str:
    """List, its age, camera, time, frames: where this hit comes from."""
    issued = hit.match.hotlist.issued_at
    parts = [
        hit.match.hotlist.name,
        tr("list {time} ({age} old)").format(time=clock_time(issued), age=age(now - issued)),
        *_seen_by(hit.read),
    ]
    return "  ·  ".join(parts)


def seen_words(hit: Hit, now: datetime) -> str:
    """How a vehicle was seen that no camera saw just then: by an officer, or in the past and when; else ""."""
    if not hit.past:
        return say(Say.ENTERED_BY_HAND) if hit.read.is_entered else ""
    return say(Say.SEEN_PAST, time=clock_time(hit.read.captured_at), age=age(now - hit.read.captured_at))


def headline(hit: Hit, now: datetime) -> str:
    """Why the vehicle is listed; before it how it was seen, where no camera saw it just then.

    First of all that it is listed no more.
    """
    return "  ·  ".join(words for words in (cancelled_words(hit), seen_words(hit, now), reason(hit.match)) if words)


def cancelled_words(hit: Hit) -> str:
    """That the entry of a hit is on its list no more, or ""."""
    return say(Say.CANCELLED) if hit.cancelled else ""


def change_words(event: ListChanged) -> str:
    """What a list that changed on patrol brought: 2 added, 1 cancelled at 14:02."""
    added, cancelled, time = event.change.added, event.change.cancelled, clock_time(event.at)
    if added is None or cancelled is None:
        return say(Say.LIST_CHANGED, time=time)
    if not cancelled:
        return say(Say.ADDED, added=added, time=time)
    if not added:
        return say(Say.ENTRIES_CANCELLED, cancelled=cancelled, time=time)
    return say(Say.ADDED_AND_CANCELLED, added=added, cancelled=cancelled, time=time)


def line_words(line: HitLine) -> list[str]:
    """What is to be said of a line beside its hit: that its entry is cancelled or muted, who entered it, how often."""
    words = [say(Say.CANCELLED)] if line.hit.cancelled and line.hit.is_open else []
    words += [say(Say.BY_HAND)] if line.hit.read.is_entered else []
    words += [tr("{count} times").format(count=line.times)] if line.times > 1 else []
    return [*words, say(Say.MUTED)] if line.muted else words


def _seen_by(read: Read) -> list[str]:
    """Who saw it and when: a camera in so many frames, or an officer."""
    at = clock_time(read.captured_at, seconds=True)
    if read.is_entered:
        return [say(Say.ENTERED_BY_HAND).lower(), at]
    frames = tr("1 frame") if read.frames == 1 else tr("{count} frames").format(count=read.frames)
    return [tr("{camera} camera").format(camera=camera_word(read.camera_id).lower()), at, frames]


def list_share(counts: ListCounts) -> str:
    """The share of a list's hits that was dismissed."""
    return tr("{percent} %").format(percent=counts.dismissed_percent)


def hits_in_a_hundred(counts: CameraCounts) -> str:
    """How many of a hundred Reads of a camera are hits."""
    return f"{counts.hits_in_a_hundred:.1f}"


def hour_word(hour: datetime) -> str:
    """An hour on the officer's clock: 07, 21."""
    return hour.astimezone().strftime("%H")


def list_peak(counts: ListCounts) -> str:
    """The most hits a list had in ten minutes, with a word where people stop to listen."""
    return tr("Flood: {count}").format(count=counts.peak) if counts.is_flood else f"{counts.peak:,}"


def clock_time(at: datetime, *, seconds: bool = False) -> str:
    """The time of day on the officer's clock; records are UTC, screens are local."""
    return at.astimezone().strftime("%H:%M:%S" if seconds else "%H:%M")


def age(span: timedelta) -> str:
    """An age in its largest unit: 40 s, 12 min, 13 h, 3 days."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return tr("{count} s").format(count=seconds)
    if seconds < 3600:
        return tr("{count} min").format(count=seconds // 60)
    if seconds < 48 * 3600:
        return tr("{count} h").format(count=seconds // 3600)
    return tr("{count} days").format(count=seconds // 86400)


def since(span: timedelta) -> str:
    """How long ago, for a row: 0:12, 14:05; from an hour on 2 h."""
    seconds = max(0, int(span.total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02d}" if seconds < 3600 else age(span)


def distance(metres: float) -> str:
    """A round distance: 50 m, 2 km."""
    if metres < 1000:
        return tr("{metres:.0f} m").format(metres=metres)
    return tr("{kilometres:.0f} km").format(kilometres=metres / 1000)


def size(count: int) -> str:
    """Bytes in the unit that leaves one to three figures."""
    if count < 1_000:
        return tr("{count} B").format(count=count)
    if count < 1_000_000:
        return tr("{count:.0f} kB").format(count=count / 1_000)
    if count < 1_000_000_000:
        return tr("{count:.1f} MB").format(count=count / 1_000_000)
    return tr("{count:.1f} GB").format(count=count / 1_000_000_000)


def time_left(seconds: float | None) -> str:
    """An estimate: about 20 s left; empty when there is none."""
    return "" if seconds is None else tr("about {span} left").format(span=age(timedelta(seconds=seconds)))

"""What travels on a USB stick: the same packs, receipts and lists as over the line, in the folder `PATROL-ANPR`.

In it each car has a folder, whose name only its depot and the car can tell. In that lies what goes to the depot, as
files that are each sealed to the depot, and an index that names them by SHA-256 and is signed by the car: what it does
not name does not count. Beside it lies what goes to the car: an answer, signed by the depot and sealed to a key that
the car made for it, and files of lists, which are sealed under their own keys.
"""

import hashlib
import re
from typing import Annotated, Literal, TypeVar

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from pydantic import AwareDatetime, Base64Bytes, BaseModel, Field, StringConstraints, ValidationError

from patrol_anpr.wire.closed import ClosedManifest, FileName
from patrol_anpr.wire.enrolment import Pem
from patrol_anpr.wire.lists import ListKeysReply
from patrol_anpr.wire.manifest import ManifestReport
from patrol_anpr.wire.pack import MAX_PACK_BYTES
from patrol_anpr.wire.payloads import Count, HeldReport, Id, Name, Sha256, Wire
from patrol_anpr.wire.receipts import PackReply
from patrol_anpr.wire.set_up import SetUpReply
from patrol_anpr.wire.shape import Most, holds_too_much

FOLDER = "PATROL-ANPR"
TO_DEPOT, TO_CAR = "to-depot", "to-car"
INDEX, ANSWER = "index.signed", "answer.sealed"
PACK, CLOSED, PIECE, HEAD = ".pack", ".closed", ".piece", ".head"
LIST = ".list"
OURS = re.compile(
    r"(?:[0-9a-f]{64}\.(?:pack|closed|piece|head|list)(?:\.[0-9a-f]{8}\.part)?"
    r"|(?:index\.signed|answer\.sealed)\.[0-9a-f]{8}\.part)\Z"
)
"""The names of files that this program makes, and may delete again."""
PIECE_BYTES = 8 * 2**20
"""Of one file of closed records that goes as several."""
SEALED_BYTES = 48
"""By so much a sealed content is longer."""
MAX_FILES = 20_000
MAX_INDEX_BYTES = 8 * 2**20
MAX_FILE_BYTES = MAX_PACK_BYTES + SEALED_BYTES
MAX_ANSWER_BYTES = 256 * 2**20
_INDEX_HOLDS = Most(fields=4 * MAX_FILES, values=4 * MAX_FILES, depth=6)
_MAX_SIGNATURE = 200

_Model = TypeVar("_Model", bound=BaseModel)
StickName = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}\.(pack|closed|piece|head)$")]


class BadStick(ValueError):
    """What lies on the stick is not what it must be. The text repeats nothing of it."""


class StickFile(Wire):
    """One file that goes to the depot; `sha256` and `size` are of its bytes as they lie there, sealed."""

    name: StickName
    sha256: Sha256
    size: Annotated[int, Field(ge=SEALED_BYTES, le=MAX_FILE_BYTES)]


class StickIndex(Wire):
    """What the car signs: all that counts of its files."""

    what: Literal["patrol-anpr stick"] = "patrol-anpr stick"
    files: Annotated[tuple[StickFile, ...], Field(max_length=MAX_FILES)]

    def named(self, ending: str) -> tuple[StickFile, ...]:
        """Those of one kind."""
        return tuple(file for file in self.files if file.name.endswith(ending))


class StickHead(Wire):
    """Who wrote the stick, and what it asks for. `at` is the car's time; `answer_key` (X25519) is the car's.

    `certificate` (DER) and `request` (PKCS#10) are as for renewing over the line. `question` is the text of a
    HoldingsQuestion: which of these does the depot hold still, and in which epoch is it?
    """

    what: Literal["patrol-anpr stick head"] = "patrol-anpr stick head"
    depot_id: Name
    car_id: Id
    at: AwareDatetime
    certificate: Base64Bytes
    request: Pem
    answer_key: Sha256
    question: Annotated[str, StringConstraints(max_length=400_000)]
    manifest: ManifestReport | None = None
    held: HeldReport = HeldReport(lists=())


class ClosedPiece(Wire):
    """A part of a file of closed records: where it begins there, and which file of the stick has it."""

    file: FileName
    offset: Count
    name: StickName


class StickClosed(Wire):
    """Closed records, as they would go over the line, and their pieces in order."""

    manifest: ClosedManifest
    pieces: Annotated[tuple[ClosedPiece, ...], Field(max_length=MAX_FILES)]


class MetadataFile(Wire):
    """A file of what was signed of lists, by its name in the manner of TUF."""

    name: Annotated[str, StringConstraints(max_length=120)]
    content: Base64Bytes


class StickAnswer(Wire):
    """What the depot answers: what it signed for the files that came, and what it offers to this car.

    `closed` are for the SHA-256s of the manifests of closed records, `holdings` is for `question`, and so is `set_up`,
    by the nonce in it.
    """

    what: Literal["patrol-anpr stick answer"] = "patrol-anpr stick answer"
    depot_id: Name
    car_id: Id
    at: AwareDatetime
    packs: tuple[PackReply, ...] = ()
    closed: tuple[PackReply, ...] = ()
    question: str = ""
    holdings: PackReply | None = None
    certificate: str = ""
    set_up: SetUpReply | None = None
    metadata: tuple[MetadataFile, ...] = ()
    keys: ListKeysReply = ListKeysReply(keys=())


def tag_of(depot_id: str, car_id: str) -> str:
    """Return the name of a car's folder: who finds the stick does not learn whose it is."""
    return hashlib.sha256(f"patrol-anpr stick {depot_id} {car_id}".encode()).hexdigest()[:16]


def sealed(content: bytes, key: bytes) -> bytes:
    """Seal a content to an X25519 key (32 bytes)."""
    made: bytes = SealedBox(PublicKey(key)).encrypt(content)
    return made


def opened(content: bytes, key: PrivateKey) -> bytes:
    """Open what was sealed to a key. Raises BadStick."""
    try:
        found: bytes = SealedBox(key).decrypt(content)
    except (CryptoError, ValueError):
        raise BadStick("sealed to another, or damaged") from None
    return found


def with_signature(text: bytes, signature: bytes) -> bytes:
    """Put a signature before the text it is of."""
    return signature.hex().encode("ascii") + b"\n" + text


def parted(content: bytes) -> tuple[str, bytes]:
    """Return signature (hex) and text. Raises BadStick."""
    signature, found, text = content.partition(b"\n")
    if not found or len(signature) > _MAX_SIGNATURE or not re.fullmatch(rb"(?:[0-9a-f]{2})+", signature):
        raise BadStick("no signature")
    return signature.decode("ascii"), text


def index_of(text: bytes) -> StickIndex:
    """Read an index. Raises BadStick."""
    return _parsed(StickIndex, text, _INDEX_HOLDS)


def head_of(text: bytes) -> StickHead:
    """Read a head. Raises BadStick."""
    return _parsed(StickHead, text, Most())


def closed_of(text: bytes) -> StickClosed:
    """Read what says of closed records. Raises BadStick."""
    return _parsed(StickClosed, text, _INDEX_HOLDS)


def answer_of(text: bytes) -> StickAnswer:
    """Read an answer, once it is proven to be the depot's. Raises BadStick."""
    try:
        return StickAnswer.model_validate_json(text)
    except ValidationError:
        raise BadStick("another shape") from None


def _parsed(model: type[_Model], text: bytes, most: Most) -> _Model:
    if holds_too_much(text, most):
        raise BadStick("more than it may hold")
    try:
        return model.model_validate_json(text)
    except ValidationError:
        raise BadStick("another shape") from None

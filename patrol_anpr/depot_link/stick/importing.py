"""Taking the depot's answer off a stick: receipts and lists. What would not be believed over a line is not here.

An old stick changes nothing: what its receipts prove was proven before, receipts of an older epoch do not count, and
lists that are older or out of date are refused, with those before still in force.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey
from pydantic import ValidationError

from patrol_anpr.depot_link.closed import closed_manifest
from patrol_anpr.depot_link.credentials import Credentials
from patrol_anpr.depot_link.progress import ProgressReport
from patrol_anpr.depot_link.upload import OLDER_RECEIPT, REFUSED, WRONG_RECEIPT
from patrol_anpr.domain.errors import KnownError, RecordsFault, StickFault
from patrol_anpr.domain.sentences import marked
from patrol_anpr.plumbing.stick_folder import StickFolder
from patrol_anpr.wire.closed import ClosedOutbox
from patrol_anpr.wire.outbox import Outbox
from patrol_anpr.wire.payloads import ReceiptStatus, canonical_json, sha256_of
from patrol_anpr.wire.receipts import HoldingsQuestion, NotProven, PackReceipt, PackReply, Proof
from patrol_anpr.wire.stick import (
    ANSWER,
    FOLDER,
    MAX_ANSWER_BYTES,
    TO_CAR,
    BadStick,
    StickAnswer,
    answer_of,
    parted,
    tag_of,
)

log = logging.getLogger(__name__)

NOTHING = marked("The stick holds nothing for this car. Put this car's records on it, and bring it to its depot first.")
NOT_OURS = marked(
    "What the depot put on the stick cannot be opened, or is not from this car's depot. Nothing was taken from it. Put "
    "this car's records on it again, and bring it to the depot."
)
NOT_KEPT = marked("The car's certificate that came on the stick could not be used. Tell IT.")


class AnswerKeys(Protocol):
    """identity.AnswerKeys: the keys that answers on sticks are sealed to."""

    def to_seal(self) -> bytes:
        """Return the public key (32 bytes) for the next answer. Raises RecordsFault."""
        ...

    def opened(self, sealed: bytes) -> tuple[bytes, PrivateKey] | None:
        """Return an answer and its key; None where it is not for this car. Raises RecordsFault."""
        ...


class StickImport:
    """One reading in of one stick."""

    def __init__(
        self,
        drive: Path,
        credentials: Credentials,
        keys: AnswerKeys,
        outbox: Outbox,
        closed: ClosedOutbox | None,
        report: ProgressReport,
    ) -> None:
        self._credentials, self._keys = credentials, keys
        self._outbox, self._closed, self._report = outbox, closed, report
        verifier = self._verifier = credentials.verifier
        self._epoch = 0  # the newest that was proven
        self._says_what_it_holds = False
        self.folder = StickFolder(drive, FOLDER, tag_of(verifier.depot_id, verifier.car_id), TO_CAR)

    def answer(self) -> tuple[StickAnswer, Mapping[str, bytes]]:
        """Return what the depot of this car signed for it, and the keys of lists. Raises StickFault, RecordsFault."""
        content = self.folder.read(ANSWER, MAX_ANSWER_BYTES)
        if content is None:
            raise StickFault(NOTHING)
        found = self._keys.opened(content)
        if found is None:
            raise StickFault(NOT_OURS)
        signed, key = found
        try:
            signature, text = parted(signed)
            Ed25519PublicKey.from_public_bytes(self._verifier.key).verify(bytes.fromhex(signature), text)
            answer = answer_of(text)
            opening = answer.keys.opened(key)
        except (BadStick, InvalidSignature, CryptoError):
            log.error("an answer on a stick is not believed")  # noqa: TRY400
            raise StickFault(NOT_OURS) from None
        if (answer.depot_id, answer.car_id) != (self._verifier.depot_id, self._verifier.car_id):
            raise StickFault(NOT_OURS)
        return answer, opening

    def receipts(self, answer: StickAnswer) -> tuple[int, int]:
        """Settle what the depot signed for; return how many records and closed shifts that were waiting it holds."""
        self._report.expect(sum(len(reply.items) for reply in answer.packs), 0)
        settled = 0
        for reply in answer.packs:
            proof = self._proven(reply)
            if proof is not None:
                settled += self._settle(proof, answer.at)
        if answer.holdings is not None:
            self._says_what_it_holds = self._reopen(answer.question, answer.holdings, answer.at)
        return settled, self._settle_closed(answer)

    def nonce(self, answer: StickAnswer) -> str:
        """What the car asked with, in the question that the depot signed an answer to; "" where it did not."""
        if not self._says_what_it_holds:
            return ""
        return HoldingsQuestion.model_validate_json(answer.question).nonce

    def proven_at(self, answer: StickAnswer) -> datetime | None:
        """When, by its own clock, the depot was asked what it holds; None where it does not say so of all."""
        return answer.at if self._says_what_it_holds and not self._outbox.unproven(1) else None

    def certificate(self, answer: StickAnswer) -> None:
        """Keep the certificate that the depot made for this car, unless an old stick brings an older one."""
        if not answer.certificate:
            return
        try:
            ends = x509.load_pem_x509_certificate(answer.certificate.encode()).not_valid_after_utc
            if ends > self._credentials.ends:
                self._credentials.renewed(answer.certificate)
        except (KnownError, ValueError) as fault:
            log.warning("a certificate on a stick is not kept: %s", type(fault).__name__)
            self._report.problem(NOT_KEPT)

    def _proven(self, reply: PackReply, pack: str = "") -> Proof | None:
        """Verify a receipt: without `pack` for whatever it names, since what it says of items is said for ever."""
        try:
            proof = self._verifier.proof(reply, pack or PackReceipt.model_validate_json(reply.receipt).pack)
        except (NotProven, ValidationError) as why:
            log.error("a receipt on a stick is not believed: %s", type(why).__name__)  # noqa: TRY400
            self._report.problem(WRONG_RECEIPT)
            return None
        if proof.receipt.epoch < self._outbox.epoch():
            log.error("a receipt of an older epoch is not believed")
            self._report.problem(OLDER_RECEIPT)
            return None
        self._epoch = max(self._epoch, proof.receipt.epoch)
        return proof

    def _settle(self, proof: Proof, at: datetime) -> int:
        settled = self._outbox.settle(proof, at)
        self._report.step(items=len(proof.items))
        if settled and any(one.status is not ReceiptStatus.HELD for one in proof.items):
            self._report.problem(REFUSED)
        return settled

    def _reopen(self, text: str, holdings: PackReply, at: datetime) -> bool:
        """Have records wait again that the depot, once it was restored, says it does not hold; False: not proven."""
        try:
            asked = HoldingsQuestion.model_validate_json(text).items
        except ValidationError:
            return False
        proof = self._proven(holdings, sha256_of(text.encode()))
        if proof is None:
            return False
        self._outbox.settle(proof, at)
        here = {(one.item_id, one.sha256) for one in proof.items}
        self._outbox.reopen([item for item in asked if (item.item_id, item.sha256) not in here])
        return True

    def _settle_closed(self, answer: StickAnswer) -> int:
        """Note and count which closed records the depot holds whole: those that lie here as it signed for them."""
        if self._closed is None:
            return 0
        proofs = {proof.receipt.pack: proof for reply in answer.closed if (proof := self._proven(reply)) is not None}
        if self._epoch:
            self._closed.learn(self._epoch)
        held = 0
        for folder in self._closed.closed() if proofs else ():
            try:
                manifest = closed_manifest(folder)
                proof = None if manifest is None else proofs.get(sha256_of(canonical_json(manifest)))
                if proof is not None:
                    self._closed.held(folder, proof.receipt.epoch)
                    held += 1
            except (OSError, RecordsFault) as fault:
                log.warning("it could not be noted that closed records are held: %s", type(fault).__name__)
        return held

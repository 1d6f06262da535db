"""One stick at the depot: each car's part of it is proven, taken in, and answered, with its lists put beside it."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import select

from patrol_anpr.depot.asked import utc_now
from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.body import Limits
from patrol_anpr.depot.cars import renew
from patrol_anpr.depot.certificates import NotACar
from patrol_anpr.depot.closed import ClosedRecords
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.lists.held import keep_held
from patrol_anpr.depot.lists.offering import Offered, keys_for, names_of, offered_to
from patrol_anpr.depot.manifests import keep_manifest, said_at
from patrol_anpr.depot.pictures import DepotPictures
from patrol_anpr.depot.receipts import signed
from patrol_anpr.depot.set_up import set_up_of
from patrol_anpr.depot.sticks.coming import Coming, NotBelieved, folder_of
from patrol_anpr.depot.sticks.taking import Receipts, Taking
from patrol_anpr.depot.tables import cars
from patrol_anpr.domain.errors import BadInput, StickFault
from patrol_anpr.plumbing.stick_folder import StickFolder
from patrol_anpr.wire.lists import ListKeysAsk
from patrol_anpr.wire.payloads import canonical_json, sha256_of
from patrol_anpr.wire.receipts import HoldingsQuestion, PackReply
from patrol_anpr.wire.set_up import SetUpReply
from patrol_anpr.wire.stick import (
    ANSWER,
    LIST,
    OURS,
    TO_CAR,
    BadStick,
    StickAnswer,
    sealed,
    with_signature,
)

log = logging.getLogger(__name__)

NO_SUCH_CAR = "The depot knows no car of that id."
NOTHING = (
    "The stick holds nothing of this depot's cars. Put a car's records on it first: on its Sync screen, or by "
    "`patrol-anpr stick export`."
)
NO_LIST = "The list {name} could not be put on the stick: {why}"
MISSING = "its file is missing at the depot. See `patrol-anpr depot verify`."
Progress = Callable[[int, int], None]
"""Told bytes done and bytes in all."""


@dataclass(frozen=True, slots=True)
class CarOnStick:
    """What became of one car's part of a stick: records and closed shifts taken in, lists put on it.

    `problems` are sentences for the operator; `answered` is False where nothing was taken, and nothing put on it.
    """

    car_id: str
    answered: bool
    records: int = 0
    refused: int = 0
    shifts: int = 0
    lists: int = 0
    problems: tuple[str, ...] = ()


class Sticks:
    """Takes sticks in, in the name of `actor`. Raises what the database and the disk raise, and StickFault."""

    def __init__(
        self,
        folder: Path,
        database: DepotDatabase,
        pictures: DepotPictures,
        actor: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._depot, self._database, self._actor, self._now = folder, database, actor, now
        self._keys = DepotKeys(folder)
        self._ingest = Ingest(database, pictures, Limits().picture_bytes)
        self._closed = ClosedRecords(folder, database, self._ingest, self._keys.sealing)

    def take(self, drive: Path, car_id: str = "", progress: Progress = lambda _done, _of: None) -> list[CarOnStick]:
        """Take in what the cars, or one of them, put on a stick, and put the answers on it.

        Raises BadInput where it holds nothing of this depot's cars.
        """
        with self._database.reading() as connection:
            known = list(connection.execute(select(cars.c.car_id).order_by(cars.c.car_id)).scalars())
        if car_id and car_id not in known:
            raise BadInput(NO_SUCH_CAR)
        found = [one for one in ([car_id] if car_id else known) if folder_of(self._keys, drive, one).is_there]
        if not found:
            raise BadInput(NOTHING)
        return [self._take(drive, one, progress) for one in found]

    def _take(self, drive: Path, car_id: str, progress: Progress) -> CarOnStick:
        try:
            coming = Coming.of(folder_of(self._keys, drive, car_id), car_id, self._keys, self._database, self._now())
        except (BadStick, NotACar, NotBelieved) as why:
            log.warning("what is on a stick of %s is not believed: %s", car_id, why)
            self._note("stick refused", car_id, str(why))
            return CarOnStick(car_id, answered=False, problems=(f"Nothing of it was taken: {why}.",))
        self._note("stick taken in", car_id, f"{len(coming.index.files)} files")
        receipts = Taking(coming, self._keys, self._database, self._ingest, self._closed, self._now).run(progress)
        lists = offered_to(self._depot, car_id, self._now)
        self._note("hotlists and their keys put on a stick", car_id, names_of(lists.heads))
        answer = self._answer(coming, receipts, lists)
        problems, put = self._put(folder_of(self._keys, drive, car_id, TO_CAR), coming, answer, lists)
        return CarOnStick(
            car_id,
            answered=True,
            records=receipts.records,
            refused=receipts.refused,
            shifts=len(receipts.closed),
            lists=put,
            problems=(*receipts.problems, *problems),
        )

    def _answer(self, coming: Coming, receipts: Receipts, lists: Offered) -> StickAnswer:
        self._keep_word(coming)
        holdings = self._holdings(coming)
        return StickAnswer(
            depot_id=self._keys.depot_id,
            car_id=coming.car.car_id,
            at=self._now(),
            packs=tuple(receipts.packs),
            closed=tuple(receipts.closed),
            question=coming.head.question if holdings is not None else "",
            holdings=holdings,
            certificate=self._certificate(coming),
            set_up=self._set_up(coming),
            metadata=lists.metadata,
            keys=keys_for(self._depot, coming.car.car_id, ListKeysAsk(sealed_to=coming.head.answer_key), self._now),
        )

    def _keep_word(self, coming: Coming) -> None:
        """Keep what the car says that it runs and holds, as over the line; not what an old stick says again."""
        head, now = coming.head, self._now()
        with self._database.reading() as connection:
            known = said_at(connection, coming.car.car_id)
        if known is not None and head.at < known <= now:  # a word from the future is of a wrong clock
            return
        if head.manifest is not None:
            with self._database.writing() as connection:
                if not keep_manifest(connection, coming.car, head.manifest, self._keys.depot_id, now):
                    log.warning("the manifest of %s on a stick is not its own", coming.car.car_id)
        keep_held(self._database, coming.car.car_id, head.held.lists, now)

    def _set_up(self, coming: Coming) -> SetUpReply | None:
        question = _question(coming)
        if question is None:
            return None
        said = set_up_of(self._keys, self._database, coming.car.car_id, question.nonce, self._now())
        self._note("roster put on a stick", coming.car.car_id, f"{len(said.officers)} officers")
        return SetUpReply.of(said, self._keys.receipts)

    def _holdings(self, coming: Coming) -> PackReply | None:
        """Answer what the car asks of records that an earlier epoch of this depot held."""
        question = _question(coming)
        if question is None:
            return None
        taken = self._ingest.holdings(coming.car.car_id, question.items)
        name = sha256_of(coming.head.question.encode())
        return signed(self._keys, coming.car.car_id, name, taken, self._now())

    def _certificate(self, coming: Coming) -> str:
        try:
            return renew(self._database, self._keys.authority, coming.car, coming.head.request, self._now())
        except NotACar:
            log.warning("the request for a certificate of %s on a stick is not its own", coming.car.car_id)
            return ""

    def _put(self, folder: StickFolder, coming: Coming, answer: StickAnswer, lists: Offered) -> tuple[list[str], int]:
        """Put the answer on the stick, then the files of the lists; say what did not fit."""
        folder.make()
        folder.keep_only({sha256 + LIST for sha256 in lists.files}, OURS)
        text = canonical_json(answer)
        content = with_signature(text, self._keys.receipts.sign(text))
        folder.write(ANSWER, sealed(content, bytes.fromhex(coming.head.answer_key)))
        problems: list[str] = []
        for head in lists.heads:
            try:
                for file in head.files:
                    _put_list(folder, file.sha256, lists.files[file.sha256])
            except StickFault as fault:
                problems.append(NO_LIST.format(name=head.name, why=fault))
        return problems, len(lists.heads) - len(problems)

    def _note(self, action: str, car_id: str, reason: str) -> None:
        """Audit before anything is done: no audit, no answer."""
        with self._database.writing() as connection:
            add_audit(connection, self._actor, action, car_id, reason)


def _question(coming: Coming) -> HoldingsQuestion | None:
    try:
        return HoldingsQuestion.model_validate_json(coming.head.question)
    except ValidationError:
        return None


def _put_list(folder: StickFolder, sha256: str, source: Path) -> None:
    """Put a file of a list on the stick, unless it lies there whole."""
    if not source.is_file():
        raise StickFault(MISSING)
    size, digest = source.stat().st_size, hashlib.sha256()
    for chunk in folder.chunks(sha256 + LIST, size):
        digest.update(chunk)
    if digest.hexdigest() != sha256:
        folder.copy_in(sha256 + LIST, source, lambda _: None)

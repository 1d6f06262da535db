"""The models that the depot signed, as this car keeps them: the newest set, the one that reads, and the one before.

A set is here only when it is whole. It reads when it has passed the test card, from the next start of the program on,
and never before. One that did not pass is not tried again.
"""

import json
import logging
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from patrol_anpr.domain.errors import KnownError, ModelRefused, RecordsFault
from patrol_anpr.domain.sentences import marked
from patrol_anpr.plumbing.files import PART, folder_placed_whole, made_folder, write_whole
from patrol_anpr.reading.model_note import NO_ROOM, Kept, ModelNote, has_content, is_whole, keep_note, read_note
from patrol_anpr.reading.models import MANIFEST, find_models
from patrol_anpr.wire.models import LONGEST_WHY, ModelSet, NewModels, ShadowCounts

log = logging.getLogger(__name__)

MOST_TRIES = 3
"""A test card that was begun so often and never came to its end is one that did not pass."""
NO_END = marked("The test card came to no end three times.")
CRASHED = marked("The program crashed three times in a row with them.")
DAMAGED = marked("The new models were damaged on the disk. The next sync fetches them again.")


class ModelShelf:
    """The sets in `folder`; `packaged` is the folder of the models that came with the program. Any thread may call.

    `reads` False: the settings want no models of the depot, so that none takes over. Raises RecordsFault where the disk
    refuses.
    """

    def __init__(self, folder: Path, packaged: Path, *, reads: bool = True) -> None:
        self._folder, self._packaged, self._reads = folder, packaged, reads
        self._lock = threading.Lock()
        self._note = read_note(folder)
        self._in_use_now: Kept | None = None
        self._problem = ""
        self.on_change: Callable[[], object] = lambda: None
        """Called, on the thread that changed it, after a set came, went, or was judged."""

    # What the reader asks

    def begin(self) -> Path:
        """Let a set take over that has passed; return the folder of the models to read with. Called at the start.

        Where the disk refuses to note it, they read all the same.
        """
        with self._lock:
            if not self._reads:
                return self._packaged
            self._drop_damaged()
            note = self._note
            newest = note.newest
            if newest is not None and self._is_ready(newest) and newest != note.in_use:
                before = note.in_use if note.in_use and note.in_use.models.content != newest.models.content else None
                log.info("models of the depot take over: revision %d", newest.models.head.revision)
                taken = note.model_copy(update={"in_use": newest, "before": before or note.before})
                with suppress(RecordsFault):
                    self._keep(taken)
                self._note = taken
            self._in_use_now = self._note.in_use
            self._clean()
            return self._packaged if self._in_use_now is None else self._place(self._in_use_now)

    @property
    def in_use(self) -> Path:
        """The folder of the models with which this run of the program began to read."""
        with self._lock:
            return self._packaged if self._in_use_now is None else self._place(self._in_use_now)

    @property
    def reading(self) -> Path:
        """The folder of the models that read by what is noted, for whoever only looks."""
        with self._lock:
            kept = self._note.in_use if self._reads else None
            return self._packaged if kept is None else self._place(kept)

    @property
    def folders(self) -> Sequence[Path]:
        """The folders of all models that are here, those of the program first."""
        with self._lock:
            return [self._packaged, *dict.fromkeys(map(self._place, self._kept()))]

    def give_up(self, why: str) -> None:
        """Go back to the models of the program, from the next start on: those of the depot are refused."""
        with self._lock:
            note = self._note
            if note.in_use is None:
                return
            refused = {one.models.content: why for one in (note.in_use, note.before) if one is not None}
            update = {"in_use": None, "before": None, "verdicts": {**note.verdicts, **refused}}
            self._keep(note.model_copy(update=update))

    # What the link asks: satisfies depot_link.ModelPlace

    @property
    def arriving(self) -> Path:
        """The folder in which files lie while they arrive."""
        return made_folder(self._folder / "arriving", "records.folder")

    @property
    def newest(self) -> ModelSet | None:
        """The newest set that is here, be it that it was refused."""
        with self._lock:
            return self._note.newest.models if self._note.newest is not None else None

    def has(self, sha256: str) -> bool:
        """Whether a file with this content is here."""
        with self._lock:
            return self._find(sha256) is not None

    def take(self, models: ModelSet, role: str) -> None:
        """Keep a set, whole, from what arrived and what is here. Raises RecordsFault, ModelRefused: not whole."""
        kept = Kept(models=models, role=role)
        with self._lock:
            place = self._place(kept)
            try:
                if not (place.exists() and is_whole(place, models)):
                    shutil.rmtree(place, ignore_errors=True)
                    made_folder(place.parent, "records.folder")
                    with folder_placed_whole(place) as part:
                        self._fill(part, models)
            except OSError as error:
                raise RecordsFault(NO_ROOM) from error
            self._keep(self._note.model_copy(update={"newest": kept}))
            self._clean()
        self.on_change()

    def withdraw(self, role: str, revision: int) -> None:
        """Read no more, from the next start on, with a set of this role up to this revision."""
        with self._lock:

            def unless_gone(one: Kept | None) -> Kept | None:
                return None if one and one.role == role and one.models.head.revision <= revision else one

            note = self._note
            in_use, before = unless_gone(note.in_use), unless_gone(note.before)
            if in_use is None and note.in_use is not None:
                in_use, before = before, None
            changed = {"newest": unless_gone(note.newest), "in_use": in_use, "before": before}
            if (found := note.model_copy(update=changed)) == note:
                return
            self._keep(found)
        self.on_change()

    def told(self, problem: str) -> None:
        """Hear why the depot's models could not be taken, "" where nothing was wrong."""
        self._problem = problem
        self.on_change()

    # What the test card asks

    def to_try(self) -> Path | None:
        """The folder of the set that waits for the test card; None where none does. Begins a try."""
        with self._lock:
            kept, note = self._note.newest, self._note
            if kept is None or kept.models.content in note.verdicts or not self._reads:
                return None
            self._drop_damaged()
            note = self._note
            if note.newest is None:
                return None
            content = kept.models.content
            tries = note.tries.get(content, 0)
            if tries >= MOST_TRIES:
                self._keep(note.model_copy(update={"verdicts": {**note.verdicts, content: NO_END}}))
                return None
            self._keep(note.model_copy(update={"tries": {**note.tries, content: tries + 1}}))
            return self._place(kept)

    def not_tried(self, folder: Path) -> None:
        """Take back a try that the end of the program broke off."""
        with self._lock:
            kept, tries = self._note.newest, dict(self._note.tries)
            if kept is not None and self._place(kept) == folder and tries.get(kept.models.content, 0) > 0:
                tries[kept.models.content] -= 1
                self._keep(self._note.model_copy(update={"tries": tries}))

    def judge(self, folder: Path, why: str) -> None:
        """Note what the test card said of the set in `folder`: "" where it passed, else why not."""
        with self._lock:
            note = self._note
            for kept in filter(None, (note.newest, note.in_use)):
                if self._place(kept) == folder:
                    verdicts = {**note.verdicts, kept.models.content: why[:LONGEST_WHY]}
                    self._keep(note.model_copy(update={"verdicts": verdicts}))
                    log.info("a set of models %s the test card", "did not pass" if why else "passed")
                    break
        self.on_change()

    # What a shadow run asks

    @property
    def shadow(self) -> Path | None:
        """The folder of the set that is to read beside the one in use; None where none is."""
        with self._lock:
            kept = self._note.newest
            return self._place(kept) if kept is not None and self._is_shadow(kept) else None

    def counts_of(self, folder: Path) -> ShadowCounts:
        """What a shadow run of the set in `folder` has counted so far."""
        with self._lock:
            kept = self._note.newest
            known = self._note.shadows.get(kept.models.content) if kept and self._place(kept) == folder else None
            return known or ShadowCounts()

    def keep_counts(self, folder: Path, counts: ShadowCounts) -> None:
        """Keep what a shadow run of the set in `folder` has counted."""
        with self._lock:
            kept = self._note.newest
            if kept is not None and self._place(kept) == folder:
                self._keep(self._note.model_copy(update={"shadows": {kept.models.content: counts}}))

    # What is told

    def standing(self) -> NewModels | None:
        """How far this car is with the newest set that the depot offered; None where it offered none."""
        with self._lock:
            kept = self._note.newest
            if kept is None:
                return None
            state, why = self._state(kept)
            head, content = kept.models.head, kept.models.content
            return NewModels(
                name=head.name,
                revision=head.revision,
                content=content,
                state=state,
                why=(why or self._problem)[:LONGEST_WHY],
                shadow=self._note.shadows.get(content) if head.shadow else None,
            )

    @property
    def problem(self) -> str:
        """Why what the depot offered last could not be taken, or is not used; "" where nothing is wrong."""
        standing = self.standing()
        refused = standing.why if standing is not None and standing.state == "refused" else ""
        return self._problem or refused

    def _state(self, kept: Kept) -> tuple[str, str]:
        verdict = self._note.verdicts.get(kept.models.content)
        if verdict:
            return "refused", verdict
        if not self._reads:
            return "not used", "The settings of the car want no models of the depot."
        if verdict is None:
            return "waiting", ""
        if kept.models.head.shadow:
            return "shadow", ""
        return ("in use" if kept == self._note.in_use else "ready"), ""

    def _is_ready(self, kept: Kept) -> bool:
        return self._note.verdicts.get(kept.models.content) == "" and not kept.models.head.shadow

    def _is_shadow(self, kept: Kept) -> bool:
        return self._reads and self._note.verdicts.get(kept.models.content) == "" and kept.models.head.shadow

    def _drop_damaged(self) -> None:
        """Forget the sets whose files are not what was signed: the next sync fetches them again."""
        note = self._note
        whole = {name: one for name in ("newest", "in_use", "before") if (one := self._whole(getattr(note, name)))}
        found = note.model_copy(update={name: whole.get(name) for name in ("newest", "in_use", "before")})
        if found != note:
            log.error("models of the depot are damaged on the disk")
            self._problem = DAMAGED
            self._keep(found)

    def _whole(self, kept: Kept | None) -> Kept | None:
        return kept if kept is not None and is_whole(self._place(kept), kept.models) else None

    def _place(self, kept: Kept) -> Path:
        return self._folder / "sets" / kept.models.content[:16]

    def _kept(self) -> Iterator[Kept]:
        yield from filter(None, (*self._note.sets, self._in_use_now))

    def _fill(self, part: Path, models: ModelSet) -> None:
        for one in models.files:
            source = self._find(one.sha256)
            if source is None:
                raise ModelRefused(DAMAGED)
            shutil.copyfile(source, part / one.file)
            (part / one.file).chmod(0o600)
        if not is_whole(part, models):
            raise ModelRefused(DAMAGED)
        entries = [one.model_dump() for one in models.files]
        write_whole(part / MANIFEST, json.dumps({"models": entries}).encode())

    def _find(self, sha256: str) -> Path | None:
        """A file with this content: one that arrived, or one of a set that is here, or of the program's."""
        arrived = self._folder / "arriving" / f"{sha256}{PART}"
        places = [
            self._place(kept) / one.file for kept in self._kept() for one in kept.models.files if one.sha256 == sha256
        ]
        try:
            shipped = find_models(self._packaged)
            places += [shipped.files[role] for role, one in shipped.models.items() if one.sha256 == sha256]
        except KnownError:
            pass
        return next((path for path in (arrived, *places) if has_content(path, sha256)), None)

    def _clean(self) -> None:
        """Delete the sets that nothing leads to any more, and what arrived."""
        wanted = {self._place(kept).name for kept in self._kept()}
        for place in (self._folder / "sets").glob("*"):
            if place.name not in wanted:
                shutil.rmtree(place, ignore_errors=True)
        for kept in self._kept():
            for one in kept.models.files:
                if self._place(kept).exists():
                    with suppress(OSError):  # Windows may hold it for a virus scanner; the next time will do
                        (self._folder / "arriving" / f"{one.sha256}{PART}").unlink(missing_ok=True)

    def _keep(self, note: ModelNote) -> None:
        self._note = keep_note(self._folder, note)

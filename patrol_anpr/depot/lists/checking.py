"""The work on a draft: checking what was uploaded, and publishing it. It may take minutes, so a process does it."""

import csv
import io
import logging
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from patrol_anpr.depot.asked import utc_now
from patrol_anpr.depot.lists.drafts import Approval, CheckReport, CheckResult, Draft, Drafts, Stage
from patrol_anpr.depot.lists.kept import entries_of, kept_head, opened_list
from patrol_anpr.depot.lists.keys import ListKeys
from patrol_anpr.depot.lists.publishing import audit_list, opening_keys, publish_lines, repository_of
from patrol_anpr.depot.lists.repository import Repository
from patrol_anpr.depot.lists.roles import last_head
from patrol_anpr.depot.lists.signing import signing_of
from patrol_anpr.domain.errors import BadInput, KnownError, RecordsFault
from patrol_anpr.domain.hotlist import Hotlist, ImportReport, RejectedLine, is_absurd
from patrol_anpr.hotlists.building import MAX_REPORTED, build_list
from patrol_anpr.hotlists.compact import CompactFile, key_id_of
from patrol_anpr.hotlists.comparing import Change, compared, every_change
from patrol_anpr.hotlists.confusions import measured_confusions
from patrol_anpr.hotlists.false_hits import expected_false_hits
from patrol_anpr.hotlists.importer import Entry, ListLine, WeededLine
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.hotlists.mapped import read_list
from patrol_anpr.hotlists.mapping import mapping_of
from patrol_anpr.hotlists.rows import voi_of
from patrol_anpr.plumbing.files import new_file
from patrol_anpr.plumbing.processes import NO_WINDOW
from patrol_anpr.wire.lists import HotlistHead

log = logging.getLogger(__name__)

BROKEN = "The work on this draft broke off. Try again; if that does not help, look at the log of the console."

OVERTAKEN = "The list was published or taken back since this draft was checked. Check it again."

_running: list[subprocess.Popen[bytes]] = []
"""The processes that were begun and may not have ended; each is asked for its end when the next begins."""


def begin_work(folder: Path, draft_id: str) -> None:
    """Begin the work that the stage of a draft asks for, in a process that outlives this one."""
    _running[:] = [process for process in _running if process.poll() is None]
    command = [sys.executable, "-m", "patrol_anpr", "depot", "lists", "work", draft_id, "--folder", str(folder)]
    quiet = subprocess.DEVNULL
    _running.append(
        subprocess.Popen(
            command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True, creationflags=NO_WINDOW
        )
    )


def begin_checking(drafts: Drafts, draft_id: str, now: datetime) -> Draft:
    """Say that a draft is to be checked. Raises BadInput where it was published, or somebody is at it."""
    with drafts.turn(draft_id):
        draft = drafts.get(draft_id)
        if draft.stage is Stage.PUBLISHED:
            raise BadInput("This draft is published already.")
        wanted = {"stage": Stage.CHECKING, "begun_at": now, "lines": 0, "fault": ""}
        return drafts.put(draft.model_copy(update=wanted))


def begin_publishing(drafts: Drafts, draft_id: str, now: datetime) -> Draft:
    """Say that a draft is to be published. Raises BadInput where it is not approved, or somebody is at it."""
    with drafts.turn(draft_id):
        draft = drafts.get(draft_id)
        if draft.stage is not Stage.CHECKED or not draft.approvals:
            raise BadInput("This draft is not checked and approved. Do both at the console first.")
        wanted = {"stage": Stage.PUBLISHING, "begun_at": now, "lines": 0, "fault": ""}
        return drafts.put(draft.model_copy(update=wanted))


def approve(drafts: Drafts, draft_id: str, by: Approval) -> Draft:
    """Keep that somebody says a checked draft is to be published. Raises BadInput where it is not checked.

    A list of an absurd size needs a reason that it is right. One person counts once.
    """
    with drafts.turn(draft_id):
        draft = drafts.get(draft_id)
        if draft.stage is not Stage.CHECKED or draft.report is None:
            raise BadInput("This draft is not checked, so it cannot be approved yet.")
        if draft.report.absurd and not by.why and draft.confirmation is None:
            raise BadInput("This list changes so much that it may be a mistake. Say how you know that it is right.")
        others = tuple(one for one in draft.approvals if one.staff_id != by.staff_id)
        return drafts.put(draft.model_copy(update={"approvals": (*others, by)}))


def work_on(
    folder: Path, draft_id: str, *, keys: ListKeys | None = None, now: Callable[[], datetime] = utc_now
) -> Draft:
    """Do what the stage of a draft asks for; returns the draft as it then is. What fails is told in the draft.

    Raises BadInput where there is no such draft, nothing is to be done, or somebody is at it.
    """
    drafts = Drafts(folder)
    with drafts.turn(draft_id):
        draft = drafts.get(draft_id)
        if not draft.works:
            raise BadInput("Nothing is to be done with this draft: somebody has to look at it at the console.")
        steps = {Stage.CHECKING: (_check, Stage.UPLOADED), Stage.PUBLISHING: (_publish, Stage.CHECKED)}
        step, back = steps[draft.stage]
        if back is Stage.UPLOADED and drafts.built(draft_id).exists():
            back = Stage.CHECKED
        try:
            return drafts.put(step(folder, drafts, draft, keys, now))
        except KnownError as error:
            return drafts.put(drafts.get(draft_id).model_copy(update={"stage": back, "fault": str(error)}))
        except Exception:
            log.exception("the work on a draft broke off")
            drafts.put(drafts.get(draft_id).model_copy(update={"stage": back, "fault": BROKEN}))
            raise


def _check(folder: Path, drafts: Drafts, draft: Draft, keys: ListKeys | None, now: Callable[[], datetime]) -> Draft:
    del keys  # a check signs nothing
    repository, draft_id = repository_of(folder, now=now), draft.draft_id
    last = last_head(repository.roles(), draft.wish.list_id)
    wanted = opening_keys(folder).get(last.key_id) if last is not None else None
    key = wanted or ListKey.made()
    report = draft.report
    drafts.keys(draft_id).keep(key)
    with _source(folder, repository, drafts, draft, now) as lines:
        head = Hotlist(draft.wish.list_id, draft.wish.name, draft.wish.owner, 1, draft.wish.tier, now())
        with _told(drafts.rejects(draft_id)) as told:
            made = build_list(told.telling(lines), drafts.built(draft_id), head, key, _progress(drafts, draft))
            told.repeats(made)
    drafts.built(draft_id).with_suffix(".lock").unlink(missing_ok=True)
    drafts.keys(draft_id).keep_only({key.key_id})
    drafts.drop_upload(draft_id)
    counts = (made.rejected_count, made.weeded, made.ignored, made.doubted)
    if report is not None:  # it was checked before: what lay here was the list, and no file
        counts = (report.rejected, report.weeded + made.weeded, report.ignored, report.doubted)
    rejected, weeded, ignored, doubted = counts
    before = last.judged_entries if last is not None else 0
    report = CheckReport(
        entries=made.entries,
        rejected=rejected,
        weeded=weeded,
        ignored=ignored,
        doubted=doubted,
        against=_revision(last),
        before=before,
        absurd=last is not None and is_absurd(before, made.entries),
    )
    drafts.keep_result(draft_id, _result(repository, drafts, draft, key, last if wanted else None, now().date()))
    audit_list(folder, f"staff {draft.made_by}", "hotlist checked", draft.wish.list_id, f"{made.entries} entries")
    return draft.model_copy(update={"stage": Stage.CHECKED, "report": report, "approvals": (), "fault": ""})


@contextmanager
def _source(
    folder: Path, repository: Repository, drafts: Drafts, draft: Draft, now: Callable[[], datetime]
) -> Iterator[Iterable[ListLine]]:
    """Lend the lines of a draft: of what was built before, of the revision before, or of the uploaded file."""
    if drafts.built(draft.draft_id).exists():
        with _built(drafts, draft) as entries:
            yield _in_force(entries, now().date())
        return
    if draft.back_to is not None:
        kept = kept_head(repository, draft.wish.list_id)
        if kept is None or kept.revision != draft.back_to:
            raise BadInput("The revision before is another one by now. Discard this draft and go back anew.")
        with opened_list(repository, kept, opening_keys(folder).get(kept.key_id)) as opened:
            yield _in_force(entries_of(opened), now().date())
        return
    upload = drafts.upload(draft.draft_id)
    if upload is None:
        raise BadInput("The uploaded file is not there any more. Upload it again.")
    mapping = mapping_of(draft.mapping.encode(), draft.mapping_name) if draft.mapping else None
    yield with_defaults(read_list(upload, mapping, draft.wish.tier, now().date()), draft)


def with_defaults(lines: Iterable[ListLine], draft: Draft) -> Iterator[ListLine]:
    """Give each entry what its form lacks: the owner with a contact, and an end."""
    owner = ", ".join(text for text in (draft.wish.owner, draft.wish.contact) if text)
    end = draft.entry_end()
    for line in lines:
        if isinstance(line, Entry) and (not line.voi.force_area or (end is not None and line.voi.weed_date is None)):
            voi = replace(line.voi, force_area=line.voi.force_area or owner, weed_date=line.voi.weed_date or end)
            yield replace(line, voi=voi)
        else:
            yield line


@contextmanager
def _built(drafts: Drafts, draft: Draft) -> Iterator[Iterator[Entry]]:
    """Lend the entries of the list that the check built."""
    with _opened(drafts, draft) as file:
        rows = enumerate(file.every_row(), start=1)
        yield (Entry(number, voi) for number, (_, row) in rows if (voi := voi_of(row)) is not None)


@contextmanager
def _opened(drafts: Drafts, draft: Draft) -> Iterator[CompactFile]:
    path = drafts.built(draft.draft_id)
    key = drafts.keys(draft.draft_id).get(key_id_of(path))
    if key is None:
        raise RecordsFault("The list of this draft cannot be opened any more. Discard it and upload the file again.")
    with closing(CompactFile.open(path, key)) as file:
        yield file


def _in_force(entries: Iterable[Entry], today: date) -> Iterator[ListLine]:
    for entry in entries:
        weed = entry.voi.weed_date
        yield WeededLine(entry.number) if weed is not None and weed < today else entry


def _result(
    repository: Repository, drafts: Drafts, draft: Draft, key: ListKey, last: HotlistHead | None, today: date
) -> CheckResult:
    """Compare with the revision in force, and work out the false hits that are to be expected."""
    with closing(CompactFile.open(drafts.built(draft.draft_id), key)) as built:
        if last is None:
            found = compared((), built.every_row())
        else:
            with opened_list(repository, last, key) as before:
                found = compared(before.every_row(), built.every_row())
        vrms = (voi.vrm for _, row in built.every_row() if (voi := voi_of(row)) is not None)  # in no order of theirs
        expected = expected_false_hits(vrms, built.count, measured_confusions(), today)
    return CheckResult(dict(found.counts), found.same, tuple(found.first), expected)


def every_change_of(folder: Path, draft_id: str) -> Iterator[Change]:
    """Give every change that a checked draft makes. Raises BadInput where it has to be checked again, RecordsFault."""
    drafts, repository = Drafts(folder), repository_of(folder)
    draft = drafts.get(draft_id)
    last = last_head(repository.roles(), draft.wish.list_id)
    if draft.stage is not Stage.CHECKED or draft.report is None or draft.report.against != _revision(last):
        raise BadInput(OVERTAKEN)
    with _opened(drafts, draft) as built:
        key = opening_keys(folder).get(last.key_id) if last is not None else None
        if last is None or key is None:
            yield from every_change((), built.every_row())
        else:
            with opened_list(repository, last, key) as before:
                yield from every_change(before.every_row(), built.every_row())


def _revision(head: HotlistHead | None) -> int:
    return 0 if head is None else head.revision


def _publish(folder: Path, drafts: Drafts, draft: Draft, keys: ListKeys | None, now: Callable[[], datetime]) -> Draft:
    repository, wish = repository_of(folder, keys, now), draft.wish
    last = last_head(repository.roles(), wish.list_id)
    if draft.report is None or draft.report.against != _revision(last):
        raise BadInput(OVERTAKEN)
    if len(draft.people) < signing_of(repository, wish.list_id, wish.owner, wish.audience).people:
        raise BadInput("Another person has to say that this is to be published.")
    with _built(drafts, draft) as entries:
        head = publish_lines(
            folder,
            _in_force(entries, now().date()),
            wish,
            confirmed=draft.confirmation if draft.report.absurd else None,
            actor=f"staff {', '.join(sorted(draft.people))}",
            keys=keys,
            progress=_progress(drafts, draft),
            now=now,
        )
    drafts.drop_contents(draft.draft_id)
    return draft.model_copy(update={"stage": Stage.PUBLISHED, "revision": head.revision, "fault": ""})


def _progress(drafts: Drafts, draft: Draft) -> Callable[[int], None]:
    def progress(lines: int) -> None:
        drafts.put(draft.model_copy(update={"lines": lines}))

    return progress


class _Telling:
    """Writes each refused line with its reason as it goes by."""

    def __init__(self, write: Callable[[RejectedLine], None]) -> None:
        self._write = write
        self.told = 0
        self._numbers: set[int] = set()

    def telling(self, lines: Iterable[ListLine]) -> Iterator[ListLine]:
        for line in lines:
            if isinstance(line, RejectedLine):
                self.told += 1
                if len(self._numbers) < MAX_REPORTED:  # beyond, a report holds none that only the building refused
                    self._numbers.add(line.number)
                self._write(line)
            yield line

    def repeats(self, report: ImportReport) -> None:
        """What was refused once the entries lay in their order: those that repeat another."""
        for line in report.rejected:
            if line.number not in self._numbers:
                self.told += 1
                self._write(line)
        if report.rejected_count > self.told:
            self._write(RejectedLine(0, f"{report.rejected_count - self.told} more lines repeat others"))


@contextmanager
def _told(path: Path) -> Iterator[_Telling]:
    """Lend what writes the report of refused lines at `path`; one that is there stays where nothing is refused."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with new_file(part) as raw, io.TextIOWrapper(raw, "utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(["line", "why it was refused"])
        told = _Telling(lambda line: writer.writerow([line.number, line.reason]))
        yield told
    if path.exists() and not told.told:
        part.unlink()
    else:
        part.replace(path)

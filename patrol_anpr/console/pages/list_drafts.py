"""A list on its way: said what it is, uploaded, looked at, checked, approved, published."""

import csv
import io
import math
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, StreamingResponse

from patrol_anpr.console.guard import duty, duty_before_file
from patrol_anpr.console.page import Page
from patrol_anpr.console.uploads import take_upload
from patrol_anpr.depot.lists.checking import approve, begin_checking, begin_publishing, begin_work, every_change_of
from patrol_anpr.depot.lists.drafts import MOST_UPLOAD, Approval, Draft, Drafts, Stage, new_draft_id, safe_name
from patrol_anpr.depot.lists.publishing import ListWish, audit_list, check_wish, published, repository_of
from patrol_anpr.depot.lists.recognising import OWN, Recognised, known_mappings, mapping_text, recognised, word_of
from patrol_anpr.depot.lists.signing import signing_of
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import Tier, list_id_of
from patrol_anpr.hotlists.comparing import Change, ChangeKind
from patrol_anpr.hotlists.false_hits import READS
from patrol_anpr.plumbing.csv_cell import safe_cell

router = APIRouter(prefix="/lists")

Publishes = Annotated[Page, Depends(duty(Duty.PUBLISH_LISTS))]
Uploads = Annotated[Page, Depends(duty_before_file(Duty.PUBLISH_LISTS))]
REFRESH_SECONDS = 3
TIERS = tuple((str(int(tier)), f"{int(tier)} {tier.word}") for tier in Tier)
_IN_FILE = ("tier", "action", "markers", "reason", "make", "model", "colour", "force_area", "weed_date")
"""What the file of all changes has of each entry, before and after."""
CHANGE_WORDS = {
    ChangeKind.ADDED: "Added",
    ChangeKind.REMOVED: "Removed",
    ChangeKind.RETIERED: "Another tier or action",
    ChangeKind.REWORDED: "Other words",
}


@router.get("/new")
def new(page: Publishes, list_id: str = "") -> Response:
    """Ask what the list is; what its last revision said is filled in."""
    values = {"name": "", "owner": "", "contact": "", "tier": "2", "days": "30", "entry_days": "", "cars": ""}
    for head, about in published(repository_of(page.console.folder, now=page.console.now)):
        if head.list_id == list_id:
            days = max(1, round((head.valid_until - head.issued_at) / timedelta(days=1)))
            values |= {"name": head.name, "owner": head.owner, "contact": head.contact, "tier": str(int(head.tier))}
            values |= {"days": str(days), "cars": ", ".join(about.audience or ())}
    return page.show("lists/new.html", title="Publish a list", values=values, tiers=TIERS, wrong="")


@router.post("/new")
def begun(
    page: Publishes,
    name: Annotated[str, Form()] = "",
    owner: Annotated[str, Form()] = "",
    contact: Annotated[str, Form()] = "",
    tier: Annotated[str, Form()] = "",
    days: Annotated[str, Form()] = "",
    entry_days: Annotated[str, Form()] = "",
    cars: Annotated[str, Form()] = "",
) -> Response:
    """Begin a draft of what was said; its file comes next."""
    values = {"name": name, "owner": owner, "contact": contact, "tier": tier}
    values |= {"days": days, "entry_days": entry_days, "cars": cars}
    now = page.console.now()
    try:
        wish = ListWish(
            list_id_of(name),
            _line(name, "name"),
            _line(owner, "owner"),
            Tier(int(tier)) if tier in dict(TIERS) else Tier.PRIORITY,
            _line(contact, "contact"),
            now + timedelta(days=_days(days, "the list", 3650) or 30),
            tuple(sorted(filter(None, (car.strip() for car in cars.split(","))))) or None,
        )
        check_wish(wish)
        entry = _days(entry_days, "an entry without an end of its own", 3650)
    except BadInput as fault:
        return page.show("lists/new.html", 422, title="Publish a list", values=values, tiers=TIERS, wrong=str(fault))
    draft = Draft(
        draft_id=new_draft_id(),
        stage=Stage.UPLOADED,
        made_at=now,
        made_by=page.staff.staff_id,
        file_name="",
        wish=wish,
        entry_days=entry,
    )
    audit_list(page.console.folder, f"staff {page.staff.staff_id}", "hotlist draft begun", wish.list_id, "")
    Drafts(page.console.folder).make(draft)
    return page.go(f"/lists/draft/{draft.draft_id}")


def _line(text: str, what: str) -> str:
    said = " ".join(text.split())
    if not said:
        raise BadInput("Say the {what}: a list whose owner nobody can reach helps no crew.", what=what)
    if len(said) > 120:
        raise BadInput("The {what} is too long: at most 120 characters.", what=what)
    return said


def _days(text: str, what: str, most: int) -> int | None:
    if not text.strip():
        return None
    days = int(text) if text.strip().isascii() and text.strip().isdigit() and len(text) < 9 else 0
    if not 1 <= days <= most:
        raise BadInput("The days until {what} ends are a whole number from 1 to {most}.", what=what, most=most)
    return days


@router.get("/draft/{draft_id}")
def draft_page(page: Publishes, draft_id: str) -> Response:
    """Show a draft as far as it is."""
    return _draft(page, draft_id)


def _draft(page: Page, draft_id: str, wrong: str = "") -> Response:
    drafts = Drafts(page.console.folder)
    draft = _got(drafts, draft_id)
    status = 422 if wrong else 200
    title = f"Draft of {draft.wish.name}"
    said = {"title": title, "draft": draft, "wrong": wrong or draft.fault}
    if draft.works:
        gone = drafts.is_interrupted(draft, page.console.now())
        response = page.show("lists/working.html", status, interrupted=gone, **said)
        if not gone:
            response.headers["refresh"] = str(REFRESH_SECONDS)
        return response
    if draft.stage is Stage.PUBLISHED:
        return page.show("lists/done.html", status, **said)
    if draft.stage is Stage.CHECKED and draft.report is not None:
        return _checked(page, drafts, draft, status, said)
    upload = drafts.upload(draft_id)
    if upload is None:
        return page.show("lists/upload.html", status, most=MOST_UPLOAD >> 20, **said)
    _audit(page, draft, "hotlist file looked at")
    known, damaged = known_mappings(page.console.folder)
    seen, fault = _recognised(upload, draft, page)
    chosen = seen.key if seen is not None else ""
    options = [("", "The usual 16 columns"), *((key, one.name) for key, one in known.items()), (OWN, "Written below")]
    rows = [(texts, line.number, *word_of(line)) for texts, line in seen.first.rows] if seen is not None else []
    values = {"seen": seen, "rows": rows, "options": options, "chosen": chosen, "unreadable": fault, "damaged": damaged}
    return page.show("lists/columns.html", status, **values, **said)


def _recognised(upload: Path, draft: Draft, page: Page) -> tuple[Recognised | None, str]:
    try:
        return recognised(page.console.folder, upload, draft, page.console.now().date()), ""
    except BadInput as fault:
        return None, str(fault)


def _checked(page: Page, drafts: Drafts, draft: Draft, status: int, said: dict[str, object]) -> Response:
    _audit(page, draft, "hotlist changes looked at")
    wish = draft.wish
    signing = signing_of(
        repository_of(page.console.folder, now=page.console.now), wish.list_id, wish.owner, wish.audience
    )
    try:
        result = drafts.result(draft.draft_id)
    except BadInput as fault:
        return page.show("lists/lost.html", 422, **(said | {"wrong": str(fault)}))
    missing = max(0, signing.people - len(draft.people | {page.staff.staff_id}))
    first = sorted(result.first, key=_mark_of)
    changes = {kind: [change for change in first if change.kind is kind] for kind in ChangeKind}
    return page.show(
        "lists/checked.html",
        status,
        result=result,
        changes=changes,
        words=CHANGE_WORDS,
        signing=signing,
        missing=missing,
        expected=expected,
        **said,
    )


def _mark_of(change: Change) -> str:
    voi = change.after or change.before
    return voi.vrm if voi is not None else ""


def expected(hits: float) -> str:
    """Say how many hits are expected: two digits that count, and how many reads there are to one."""
    if hits <= 0:
        return "none"
    many = f"{hits:,.0f}" if hits >= 10 else f"{hits:.{max(0, 1 - math.floor(math.log10(hits)))}f}"
    return many if hits >= 1 else f"{many} (one in {float(f'{READS / hits:.2g}'):,.0f} reads)"


@router.post("/draft/{draft_id}/file")
async def upload(request: Request, page: Uploads, draft_id: str) -> Response:
    """Take the file of a draft in, in place of any before."""
    drafts = Drafts(page.console.folder)
    draft = _got(drafts, draft_id)
    if draft.stage is not Stage.UPLOADED or draft.back_to is not None:
        raise BadInput("This draft has its file already. Discard it, and begin another.")
    try:
        path = await take_upload(request, lambda name: _place(drafts, draft_id, name), MOST_UPLOAD)
    except BadInput as fault:
        return await run_in_threadpool(_draft, page, draft_id, str(fault))
    await run_in_threadpool(_arrived, page, drafts, draft_id, path)
    return page.go(f"/lists/draft/{draft_id}")


def _place(drafts: Drafts, draft_id: str, name: str) -> Path:
    drafts.drop_upload(draft_id)
    return drafts.upload_folder(draft_id) / safe_name(name)


def _arrived(page: Page, drafts: Drafts, draft_id: str, path: Path) -> None:
    with drafts.turn(draft_id):
        draft = drafts.put(drafts.get(draft_id).model_copy(update={"file_name": path.name, "fault": ""}))
    _audit(page, draft, "hotlist file uploaded")


@router.post("/draft/{draft_id}/mapping")
def choose(
    page: Publishes, draft_id: str, mapping: Annotated[str, Form()] = "", own: Annotated[str, Form()] = ""
) -> Response:
    """Choose how the file is read."""
    drafts = Drafts(page.console.folder)
    _got(drafts, draft_id)
    try:
        text, name = mapping_text(page.console.folder, mapping, own)
        with drafts.turn(draft_id):
            said = {"mapping": text, "mapping_name": name, "mapping_chosen": True, "fault": ""}
            drafts.put(drafts.get(draft_id).model_copy(update=said))
    except BadInput as fault:
        return _draft(page, draft_id, str(fault))
    return page.go(f"/lists/draft/{draft_id}")


@router.post("/draft/{draft_id}/check")
def check(page: Publishes, draft_id: str) -> Response:
    """Begin the check of a draft, or do again what broke off."""
    drafts = Drafts(page.console.folder)
    draft = _got(drafts, draft_id)
    upload = drafts.upload(draft_id)
    try:
        if upload is not None and not draft.mapping_chosen:
            seen = recognised(page.console.folder, upload, draft, page.console.now().date())
            said = {"mapping": seen.text, "mapping_name": seen.key, "mapping_chosen": True}
            with drafts.turn(draft_id):
                drafts.put(drafts.get(draft_id).model_copy(update=said))
        begin_checking(drafts, draft_id, page.console.now())
    except BadInput as fault:
        return _draft(page, draft_id, str(fault))
    begin_work(page.console.folder, draft_id)
    return page.go(f"/lists/draft/{draft_id}")


@router.post("/draft/{draft_id}/publish")
def publish(page: Publishes, draft_id: str, why: Annotated[str, Form()] = "") -> Response:
    """Say that a draft is to be published; once enough people have, it is."""
    folder, now = page.console.folder, page.console.now()
    drafts = Drafts(folder)
    draft = _got(drafts, draft_id)
    wish = draft.wish
    try:
        draft = approve(drafts, draft_id, Approval(page.staff.staff_id, now, why.strip()))
        _audit(page, draft, "hotlist publication approved")
        signing = signing_of(repository_of(folder, now=page.console.now), wish.list_id, wish.owner, wish.audience)
        if len(draft.people) < signing.people:
            return page.go(f"/lists/draft/{draft_id}", "Approved. Another person has to approve it as well.")
        if signing.away:
            return page.go(f"/lists/draft/{draft_id}", "Approved. Now publish it with the keys, as it says below.")
        begin_publishing(drafts, draft_id, now)
    except BadInput as fault:
        return _draft(page, draft_id, str(fault))
    begin_work(folder, draft_id)
    return page.go(f"/lists/draft/{draft_id}")


@router.post("/draft/{draft_id}/discard")
def discard(page: Publishes, draft_id: str) -> Response:
    """Delete a draft."""
    drafts = Drafts(page.console.folder)
    draft = _got(drafts, draft_id)
    try:
        _audit(page, draft, "hotlist draft discarded")
        drafts.discard(draft_id)
    except BadInput as fault:
        return _draft(page, draft_id, str(fault))
    return page.go("/lists", f"The draft of {draft.wish.name} is deleted.")


@router.get("/draft/{draft_id}/rejects.csv")
def rejects(page: Publishes, draft_id: str) -> Response:
    """Give every refused line with its reason as a file; no mark is in it."""
    drafts = Drafts(page.console.folder)
    draft = _got(drafts, draft_id)
    path = drafts.rejects(draft_id)
    if not path.exists():
        raise HTTPException(404)
    _audit(page, draft, "refused lines fetched")
    name = f"refused-lines-{draft.wish.list_id}.csv"
    return FileResponse(path, media_type="text/csv; charset=utf-8", filename=name)


@router.get("/draft/{draft_id}/changes.csv")
def changes(page: Publishes, draft_id: str) -> Response:
    """Give every change of a checked draft as a file: it is made while it is sent, and lies nowhere."""
    draft = _got(Drafts(page.console.folder), draft_id)
    _audit(page, draft, "hotlist changes fetched")
    found = every_change_of(page.console.folder, draft_id)
    first = next(found, None)  # what is wrong is told before anything is sent
    lines = _as_csv(chain([first], found) if first is not None else ())
    headers = {"content-disposition": f'attachment; filename="changes-{draft.wish.list_id}.csv"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def _as_csv(found: Iterable[Change]) -> Iterator[bytes]:
    heads = [f"{when} {name}" for when in ("before:", "after:") for name in _IN_FILE]
    for row in chain([["change", "vrm", *heads]], map(_row, found)):
        out = io.StringIO(newline="")
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(map(safe_cell, row))
        yield out.getvalue().encode("utf-8", "replace")


def _row(change: Change) -> list[str]:
    cells = [CHANGE_WORDS[change.kind], _mark_of(change)]
    for voi in (change.before, change.after):
        cells += ["" if voi is None else str(getattr(voi, name) or "") for name in _IN_FILE]
    return cells


def _got(drafts: Drafts, draft_id: str) -> Draft:
    try:
        return drafts.get(draft_id)
    except BadInput:
        raise HTTPException(404) from None


def _audit(page: Page, draft: Draft, action: str) -> None:
    audit_list(page.console.folder, f"staff {page.staff.staff_id}", action, draft.wish.list_id, draft.draft_id)

"""The lists: what is published, what each car holds, going back, taking back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Response

from patrol_anpr.console.guard import duty
from patrol_anpr.console.page import Page
from patrol_anpr.depot.lists.checking import begin_checking, begin_work
from patrol_anpr.depot.lists.drafts import Draft, Drafts, Stage, new_draft_id
from patrol_anpr.depot.lists.in_cars import Holding, held
from patrol_anpr.depot.lists.kept import kept_head
from patrol_anpr.depot.lists.publishing import ListWish, audit_list, published, repository_of, withdraw_hotlist
from patrol_anpr.depot.lists.repository import Repository
from patrol_anpr.depot.lists.signing import Signing, signing_of
from patrol_anpr.depot.lists.stale import stale_entries
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import HOT_LIST
from patrol_anpr.hotlists.mapping import shipped_files, shipped_mappings
from patrol_anpr.wire.lists import HotlistHead, RoleHead

router = APIRouter(prefix="/lists")

SeesLists = Annotated[Page, Depends(duty(Duty.SEE_LISTS))]
Publishes = Annotated[Page, Depends(duty(Duty.PUBLISH_LISTS))]
HELD_WORDS = {
    Holding.NEWEST: ("newest", "good"),
    Holding.BEHIND: ("behind", "warn"),
    Holding.MISSING: ("does not have it", "bad"),
    Holding.NOT_FOR_IT: ("not for it", "note"),
    Holding.LEFTOVER: ("still has it", "warn"),
    Holding.UNKNOWN: ("unknown", "note"),
}
"""What is read of each way to hold a list, and its colour."""


@router.get("")
def overview(page: SeesLists) -> Response:
    """Every published list, the drafts on their way, and what waits for somebody."""
    repository = repository_of(page.console.folder, now=page.console.now)
    drafts = Drafts(page.console.folder)
    now = page.console.now()
    return page.show(
        "lists/overview.html",
        title="Lists",
        lists=published(repository),
        drafts=[(draft, drafts.is_interrupted(draft, now)) for draft in drafts.all()],
        stale=len(stale_entries(page.console.database(Role.SEARCH), page.console.database(Role.OPERATOR), now)),
        now=now,
        hot=HOT_LIST,
    )


@router.get("/cars")
def in_cars(page: SeesLists) -> Response:
    """Which car holds which revision of which list."""
    heads = published(repository_of(page.console.folder, now=page.console.now))
    cars = held(page.console.folder, heads)
    now = page.console.now()
    return page.show(
        "lists/cars.html",
        title="Lists in the cars",
        heads=[head for head, _ in heads],
        cars=cars,
        words=HELD_WORDS,
        now=now,
    )


@router.get("/mappings")
def mappings(page: SeesLists) -> Response:
    """The mapping files that come with the program, to begin one's own from."""
    shown = [(name, shipped_mappings()[name].name, content.decode()) for name, content in shipped_files().items()]
    return page.show("lists/mappings.html", title="Mapping files", mappings=shown)


@router.get("/list/{list_id}")
def one_list(page: SeesLists, list_id: str) -> Response:
    """One list: whose, for whom, until when; the revision before; how to take it back."""
    return _one(page, list_id)


def _one(page: Page, list_id: str, wrong: str = "") -> Response:
    repository, head, about = _found(page, list_id)
    return page.show(
        "lists/one.html",
        422 if wrong else 200,
        title=head.name,
        head=head,
        about=about,
        before=kept_head(repository, list_id),
        signing=signing_of(repository, list_id, None, None),
        is_hot=list_id == HOT_LIST,
        cars=[(car, car.held[list_id]) for car in held(page.console.folder, [(head, about)])],
        words=HELD_WORDS,
        wrong=wrong,
        now=page.console.now(),
    )


def _found(page: Page, list_id: str) -> tuple[Repository, HotlistHead, RoleHead]:
    repository = repository_of(page.console.folder, now=page.console.now)
    for head, about in published(repository):
        if head.list_id == list_id:
            return repository, head, about
    raise HTTPException(404)


@router.post("/list/{list_id}/withdraw")
def withdraw(page: Publishes, list_id: str, reason: Annotated[str, Form()] = "") -> Response:
    """Take a list back: it leaves each car with its next sync."""
    repository, head, _ = _found(page, list_id)
    try:
        if not reason.strip():
            raise BadInput("Say why the list is taken back: the audit keeps it.")
        check_signing(signing_of(repository, list_id, None, None), f'depot lists withdraw "{head.name}"')
        withdraw_hotlist(
            page.console.folder, list_id, f"staff {page.staff.staff_id}", reason.strip(), now=page.console.now
        )
    except BadInput as fault:
        return _one(page, list_id, str(fault))
    return page.go("/lists", f"{head.name} is taken back. It leaves each car with its next sync.")


def check_signing(signing: Signing, command: str) -> None:
    """Raise BadInput, with the command that does it, where the console cannot sign, or two people must."""
    if signing.away or signing.people > 1:
        why = f"the key of {', '.join(signing.away)} is not open here" if signing.away else "two people sign for it"
        raise BadInput(
            "The console cannot do this: {why}. At the depot run `patrol-anpr {command} --keys FOLDER`, with the "
            "folder of each stick.",
            why=why,
            command=command,
        )


@router.post("/list/{list_id}/back")
def go_back(page: Publishes, list_id: str) -> Response:
    """Begin a draft of the revision before: it is looked at and published as every other."""
    repository, _, about = _found(page, list_id)
    before = kept_head(repository, list_id)
    if before is None:
        return _one(page, list_id, "No revision before this one is kept.")
    now = page.console.now()
    until = now + (before.valid_until - before.issued_at)  # as long as it was meant for when it was published
    wish = ListWish(list_id, before.name, before.owner, before.tier, before.contact, until, about.audience)
    draft = Draft(
        draft_id=new_draft_id(),
        stage=Stage.UPLOADED,
        made_at=now,
        made_by=page.staff.staff_id,
        file_name="",
        wish=wish,
        back_to=before.revision,
    )
    drafts = Drafts(page.console.folder)
    audit_list(
        page.console.folder, f"staff {page.staff.staff_id}", "going back begun", list_id, f"to {before.revision}"
    )
    drafts.make(draft)
    begin_checking(drafts, draft.draft_id, now)
    begin_work(page.console.folder, draft.draft_id)
    return page.go(f"/lists/draft/{draft.draft_id}")

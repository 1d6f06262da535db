"""The accounts of the depot's people: add, change roles, invite anew, end. Nobody changes their own."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Response

from patrol_anpr.console.guard import duty
from patrol_anpr.console.page import Page
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.accounts import (
    Account,
    accounts_in,
    add_account,
    change_roles,
    end_account,
    reset_account,
    roles_of,
)
from patrol_anpr.depot.staff.duties import Duty, StaffRole, duties_of
from patrol_anpr.domain.errors import BadInput

router = APIRouter(prefix="/accounts")
Keeper = Annotated[Page, Depends(duty(Duty.KEEP_ACCOUNTS))]
_ROLES = [
    (role.value, f"{role.capitalize()}: {', '.join(sorted(duties_of((role,)) - {Duty.BE_SIGNED_ON}))}")
    for role in StaffRole
]


@router.get("")
def show(page: Keeper) -> Response:
    """Show all accounts, and a form for a new one."""
    return _shown(page)


@router.post("")
def add(
    page: Keeper,
    staff_id: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    roles: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Add an account and show its invitation, this once."""
    typed = {"staff_id": staff_id, "name": name, "roles": roles or []}
    try:
        if page.console.provider is not None:
            raise BadInput("The force's sign-on says who may come, so no account is added here.")
        with page.console.database(Role.STAFF).writing() as connection:
            code = add_account(connection, page.staff.actor, staff_id, name, roles_of(roles or ()), page.console.now())
    except BadInput as wrong:
        return _shown(page, str(wrong), typed)
    return _invited(page, staff_id.strip(), code)


@router.get("/{staff_id}")
def one(page: Keeper, staff_id: str) -> Response:
    """Show one account, and what may be done with it."""
    return _one(page, _account(page, staff_id))


@router.post("/{staff_id}/roles")
def give_roles(page: Keeper, staff_id: str, roles: Annotated[list[str] | None, Form()] = None) -> Response:
    """Give it other roles."""
    account = _other(page, staff_id)
    try:
        with page.console.database(Role.STAFF).writing() as connection:
            change_roles(connection, page.staff.actor, account.staff_id, roles_of(roles or ()))
    except BadInput as wrong:
        return _one(page, account, str(wrong))
    return page.go(f"/accounts/{account.staff_id}", "The roles are changed. They count from the next page on.")


@router.post("/{staff_id}/reset")
def reset(page: Keeper, staff_id: str) -> Response:
    """Forget its password and codes, and show a new invitation, this once."""
    account = _other(page, staff_id)
    with page.console.database(Role.STAFF).writing() as connection:
        code = reset_account(connection, page.staff.actor, account.staff_id, page.console.now())
    return _invited(page, account.staff_id, code)


@router.post("/{staff_id}/end")
def end(page: Keeper, staff_id: str) -> Response:
    """End it for good."""
    account = _other(page, staff_id)
    with page.console.database(Role.STAFF).writing() as connection:
        end_account(connection, page.staff.actor, account.staff_id, page.console.now())
    return page.go("/accounts", "The account has ended, and whoever was signed on with it is signed off.")


def _account(page: Page, staff_id: str) -> Account:
    with page.console.database(Role.STAFF).reading() as connection:
        found = [account for account in accounts_in(connection) if account.staff_id == staff_id]
    if not found:
        raise HTTPException(404)
    return found[0]


def _other(page: Page, staff_id: str) -> Account:
    """Return an account that is not one's own: nobody gives themselves a role, or a way back in."""
    account = _account(page, staff_id)
    if account.staff_id == page.staff.staff_id:
        raise BadInput("Nobody changes their own account. Ask another administrator.")
    return account


def _shown(page: Page, wrong: str = "", typed: Mapping[str, object] | None = None) -> Response:
    with page.console.database(Role.STAFF).reading() as connection:
        accounts = accounts_in(connection)
    return page.show(
        "accounts/all.html",
        422 if wrong else 200,
        title="Accounts",
        accounts=accounts,
        wrong=wrong,
        roles=_ROLES,
        typed=typed or {"staff_id": "", "name": "", "roles": []},
    )


def _one(page: Page, account: Account, wrong: str = "") -> Response:
    return page.show(
        "accounts/one.html",
        422 if wrong else 200,
        title=f"Account {account.staff_id}",  # no name: titles stay in a browser's history
        account=account,
        wrong=wrong,
        roles=_ROLES,
    )


def _invited(page: Page, staff_id: str, code: str) -> Response:
    return page.show("accounts/invited.html", title="The invitation", staff_id=staff_id, code=code)

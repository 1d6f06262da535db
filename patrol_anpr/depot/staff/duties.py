"""Roles of the depot's staff, the duties that each has, and which never meet in one person. Pure rules."""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class StaffRole(StrEnum):
    """What somebody is at the depot. The value is kept, the label is read."""

    OPERATOR = "operator"
    ANALYST = "analyst"
    SENIOR = "senior"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Duty(StrEnum):
    """One thing that somebody may do at the console. Each page asks for exactly one."""

    BE_SIGNED_ON = "be signed on"
    """What every role may: the first page, one's own sign-on."""
    SEE_LISTS = "see lists"
    PUBLISH_LISTS = "publish lists"
    SEE_FLEET = "see the fleet"
    KEEP_CARS = "keep cars"
    KEEP_ROSTER = "keep the roster"
    SEARCH = "search reads"
    EXPORT = "export evidence"
    HOLD = "hold evidence"
    AUTHORISE = "authorise searches"
    AUDIT = "audit"
    DIP_SAMPLE = "review a sample"
    SEE_REPORTS = "see reports"
    SEE_RETENTION = "see what is erased"
    """How long what is kept and what was erased: counts alone."""
    KEEP_ACCOUNTS = "keep accounts"


_OF_ROLE: Mapping[StaffRole, frozenset[Duty]] = {
    StaffRole.OPERATOR: frozenset(
        {Duty.SEE_LISTS, Duty.PUBLISH_LISTS, Duty.SEE_FLEET, Duty.KEEP_CARS, Duty.KEEP_ROSTER, Duty.SEE_REPORTS}
    ),
    StaffRole.ANALYST: frozenset({Duty.SEARCH, Duty.EXPORT, Duty.HOLD, Duty.SEE_REPORTS, Duty.SEE_RETENTION}),
    StaffRole.SENIOR: frozenset({Duty.AUTHORISE, Duty.SEE_REPORTS, Duty.SEE_RETENTION}),
    StaffRole.AUDITOR: frozenset({Duty.AUDIT, Duty.DIP_SAMPLE, Duty.SEE_REPORTS, Duty.SEE_RETENTION}),
    StaffRole.ADMINISTRATOR: frozenset({Duty.KEEP_ACCOUNTS, Duty.SEE_RETENTION}),
}

NEVER_TOGETHER: tuple[tuple[Duty, Duty, str], ...] = (
    (Duty.PUBLISH_LISTS, Duty.SEARCH, "Who publishes lists may not search the reads that they raise."),
    (Duty.KEEP_ACCOUNTS, Duty.SEARCH, "Who keeps the accounts may not search reads."),
    (Duty.KEEP_ACCOUNTS, Duty.AUDIT, "Who keeps the accounts may not audit what is done with them."),
    (Duty.AUDIT, Duty.SEARCH, "Who audits searches may not search reads."),
    (Duty.AUDIT, Duty.AUTHORISE, "Who audits searches may not authorise them."),
    (Duty.KEEP_ACCOUNTS, Duty.AUTHORISE, "Who keeps the accounts may not authorise searches."),
)
"""Two duties that one person may not have, and the sentence that says why. That nobody authorises a search of his own
is a rule about one search: it stands where searches are authorised."""


def duties_of(roles: Iterable[StaffRole]) -> frozenset[Duty]:
    """Return what somebody with these roles may do; nothing without a role."""
    given = frozenset().union(*(_OF_ROLE[role] for role in roles))
    return given | {Duty.BE_SIGNED_ON} if given else frozenset()


def why_not_together(roles: Iterable[StaffRole]) -> str:
    """Return why one person may not have all these roles, as a sentence; "" where they may."""
    duties = duties_of(roles)
    return next((why for one, other, why in NEVER_TOGETHER if one in duties and other in duties), "")

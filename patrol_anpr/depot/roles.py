"""Who may do what in the depot's database on PostgreSQL. What is not granted here is refused; SQLite has no roles.

A new table needs a line in GRANTS: without one nobody but the migration comes at it.
"""

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import Connection


class Role(StrEnum):
    """What an account of the database acts as."""

    INGEST = "patrol_ingest"
    """The service: puts in what cars send, and reads what it answers them with. Cannot read what is in an item."""
    OPERATOR = "patrol_operator"
    """The commands: cars, officers, lists, holds. Cannot read what is in an item either."""
    SEARCH = "patrol_search"
    """Reads items as far as their age tier goes."""
    RETENTION = "patrol_retention"
    """Verifies and holds what there is, and erases what is past its date."""
    FIGURES = "patrol_figures"
    """The job that counts: what cars sent of hits, outcomes, shifts and coverage; no read, no audit, no picture."""
    REPORTS = "patrol_reports"
    """The pages of reports, also the public one: counts a day and nothing else."""
    STAFF = "patrol_staff"
    """Who is signed on at the console, and the accounts. Comes at nothing that cars send."""
    AUDITOR = "patrol_auditor"
    """Reads who did what, and what the audit found. Of what cars send, the rows of their audits alone."""
    INTERCHANGE = "patrol_interchange"
    """The job that hands reads to the national system: reads and their pictures, no hit, no outcome, no list."""
    MIGRATION = "patrol_migration"
    """Owns everything, and alone may change a table."""


_ADD = "INSERT, SELECT (number)"
_SELECT = "SELECT"
_FILL = "SELECT, INSERT"
_KEEP = "SELECT, INSERT, UPDATE, DELETE"
_ABOUT_ITEMS = "SELECT (seq, captured_at, car_id, item_id, sha256, kind, received_at, doubt)"
_ABOUT_REFUSED = "SELECT (number, car_id, item_id, sha256, reason, received_at)"

GRANTS: Mapping[str, Mapping[Role, str]] = {
    "audit": dict.fromkeys((Role.INGEST, Role.OPERATOR, Role.SEARCH, Role.STAFF, Role.INTERCHANGE), _ADD)
    | {Role.INGEST: "INSERT, SELECT (number, seq, hash)", Role.RETENTION: _FILL, Role.AUDITOR: _FILL},
    "audit_head": dict.fromkeys(
        (
            Role.INGEST,
            Role.OPERATOR,
            Role.SEARCH,
            Role.RETENTION,
            Role.STAFF,
            Role.AUDITOR,
            Role.INTERCHANGE,
        ),
        "SELECT, UPDATE",
    ),
    "car_audit_rows": {Role.AUDITOR: _SELECT},
    "findings": {Role.AUDITOR: _FILL},
    "monthly_returns": {Role.AUDITOR: _FILL},
    "reviews": {Role.AUDITOR: _FILL},
    "sampled_searches": {Role.AUDITOR: _FILL},
    "samples": {Role.AUDITOR: _FILL},
    "staff_times": {Role.AUDITOR: "SELECT, INSERT, DELETE"},
    "staff_vehicles": {Role.AUDITOR: "SELECT, INSERT, DELETE"},
    "trail_checks": {Role.AUDITOR: "SELECT, INSERT, UPDATE (ended_at, rows, findings)"},
    "camera_days": {Role.INGEST: _KEEP, Role.OPERATOR: _SELECT},
    "authorisations": {
        Role.SEARCH: "SELECT, INSERT, UPDATE (decided_by, decided_at, granted, words, expires_at, used_at, revoked_at, "
        "revoked_by)",
        Role.RETENTION: "SELECT (authorisation_id, asked_at), DELETE",
        Role.AUDITOR: _SELECT,
    },
    "car_manifests": {Role.INGEST: _KEEP, Role.OPERATOR: _SELECT, Role.RETENTION: "SELECT, DELETE"},
    "car_shifts": {Role.INGEST: _FILL, Role.RETENTION: "SELECT, DELETE"},
    "audit_witnesses": {
        Role.INGEST: "SELECT (car_id), INSERT, DELETE",
        Role.RETENTION: _SELECT,
        Role.AUDITOR: _SELECT,
    },
    "car_trails": {Role.INGEST: _FILL, **dict.fromkeys((Role.OPERATOR, Role.RETENTION, Role.AUDITOR), _SELECT)},
    "cars": {Role.INGEST: "SELECT, UPDATE", Role.OPERATOR: _KEEP},
    "counted_hits": {Role.FIGURES: _KEEP},
    "counted_outcomes": {Role.FIGURES: _KEEP},
    "counted_shifts": {Role.FIGURES: _KEEP},
    "days_to_count": {Role.FIGURES: _KEEP},
    "dispositions": {Role.INGEST: _SELECT, Role.OPERATOR: _KEEP, Role.REPORTS: _SELECT},
    "enrolment_codes": {Role.INGEST: "SELECT, UPDATE (tries, used_key)", Role.OPERATOR: _KEEP},
    "figures": {Role.FIGURES: _KEEP, Role.REPORTS: _SELECT},
    "figures_done": {Role.FIGURES: "SELECT, UPDATE", Role.REPORTS: _SELECT},
    "held_lists": {Role.INGEST: "SELECT, INSERT, DELETE", Role.OPERATOR: _SELECT},
    "incidents": {Role.INGEST: _ADD, Role.OPERATOR: _SELECT, Role.RETENTION: "SELECT (at), DELETE"},
    "erasures": {Role.RETENTION: _FILL, Role.AUDITOR: _SELECT},
    "holds": {Role.RETENTION: "SELECT, INSERT, UPDATE", Role.AUDITOR: _SELECT},
    "items": {
        Role.INGEST: "INSERT, SELECT (seq, received_at)",
        Role.OPERATOR: _ABOUT_ITEMS,
        Role.SEARCH: _SELECT,
        Role.RETENTION: "SELECT, DELETE",
    },
    "items_to_count": {Role.FIGURES: _SELECT},
    "known_items": {Role.INGEST: _FILL, Role.OPERATOR: _SELECT, Role.SEARCH: _SELECT, Role.RETENTION: "SELECT, DELETE"},
    "known_marks": {Role.RETENTION: _FILL},
    "lasting_items": {Role.RETENTION: _KEEP},
    "list_reviews": {Role.OPERATOR: _FILL, Role.AUDITOR: _SELECT},
    "meta": {
        Role.INTERCHANGE: _SELECT,
        Role.INGEST: _SELECT,
        Role.OPERATOR: "SELECT, INSERT, UPDATE",
        Role.SEARCH: _SELECT,
        Role.RETENTION: "SELECT, INSERT, UPDATE",
        Role.AUDITOR: _SELECT,
    },
    "national_sending": {Role.INTERCHANGE: "SELECT, INSERT, UPDATE"},
    "officer_currency": {Role.INGEST: _SELECT, Role.OPERATOR: _KEEP},
    "officers_entries": {Role.AUDITOR: _SELECT},
    "officers": {Role.INGEST: _SELECT, Role.OPERATOR: _KEEP},
    "picture_places": {
        Role.INTERCHANGE: _SELECT,
        Role.INGEST: _FILL,
        Role.OPERATOR: _SELECT,
        Role.SEARCH: _SELECT,
        Role.RETENTION: "SELECT, INSERT, DELETE",
    },
    "purge_runs": {Role.RETENTION: "SELECT, INSERT, UPDATE", Role.AUDITOR: _SELECT},
    "purged_groups": {Role.INGEST: _SELECT, Role.OPERATOR: _SELECT, Role.RETENTION: _FILL},
    "reads_to_send": {Role.INTERCHANGE: _SELECT},
    "read_exports": {
        Role.SEARCH: "SELECT, INSERT, UPDATE (sha256)",
        Role.RETENTION: "SELECT (at), DELETE",
        Role.AUDITOR: _SELECT,
    },
    "refused_items": {Role.INGEST: _ADD, Role.OPERATOR: _ABOUT_REFUSED, Role.RETENTION: "SELECT (received_at), DELETE"},
    "refused_pictures": {Role.INGEST: _FILL, Role.OPERATOR: _SELECT, Role.RETENTION: "SELECT (received_at), DELETE"},
    "roster_drafts": {Role.OPERATOR: _KEEP},
    "retention_periods": {
        Role.RETENTION: "SELECT, INSERT, UPDATE",
        Role.AUDITOR: _SELECT,
        Role.REPORTS: _SELECT,
    },
    "sign_on_tries": {Role.STAFF: _KEEP},
    "staff": {Role.STAFF: _KEEP},
    "staff_currency": {Role.STAFF: _KEEP, Role.SEARCH: _SELECT, Role.AUDITOR: _SELECT},
    "staff_sessions": {Role.STAFF: _KEEP},
    "search_finds": {
        Role.SEARCH: "SELECT, INSERT, UPDATE (looked_at)",
        Role.RETENTION: "SELECT (search_id), DELETE",
        Role.AUDITOR: _SELECT,
    },
    "searches": {
        Role.SEARCH: "SELECT, INSERT, UPDATE (found, more)",
        Role.RETENTION: "SELECT (search_id, at), DELETE",
        Role.AUDITOR: _SELECT,
    },
}
"""For each table what each role may do; the migration owns them all."""

FUNCTIONS: Mapping[str, tuple[Role, ...]] = {
    "make_items_month(date)": (Role.INGEST, Role.OPERATOR, Role.RETENTION),
    "erase_items_month(date)": (Role.RETENTION,),
    "days_kept(text,text,text)": (Role.RETENTION,),
}
"""Who may call what acts with the rights of the migration."""


def make_roles(connection: Connection) -> None:
    """Make the roles that are missing, and act as the migration until the transaction ends.

    Raises DBAPIError where the account may make no roles and one is missing.
    """
    there = set(connection.exec_driver_sql("SELECT rolname FROM pg_roles WHERE rolname LIKE 'patrol\\_%%'").scalars())
    for role in Role:
        if role not in there:
            connection.exec_driver_sql(f"CREATE ROLE {role} NOLOGIN")
    if Role.MIGRATION not in there:
        connection.exec_driver_sql(f"GRANT {Role.MIGRATION} TO CURRENT_USER")
    connection.exec_driver_sql(f"GRANT USAGE, CREATE ON SCHEMA public TO {Role.MIGRATION}")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {', '.join(set(Role) - {Role.MIGRATION})}")
    connection.exec_driver_sql(f"SET LOCAL ROLE {Role.MIGRATION}")


def grant(connection: Connection) -> None:
    """Give each role what GRANTS says, and take everything else away. As the migration."""
    others = ", ".join(set(Role) - {Role.MIGRATION})
    connection.exec_driver_sql(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {others}")
    connection.exec_driver_sql(f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, {others}")
    connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {others}")
    for table, granted in GRANTS.items():
        for role, rights in granted.items():
            connection.exec_driver_sql(f"GRANT {rights} ON {table} TO {role}")
    for function, allowed in FUNCTIONS.items():
        connection.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION {function} TO {', '.join(allowed)}")

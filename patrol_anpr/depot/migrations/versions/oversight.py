"""What the audit finds, draws and counts each month, and what auditors say of it: only added to."""

from alembic import op
from sqlalchemy import Boolean, Column, Identity, Integer, String

from patrol_anpr.depot.tables import Number
from patrol_anpr.plumbing.sqlite import Utc

revision = "oversight"
down_revision = "reads_found_by_mark"

_STAY = ("findings", "samples", "sampled_searches", "reviews", "monthly_returns")
_REFUSAL = "what the audit found is only added to"

# Owned by the migration: an auditor sees the rows of cars' audits through it, and nothing else that cars send.
_VIEW = """
CREATE VIEW car_audit_rows {barrier} AS
SELECT seq, car_id, received_at, captured_at, payload FROM items WHERE kind = 'audit'
"""


def upgrade() -> None:
    """Make the tables and the view, and refuse changes."""
    _make_tables()
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(_VIEW.format(barrier="WITH (security_barrier = true)" if postgresql else ""))
    if not postgresql:
        for table in _STAY:
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION refuse_change_of_oversight() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    for table in _STAY:
        op.execute(
            f"CREATE TRIGGER {table}_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_oversight()"
        )


def _make_tables() -> None:
    op.create_table(
        "trail_checks",
        Column("check_id", String, primary_key=True),
        Column("began_at", Utc, nullable=False),
        Column("asked_by", String, nullable=False),
        Column("ended_at", Utc),
        Column("rows", Number),
        Column("findings", String, nullable=False, server_default=""),
    )
    op.create_table(
        "findings",
        Column("finding_id", String, primary_key=True),
        Column("month", String, nullable=False),
        Column("found_at", Utc, nullable=False),
        Column("pattern", String, nullable=False),
        Column("staff_id", String, nullable=False),
        Column("rows", String, nullable=False),
        Column("says", String, nullable=False),
    )
    op.create_table(
        "samples",
        Column("month", String, primary_key=True),
        Column("drawn_at", Utc, nullable=False),
        Column("seed", String, nullable=False),
        Column("audit_seq", Number, nullable=False),
        Column("searches", Integer, nullable=False),
        Column("ids_sha256", String, nullable=False),
    )
    op.create_table(
        "sampled_searches",
        Column("search_id", String, primary_key=True),
        Column("month", String, nullable=False),
        Column("staff_id", String, nullable=False),
    )
    op.create_table(
        "reviews",
        Column("number", Number, Identity(), primary_key=True),
        Column("at", Utc, nullable=False),
        Column("about", String, nullable=False),
        Column("reviewer", String, nullable=False),
        Column("outcome", String, nullable=False),
        Column("words", String, nullable=False),
    )
    op.create_index("reviews_about", "reviews", ["about"])
    op.create_table(
        "monthly_returns",
        Column("month", String, primary_key=True),
        Column("pulled_at", Utc, nullable=False),
        Column("figures", String, nullable=False),
        Column("notes", String, nullable=False),
    )
    op.create_table(
        "staff_vehicles",
        Column("number", Number, Identity(), primary_key=True),
        Column("staff_id", String, nullable=False),
        Column("sealed", String, nullable=False),
    )
    op.create_table(
        "staff_times",
        Column("number", Number, Identity(), primary_key=True),
        Column("staff_id", String, nullable=False),
        Column("begins", Utc, nullable=False),
        Column("ends", Utc, nullable=False),
        Column("leave", Boolean, nullable=False),
    )

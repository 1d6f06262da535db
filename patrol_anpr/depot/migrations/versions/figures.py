"""Figures: counts a day, what they are counted from, and a view that shows the job no more than it counts."""

from alembic import op
from sqlalchemy import Boolean, Column, Date, Float, Integer, String

from patrol_anpr.depot.tables import Number
from patrol_anpr.plumbing.sqlite import Utc

revision = "figures"
down_revision = "car_manifests"

# The content of reads and of audits stays out: how many reads there are is seen without it. A record that came in two
# ways counts once.
_VIEW = """
CREATE VIEW items_to_count {barrier} AS
SELECT items.seq, items.car_id, items.received_at, items.captured_at, items.kind,
    CASE WHEN items.kind IN ('hit', 'outcome', 'shift', 'coverage', 'correction', 'list_counts')
    THEN items.payload END AS payload
FROM items JOIN known_items ON known_items.seq = items.seq
WHERE items.doubt = '' AND known_items.status = 'held'
"""


def upgrade() -> None:
    """Make the tables and the view."""
    op.create_table(
        "counted_hits",
        Column("car_id", String, primary_key=True),
        Column("hit_id", String, primary_key=True),
        Column("shift_id", String, nullable=False),
        Column("day", Date, nullable=False),
        Column("at", Utc, nullable=False),
        Column("list_id", String, nullable=False),
        Column("tier", Integer, nullable=False),
        Column("kind", String, nullable=False),
        Column("reason", String, nullable=False),
        Column("alarmed", Boolean, nullable=False),
    )
    op.create_table(
        "counted_outcomes",
        Column("car_id", String, primary_key=True),
        Column("outcome_id", String, primary_key=True),
        Column("hit_id", String, nullable=False),
        Column("at", Utc, nullable=False),
        Column("seq", Number, nullable=False),
        Column("state", String, nullable=False),
        Column("verification", String),
        Column("disposition", String, nullable=False),
        Column("disposition_kind", String),
        Column("undone", Boolean, nullable=False),
        Column("looked", Boolean, nullable=False),
        Column("control", String),
        Column("override", String),
        Column("beside", Boolean, nullable=False),
    )
    op.create_table(
        "counted_shifts",
        Column("car_id", String, primary_key=True),
        Column("shift_id", String, primary_key=True),
        Column("unit", String, nullable=False),
        Column("started_at", Utc, nullable=False),
        Column("ended_at", Utc),
    )
    done = op.create_table(
        "figures_done",
        Column("one", Integer, primary_key=True, autoincrement=False),
        Column("seq", Number, nullable=False),
        Column("at", Utc),
    )
    op.bulk_insert(done, [{"one": 1, "seq": 0, "at": None}])
    op.create_table("days_to_count", Column("day", Date, primary_key=True))
    op.create_table(
        "figures",
        Column("day", Date, primary_key=True),
        Column("breakdown", String, primary_key=True),
        Column("value", String, primary_key=True),
        Column("amount", Float(53), nullable=False),
    )
    op.create_index("counted_hits_by_day", "counted_hits", ["day"])
    op.create_index("counted_outcomes_by_hit", "counted_outcomes", ["car_id", "hit_id"])
    barrier = "WITH (security_barrier = true)" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute(_VIEW.format(barrier=barrier))

"""How far each adapter has come with the reads for the national system, and a view that shows it no more than reads."""

from alembic import op
from sqlalchemy import Column, Integer, String

from patrol_anpr.depot.tables import Number
from patrol_anpr.plumbing.sqlite import Utc

revision = "national_sending"
down_revision = "oversight_views"

# What is doubted is no read yet; of two records with one id the first counts.
_VIEW = """
CREATE VIEW reads_to_send {barrier} AS
SELECT items.seq, items.car_id, items.received_at, items.payload
FROM items JOIN known_items ON known_items.seq = items.seq
WHERE items.kind = 'read' AND items.doubt = '' AND known_items.status = 'held'
"""


def upgrade() -> None:
    """Make the table and the view."""
    op.create_table(
        "national_sending",
        Column("adapter", String, primary_key=True),
        Column("seq", Number, nullable=False),
        Column("planned", Number),
        Column("sent", Number, nullable=False),
        Column("left_out", Number, nullable=False),
        Column("last_at", Utc),
        Column("failures", Integer, nullable=False),
        Column("why", String, nullable=False),
        Column("next_at", Utc),
    )
    barrier = "WITH (security_barrier = true)" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute(_VIEW.format(barrier=barrier))

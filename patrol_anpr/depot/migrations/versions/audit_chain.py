"""The depot's audit trail becomes a chain: each row has the hash of the one before."""

from alembic import op
from sqlalchemy import Column, Float, Integer, String

from patrol_anpr.depot.tables import Number
from patrol_anpr.domain.audit import FIRST_PREV

revision = "audit_chain"
down_revision = "erasing_on_postgresql"


def upgrade() -> None:
    """Add the columns and the head. Rows that are there stay outside of the chain: they were never sealed."""
    for column in (
        Column("seq", Number),
        Column("entry_id", String),
        Column("boot_id", String),
        Column("monotonic", Float(53)),
        Column("prev_hash", String),
        Column("hash", String),
    ):
        op.add_column("audit", column)
    op.create_index("audit_by_seq", "audit", ["seq"], unique=True)
    head = op.create_table(
        "audit_head",
        Column("one", Integer, primary_key=True, autoincrement=False),
        Column("seq", Number, nullable=False),
        Column("hash", String, nullable=False),
    )
    op.bulk_insert(head, [{"one": 1, "seq": 0, "hash": FIRST_PREV}])

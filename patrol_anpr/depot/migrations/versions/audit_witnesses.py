"""What cars have signed of the depot's audit trail."""

from alembic import op
from sqlalchemy import Column, String

from patrol_anpr.depot.tables import Number
from patrol_anpr.plumbing.sqlite import Utc

revision = "audit_witnesses"
down_revision = "car_trails"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "audit_witnesses",
        Column("car_id", String, primary_key=True),
        Column("at", Utc, nullable=False),
        Column("seq", Number, nullable=False),
        Column("head", String, nullable=False),
        Column("signature", String, nullable=False),
        Column("key", String, nullable=False),
    )

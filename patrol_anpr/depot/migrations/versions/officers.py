"""Units, training and policy of officers; rosters that are looked at before they are in force."""

from alembic import op
from sqlalchemy import Column, Date, String

from patrol_anpr.plumbing.sqlite import Utc

revision = "officers"
down_revision = "staff_currency"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "officer_currency",
        Column("officer_id", String, primary_key=True),
        Column("unit", String, nullable=False),
        Column("training_ends", Date),
        Column("policy_ends", Date),
    )
    op.create_table(
        "roster_drafts",
        Column("staff_id", String, primary_key=True),
        Column("made_at", Utc, nullable=False),
        Column("draft", String, nullable=False),
    )

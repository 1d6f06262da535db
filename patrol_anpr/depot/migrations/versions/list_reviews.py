"""What was decided about entries that cars call out of date."""

from alembic import op
from sqlalchemy import Column, String

from patrol_anpr.plumbing.sqlite import Utc

revision = "list_reviews"
down_revision = "national_sending"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "list_reviews",
        Column("car_id", String, primary_key=True),
        Column("outcome_id", String, primary_key=True),
        Column("decision", String, nullable=False),
        Column("staff_id", String, nullable=False),
        Column("reason", String, nullable=False),
        Column("at", Utc, nullable=False),
    )

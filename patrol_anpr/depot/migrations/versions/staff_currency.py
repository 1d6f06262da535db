"""Until when training and signed policy of those who search are good."""

from alembic import op
from sqlalchemy import Column, Date, String

revision = "staff_currency"
down_revision = "oversight"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "staff_currency",
        Column("staff_id", String, primary_key=True),
        Column("training_ends", Date, nullable=False),
        Column("policy_ends", Date, nullable=False),
    )

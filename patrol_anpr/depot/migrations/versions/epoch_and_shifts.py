"""What the depot knows of itself, its epoch for one, and which shifts its cars have told of."""

from alembic import op
from sqlalchemy import Column, String

revision = "epoch_and_shifts"
down_revision = "signed_lists"


def upgrade() -> None:
    """Add the tables."""
    op.create_table("meta", Column("name", String, primary_key=True), Column("value", String, nullable=False))
    op.create_table(
        "car_shifts",
        Column("car_id", String, primary_key=True),
        Column("shift_id", String, primary_key=True),
        Column("officer_id", String, nullable=False),
    )

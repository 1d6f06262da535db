"""Which days were purged of their pictures, and which pictures are held as evidence."""

from alembic import op
from sqlalchemy import Column, Integer, String

from patrol_anpr.plumbing.sqlite import Utc

revision = "purges_and_holds"
down_revision = "known_items"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "purged_groups",
        Column("key_group", String, primary_key=True),
        Column("at", Utc, nullable=False),
        Column("pictures", Integer, nullable=False),
    )
    op.create_table(
        "holds",
        Column("key_group", String, primary_key=True),
        Column("car_id", String, nullable=False),
        Column("item_id", String, nullable=False),
        Column("reason", String, nullable=False),
        Column("held_at", Utc, nullable=False),
        Column("ended_at", Utc),
    )

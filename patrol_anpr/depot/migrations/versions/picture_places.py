"""Pictures of one pack lie in one object: the table says where each is."""

from alembic import op
from sqlalchemy import Column, Integer, String

revision = "picture_places"
down_revision = "first_tables"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "picture_places",
        Column("sha256", String, primary_key=True),
        Column("segment", String, primary_key=True),
        Column("start", Integer, nullable=False),
        Column("length", Integer, nullable=False),
        Column("car_id", String, nullable=False),
        Column("key_group", String, nullable=False),
    )
    op.create_index("pictures_by_segment", "picture_places", ["segment"])
    op.create_index("pictures_by_group", "picture_places", ["key_group", "car_id"])

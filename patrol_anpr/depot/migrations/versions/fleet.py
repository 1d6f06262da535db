"""What the cameras of each car could see, by day; where a car belongs; doubted records by an index."""

import sqlalchemy
from alembic import op
from sqlalchemy import Column, Float, String

revision = "fleet"
down_revision = "staff"


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "camera_days",
        Column("car_id", String, primary_key=True),
        Column("camera_id", String, primary_key=True),
        Column("day", String, primary_key=True),
        Column("watched", Float(53), nullable=False),
        Column("blind", String, nullable=False),
    )
    op.add_column("cars", Column("unit", String, nullable=False, server_default=""))
    doubted = sqlalchemy.text("doubt != ''")
    op.create_index("items_doubted", "items", ["car_id"], sqlite_where=doubted, postgresql_where=doubted)

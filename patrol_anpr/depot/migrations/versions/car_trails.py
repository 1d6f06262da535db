"""The links of cars' audit trails: a missing, changed or second row shows when it comes."""

from alembic import op
from sqlalchemy import Column, String

from patrol_anpr.depot.tables import Number

revision = "car_trails"
down_revision = "epoch_and_shifts"


def upgrade() -> None:
    """Add the table. Rows that came before do not say what they follow, so none is put in."""
    op.create_table(
        "car_trails",
        Column("car_id", String, primary_key=True),
        Column("hash", String, primary_key=True),
        Column("prev_hash", String, nullable=False),
        Column("seq", Number, nullable=False),
    )
    op.create_index("car_trails_by_prev", "car_trails", ["car_id", "prev_hash"])

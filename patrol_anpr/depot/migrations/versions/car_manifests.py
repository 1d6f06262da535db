"""What cars have signed of themselves."""

from alembic import op
from sqlalchemy import Column, Identity, String

from patrol_anpr.depot.tables import Number
from patrol_anpr.plumbing.sqlite import Utc

revision = "car_manifests"
down_revision = "audit_witnesses"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "car_manifests",
        Column("number", Number, Identity(), primary_key=True),
        Column("car_id", String, nullable=False),
        Column("first_at", Utc, nullable=False),
        Column("last_at", Utc, nullable=False),
        Column("certificate_ends", Utc, nullable=False),
        Column("says_sha256", String, nullable=False),
        Column("manifest", String, nullable=False),
        Column("signature", String, nullable=False),
        Column("key", String, nullable=False),
    )
    op.create_index("manifests_by_car", "car_manifests", ["car_id", "number"])

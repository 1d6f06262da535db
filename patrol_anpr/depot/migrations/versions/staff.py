"""The people at the depot, and who of them is signed on."""

from alembic import op
from sqlalchemy import Boolean, Column, Integer, String, UniqueConstraint

from patrol_anpr.depot.tables import Number
from patrol_anpr.plumbing.sqlite import Utc

revision = "staff"
down_revision = "figures"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "staff",
        Column("staff_id", String, primary_key=True),
        Column("name", String, nullable=False),
        Column("roles", String, nullable=False),
        Column("added_at", Utc, nullable=False),
        Column("ended_at", Utc),
        Column("emergency", Boolean, nullable=False),
        Column("password_hash", String, nullable=False),
        Column("code_secret", String, nullable=False),
        Column("code_step", Number, nullable=False),
        Column("invitation_sha256", String, nullable=False),
        Column("invitation_ends_at", Utc, nullable=False),
        Column("subject", String),
        UniqueConstraint("subject"),
    )
    op.create_table(
        "staff_sessions",
        Column("token_sha256", String, primary_key=True),
        Column("staff_id", String, nullable=False),
        Column("began_at", Utc, nullable=False),
        Column("seen_at", Utc, nullable=False),
        Column("said", String, nullable=False),
        Column("enrols", Boolean, nullable=False),
    )
    op.create_index("sessions_by_staff", "staff_sessions", ["staff_id"])
    op.create_table(
        "sign_on_tries",
        Column("whose", String, primary_key=True),
        Column("failed", Integer, nullable=False),
        Column("last_at", Utc, nullable=False),
    )

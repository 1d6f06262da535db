"""Cars are known by the key of their certificate, no longer by a token: those that had one enrol once."""

from alembic import op
from sqlalchemy import Column, Integer, String

from patrol_anpr.plumbing.sqlite import Utc

revision = "car_keys"
down_revision = "audit_chain"


def upgrade() -> None:
    """Keep which cars there are and which are revoked; add the table of codes."""
    op.create_table(
        "cars_by_key",
        Column("car_id", String, primary_key=True),
        Column("key_sha256", String, nullable=False),
        Column("added_at", Utc, nullable=False),
        Column("revoked_at", Utc),
    )
    op.execute("INSERT INTO cars_by_key SELECT car_id, '', added_at, revoked_at FROM cars")
    op.drop_table("cars")
    op.rename_table("cars_by_key", "cars")
    op.create_table(
        "enrolment_codes",
        Column("number", String, primary_key=True),
        Column("car_id", String, nullable=False),
        Column("secret_sha256", String, nullable=False),
        Column("ends_at", Utc, nullable=False),
        Column("tries", Integer, nullable=False),
        Column("used_key", String, nullable=False),
    )

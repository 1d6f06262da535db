"""Lists are files that their owners signed: no table says what is published."""

from alembic import op

revision = "signed_lists"
down_revision = "car_keys"


def upgrade() -> None:
    """Drop the table of revisions."""
    op.drop_table("hotlists", if_exists=True)

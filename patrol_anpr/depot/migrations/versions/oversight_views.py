"""What the audit looks through quickly, and the entries that officers made, for the check of searches."""

from alembic import op

revision = "oversight_views"
down_revision = "officers"

# As `car_audit_rows`: an auditor sees entries that officers made in cars, and nothing else that cars send.
_VIEW = """
CREATE VIEW officers_entries {barrier} AS
SELECT seq, received_at, payload FROM items WHERE kind = 'voi'
"""


def upgrade() -> None:
    """Make the indexes and the view."""
    op.create_index("audit_by_action", "audit", ["action", "number"])
    op.create_index("audit_by_object", "audit", ["object_id", "number"])
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(_VIEW.format(barrier="WITH (security_barrier = true)" if postgresql else ""))

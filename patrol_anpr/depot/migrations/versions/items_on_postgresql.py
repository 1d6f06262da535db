"""What only PostgreSQL can do with items: partitions by month, and rows that a search may see by their age alone."""

from alembic import op

revision = "items_on_postgresql"
down_revision = "append_only_audit"

# Runs with the rights of the owner, so that the service may have a partition made and change nothing else. Rows that
# lay among those of odd times move over. Months far from now get none: a car's clock must not make thousands.
_MAKE_MONTH = """
CREATE FUNCTION make_items_month(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    first timestamptz := date_trunc('month', day::timestamptz);
    after timestamptz := first + interval '1 month';
    name text := 'items_' || to_char(first, 'YYYY_MM');
BEGIN
    IF first < now() - interval '25 months' OR first > now() + interval '3 months' THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('months of items', 0));
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE items INCLUDING DEFAULTS)', name);
    EXECUTE format(
        'WITH moved AS (DELETE FROM items_apart WHERE captured_at >= %L AND captured_at < %L RETURNING *) '
        'INSERT INTO %I SELECT * FROM moved', first, after, name);
    EXECUTE format('ALTER TABLE items ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, first, after);
END $$
"""

# The age tiers of the law: 90 days, 12 months, beyond. Who searches sets `patrol.reach` once that is authorised. A
# clock that was wrong by more than a year must not hide a read: then it counts from when it was received.
_BY_AGE = """
CREATE POLICY by_age ON items FOR SELECT TO patrol_search USING (
    CASE WHEN captured_at < received_at - interval '13 months' THEN received_at ELSE captured_at END > now() -
    CASE current_setting('patrol.reach', true)
        WHEN 'beyond' THEN interval '1000 years' WHEN 'year' THEN interval '12 months' ELSE interval '90 days' END)
"""


def upgrade() -> None:
    """Make the function, the policies and the view."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(_MAKE_MONTH)
    op.execute("ALTER TABLE items ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY taken_in ON items FOR INSERT TO patrol_ingest WITH CHECK (true)")
    op.execute(  # of what is in an item, the rights to columns leave nothing to the first two
        "CREATE POLICY looked_after ON items FOR SELECT "
        "TO patrol_ingest, patrol_operator, patrol_retention USING (true)"
    )
    op.execute(_BY_AGE)
    op.execute(
        "CREATE VIEW reads_in_reach WITH (security_invoker = true) AS "
        "SELECT seq, captured_at, car_id, item_id, payload, received_at FROM items WHERE kind = 'read'"
    )

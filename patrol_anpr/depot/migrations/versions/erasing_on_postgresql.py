"""What the retention may take away on PostgreSQL: only what is past its date by the server's own clock too."""

from alembic import op

revision = "erasing_on_postgresql"
down_revision = "items_on_postgresql"

# Runs with the rights of the owner, so that the retention may drop a month and change no table. What outlives its month
# (held as evidence, audit, a clock that was wrong by more than a year) moves to the rows that lie apart.
_ERASE_MONTH = """
CREATE FUNCTION erase_items_month(day date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    first timestamptz := date_trunc('month', day::timestamptz);
    name text := 'items_' || to_char(first, 'YYYY_MM');
    staying bigint;
    erased bigint;
BEGIN
    IF first + interval '1 month' > now() - interval '365 days' THEN
        RAISE EXCEPTION 'this month is to be kept still' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF to_regclass(name) IS NULL THEN
        RETURN 0;
    END IF;
    EXECUTE format('ALTER TABLE items DETACH PARTITION %I', name);
    EXECUTE format(
        'INSERT INTO items_apart SELECT * FROM %I AS item WHERE kind = ''audit'' '
        'OR captured_at < received_at - interval ''400 days'' OR EXISTS (SELECT FROM holds '
        'WHERE holds.car_id = item.car_id AND holds.item_id = item.item_id AND ended_at IS NULL)', name);
    GET DIAGNOSTICS staying = ROW_COUNT;
    EXECUTE format('SELECT count(*) FROM %I', name) INTO erased;
    EXECUTE format('DROP TABLE %I', name);
    RETURN erased - staying;
END $$
"""


def upgrade() -> None:
    """Make the function and the policy."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(_ERASE_MONTH)
    op.execute(
        "CREATE POLICY past_its_date ON items FOR DELETE TO patrol_retention "
        "USING (least(captured_at, received_at) < now() - interval '365 days')"
    )

"""What the retention may take away on PostgreSQL: only what is past its date by the server's own clock too."""

from alembic import op

revision = "erasing_on_postgresql"
down_revision = "items_on_postgresql"

# Runs with the rights of the owner, so that the retention may drop a month and change no table. What outlives its month
# (held as evidence, audit, a clock that was wrong by more than a year) moves to the rows that lie apart. A month has
# tens of millions of rows: they are counted and sifted while cars go on sending, but for the newest million, among
# which are those of transactions under way. These are looked at once the month is detached. Holds wait until the end.
_STAYS = """
kind = ''audit'' OR captured_at < received_at - interval ''400 days'' OR EXISTS (
    SELECT FROM holds WHERE holds.car_id = item.car_id AND holds.item_id = item.item_id AND ended_at IS NULL)
"""
_ERASE_MONTH = """
CREATE FUNCTION erase_items_month(day date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    first timestamptz := date_trunc('month', day::timestamptz);
    name text := 'items_' || to_char(first, 'YYYY_MM');
    settled bigint;
    erased bigint;
    newest bigint;
    staying bigint;
BEGIN
    IF first + interval '1 month' > now() - interval '365 days' THEN
        RAISE EXCEPTION 'this month is to be kept still' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF to_regclass(name) IS NULL THEN
        RETURN 0;
    END IF;
    LOCK TABLE holds IN SHARE MODE;
    EXECUTE format('SELECT coalesce(max(seq), 0) - 1000000 FROM %I', name) INTO settled;
    EXECUTE format('SELECT count(*) FROM %I WHERE seq <= $1', name) INTO erased USING settled;
    EXECUTE format(
        'CREATE TEMPORARY TABLE staying ON COMMIT DROP AS SELECT * FROM %I AS item WHERE seq <= $1 AND (_STAYS)', name
    ) USING settled;
    EXECUTE format('ALTER TABLE items DETACH PARTITION %I', name);
    EXECUTE format('SELECT count(*) FROM %I WHERE seq > $1', name) INTO newest USING settled;
    EXECUTE format(
        'INSERT INTO pg_temp.staying SELECT * FROM %I AS item WHERE seq > $1 AND (_STAYS)', name
    ) USING settled;
    INSERT INTO items_apart SELECT * FROM pg_temp.staying;
    GET DIAGNOSTICS staying = ROW_COUNT;
    EXECUTE format('DROP TABLE %I', name);
    DROP TABLE pg_temp.staying;
    RETURN erased + newest - staying;
END $$
""".replace("_STAYS", _STAYS)


def upgrade() -> None:
    """Make the function and the policy."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(_ERASE_MONTH)
    op.execute(
        "CREATE POLICY past_its_date ON items FOR DELETE TO patrol_retention "
        "USING (least(captured_at, received_at) < now() - interval '365 days')"
    )

"""What officers said of a read on hold outlives its month on PostgreSQL too; and a view that nothing used goes."""

from alembic import op

revision = "holds_keep_corrections"
down_revision = "list_reviews"

# As `retention_classes` made it, but for the corrections of a read on hold: of one that raised no hit nothing marks
# them. Hits and outcomes are marked, and stay anyhow.
_STAYS = """
kind = ''audit'' OR captured_at < received_at - interval ''400 days''
    OR EXISTS (SELECT FROM lasting_items AS mark WHERE mark.car_id = item.car_id AND mark.item_id = item.item_id)
    OR EXISTS (SELECT FROM holds WHERE holds.car_id = item.car_id AND ended_at IS NULL
        AND (holds.item_id = item.item_id OR holds.item_id = ''read:'' || item.about_id))
"""
_ERASE_MONTH = """
CREATE OR REPLACE FUNCTION erase_items_month(day date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    first timestamptz := date_trunc('month', day::timestamptz);
    name text := 'items_' || to_char(first, 'YYYY_MM');
    settled bigint;
    erased bigint;
    newest bigint;
    staying bigint;
BEGIN
    IF first + interval '1 month' > now() - days_kept('', '', '') THEN
        RAISE EXCEPTION 'this month is to be kept still' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF to_regclass(name) IS NULL THEN
        RETURN 0;
    END IF;
    LOCK TABLE holds, lasting_items IN SHARE MODE;
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
    """Make the function anew, and drop the view."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(_ERASE_MONTH)
    op.execute("DROP VIEW reads_in_reach")

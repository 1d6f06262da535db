"""How long each class is kept, what outlives the reads of its day, holds that are looked at again, the erasure log."""

from alembic import op
from sqlalchemy import CheckConstraint, Column, Identity, Integer, String

from patrol_anpr.depot.tables import Number
from patrol_anpr.plumbing.sqlite import Utc

revision = "retention_classes"
down_revision = "fleet"

_PERIODS = {"reads": 365, "hits": 365, "decided": 730, "car_audit": 2190, "searches": 2190, "manifests": 730}
_PERIODS |= {"known": 1095}
_REFUSAL = "the erasure log is only added to"

# As `erasing_on_postgresql` made them, but for the period, which follows the table and is never less than a year, and
# for what outlives the reads of its day: that lies apart until its own date.
_MONTH_STAYS = """
kind = ''audit'' OR captured_at < received_at - interval ''400 days''
    OR EXISTS (SELECT FROM lasting_items AS mark WHERE mark.car_id = item.car_id AND mark.item_id = item.item_id)
    OR EXISTS (SELECT FROM holds WHERE holds.car_id = item.car_id AND holds.item_id = item.item_id AND ended_at IS NULL)
"""
_DAYS_KEPT = """
CREATE FUNCTION days_kept(item_kind text, car text, item text) RETURNS interval
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT make_interval(days => greatest(365, coalesce((
        SELECT days FROM retention_periods WHERE keep = CASE item_kind WHEN 'audit' THEN 'car_audit' ELSE coalesce((
            SELECT mark.keep FROM lasting_items AS mark WHERE mark.car_id = car AND mark.item_id = item), 'reads') END
    ), 2190)))
$$
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
""".replace("_STAYS", _MONTH_STAYS)
_PAST_ITS_DATE = """
CREATE POLICY past_its_date ON items FOR DELETE TO patrol_retention USING (
    CASE WHEN captured_at < received_at - interval '400 days' THEN received_at ELSE least(captured_at, received_at) END
        < now() - days_kept(kind, car_id, item_id))
"""


def upgrade() -> None:
    """Make the tables; on PostgreSQL the function and the policy follow them."""
    for name in ("owner", "review_on", "release_asked_by", "release_reason"):
        op.add_column("holds", Column(name, String, nullable=False, server_default=""))
    periods = op.create_table(
        "retention_periods",
        Column("keep", String, primary_key=True),
        Column("days", Integer, CheckConstraint("days >= 365", name="not_less_than_the_law"), nullable=False),
        Column("wanted", Integer),
        Column("wanted_since", Utc),
    )
    op.bulk_insert(periods, [{"keep": keep, "days": days} for keep, days in _PERIODS.items()])
    op.create_table(
        "lasting_items",
        Column("car_id", String, primary_key=True),
        Column("item_id", String, primary_key=True),
        Column("keep", String, nullable=False),
        Column("since", Utc, nullable=False),
    )
    op.create_table("known_marks", Column("day", String, primary_key=True), Column("seq", Number, nullable=False))
    op.create_table(
        "erasures",
        Column("number", Number, Identity(), primary_key=True),
        Column("run", String, nullable=False),
        Column("at", Utc, nullable=False),
        Column("what", String, nullable=False),
        Column("up_to", String, nullable=False),
        Column("amount", Number, nullable=False),
        Column("audit_seq", Number, nullable=False),
    )
    op.create_table(
        "purge_runs",
        Column("run", String, primary_key=True),
        Column("began_at", Utc, nullable=False),
        Column("actor", String, nullable=False),
        Column("own_clock", Utc, nullable=False),
        Column("cars_clock", Utc),
        Column("server_clock", Utc),
        Column("said_day", String, nullable=False),
        Column("reads_before", String, nullable=False),
        Column("said", String, nullable=False),
        Column("ended_at", Utc),
    )
    op.create_index("audit_by_time", "audit", ["at"])
    op.create_index("audit_by_actor", "audit", ["actor", "number"])
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER erasures_no_{change.lower()} BEFORE {change} ON erasures "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_change_of_log() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE TRIGGER erasures_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON erasures "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_log()"
    )
    op.execute(_DAYS_KEPT)
    op.execute(_ERASE_MONTH)
    op.execute("DROP POLICY past_its_date ON items")
    op.execute(_PAST_ITS_DATE)

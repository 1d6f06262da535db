"""How the database came to its shape: numbered steps, each applied with its own record in one transaction.

Steps are only ever appended. Once released, a step is never edited: cars in the field have run it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, inspect, select

from patrol_anpr.records import tables


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: `statements` run in order. Its number is its place in MIGRATIONS, from 1."""

    name: str
    statements: tuple[str, ...]


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        "first tables",
        (
            """CREATE TABLE officers (
                officer_id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, pin_hash TEXT NOT NULL,
                place INTEGER NOT NULL)""",
            """CREATE TABLE shifts (
                seq INTEGER PRIMARY KEY AUTOINCREMENT, boot_id TEXT NOT NULL, shift_id TEXT NOT NULL UNIQUE,
                officer_id TEXT NOT NULL, unit TEXT NOT NULL, crew TEXT NOT NULL, started_at TEXT NOT NULL,
                ended_at TEXT)""",
            # No foreign key to shifts: a Read is kept even when the row of its shift could not be.
            """CREATE TABLE reads (
                seq INTEGER PRIMARY KEY AUTOINCREMENT, boot_id TEXT NOT NULL, read_id TEXT NOT NULL UNIQUE,
                shift_id TEXT, vrm TEXT NOT NULL, confidence INTEGER NOT NULL, chars TEXT NOT NULL,
                camera_id TEXT NOT NULL, captured_at TEXT NOT NULL, captured_monotonic REAL NOT NULL,
                first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, frames INTEGER NOT NULL, box TEXT NOT NULL,
                colour TEXT NOT NULL, candidates TEXT NOT NULL, format_flag TEXT NOT NULL, models TEXT NOT NULL,
                fix TEXT, fix_age REAL)""",
            "CREATE INDEX reads_by_shift ON reads (shift_id, seq)",
            # "match" is a word of SQL and so stands in quotes.
            """CREATE TABLE hits (
                seq INTEGER PRIMARY KEY AUTOINCREMENT, boot_id TEXT NOT NULL, hit_id TEXT NOT NULL UNIQUE,
                read_id TEXT NOT NULL REFERENCES reads (read_id), shift_id TEXT, tier INTEGER NOT NULL,
                kind TEXT NOT NULL, "match" TEXT NOT NULL, raised_at TEXT NOT NULL, raised_monotonic REAL NOT NULL,
                state TEXT NOT NULL)""",
            "CREATE INDEX hits_by_shift ON hits (shift_id, seq)",
            "CREATE INDEX hits_by_read ON hits (read_id)",
            # No foreign key to hits: an outcome stays evidence when the hit was lost with a damaged database.
            """CREATE TABLE outcomes (
                seq INTEGER PRIMARY KEY AUTOINCREMENT, boot_id TEXT NOT NULL, outcome_id TEXT NOT NULL UNIQUE,
                hit_id TEXT NOT NULL, officer_id TEXT NOT NULL, at TEXT NOT NULL, state TEXT NOT NULL,
                verification TEXT, disposition TEXT, corrected_vrm TEXT, undone BOOLEAN NOT NULL)""",
            "CREATE INDEX outcomes_by_hit ON outcomes (hit_id, seq)",
            """CREATE TABLE audit (
                seq INTEGER NOT NULL PRIMARY KEY, entry_id TEXT NOT NULL UNIQUE, boot_id TEXT NOT NULL,
                at TEXT NOT NULL, monotonic REAL NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
                object_id TEXT NOT NULL, reason TEXT NOT NULL, prev_hash TEXT NOT NULL, hash TEXT NOT NULL)""",
            """CREATE TABLE outbox (
                seq INTEGER PRIMARY KEY AUTOINCREMENT, boot_id TEXT NOT NULL, item_id TEXT NOT NULL UNIQUE,
                kind TEXT NOT NULL, subject_id TEXT NOT NULL, payload BLOB NOT NULL, sha256 TEXT NOT NULL, patch BLOB,
                overview BLOB, bytes INTEGER NOT NULL, settled_at TEXT, status TEXT, reason TEXT NOT NULL)""",
            "CREATE INDEX outbox_waiting ON outbox (seq) WHERE status IS NULL",
            "CREATE INDEX outbox_by_subject ON outbox (subject_id)",
            "CREATE INDEX outbox_settled ON outbox (settled_at) WHERE status = 'held'",
            # What was said stays said: the program's own mistakes cannot rewrite evidence either.
            *(
                f"CREATE TRIGGER {table}_never_change BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} are only appended'); END"
                for table in ("reads", "outcomes", "audit")
            ),
            "CREATE TRIGGER audit_never_go BEFORE DELETE ON audit "
            "BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END",
        ),
    ),
    Migration(
        "the clock and the lists of a read",
        (
            "ALTER TABLE reads ADD COLUMN clock_source TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE reads ADD COLUMN clock_offset REAL",
            "ALTER TABLE reads ADD COLUMN lists TEXT NOT NULL DEFAULT '[]'",
        ),
    ),
    Migration("hits of a muted entry", ("ALTER TABLE hits ADD COLUMN muted BOOLEAN NOT NULL DEFAULT 0",)),
    Migration(
        "corrections of reads, and reads found by their mark",
        (
            # No foreign key to reads: a correction stays evidence when the read was lost with a damaged database.
            """CREATE TABLE read_corrections (
                seq INTEGER PRIMARY KEY AUTOINCREMENT, boot_id TEXT NOT NULL, correction_id TEXT NOT NULL UNIQUE,
                read_id TEXT NOT NULL, officer_id TEXT NOT NULL, at TEXT NOT NULL, vrm TEXT NOT NULL)""",
            "CREATE INDEX read_corrections_by_read ON read_corrections (read_id, seq)",
            "CREATE TRIGGER read_corrections_never_change BEFORE UPDATE ON read_corrections "
            "BEGIN SELECT RAISE(ABORT, 'read_corrections are only appended'); END",
            "ALTER TABLE hits ADD COLUMN corrected_vrm TEXT",
            # A search looks at every mark of a shift: through this it need not touch the reads themselves.
            "CREATE INDEX reads_by_mark ON reads (shift_id, vrm)",
        ),
    ),
    Migration(
        "coverage",
        (
            # A minute that a restart or another shift cuts has several rows, which add up.
            """CREATE TABLE coverage (
                seq INTEGER PRIMARY KEY AUTOINCREMENT, boot_id TEXT NOT NULL, coverage_id TEXT NOT NULL UNIQUE,
                shift_id TEXT NOT NULL, camera_id TEXT NOT NULL, minute TEXT NOT NULL, seconds REAL NOT NULL,
                blind TEXT NOT NULL, frames_offered INTEGER NOT NULL, frames_read INTEGER NOT NULL,
                reads INTEGER NOT NULL, unread INTEGER NOT NULL, widest REAL NOT NULL, item_id TEXT)""",
            "CREATE INDEX coverage_by_shift ON coverage (shift_id, seq)",
            "CREATE INDEX coverage_untold ON coverage (seq) WHERE item_id IS NULL",
            "CREATE INDEX coverage_by_item ON coverage (item_id)",
        ),
    ),
    Migration(
        "look, answer and override of an outcome",
        (
            "ALTER TABLE outcomes ADD COLUMN looked BOOLEAN NOT NULL DEFAULT 0",
            "ALTER TABLE outcomes ADD COLUMN look_choice TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE outcomes ADD COLUMN control TEXT",
            "ALTER TABLE outcomes ADD COLUMN override TEXT",
        ),
    ),
    Migration(
        "what the proof run stores",
        (
            """CREATE TABLE test_reads (
                seq INTEGER PRIMARY KEY AUTOINCREMENT, boot_id TEXT NOT NULL, read_id TEXT NOT NULL UNIQUE,
                vrm TEXT NOT NULL, camera_id TEXT NOT NULL, captured_at TEXT NOT NULL, overview BLOB NOT NULL)""",
        ),
    ),
    Migration("sightings decided together", ("ALTER TABLE outcomes ADD COLUMN with_hit TEXT",)),
    Migration("which depot refused", ("ALTER TABLE outbox ADD COLUMN refused_by TEXT NOT NULL DEFAULT ''",)),
    Migration("hits of the past", ("ALTER TABLE hits ADD COLUMN past BOOLEAN NOT NULL DEFAULT 0",)),
    Migration(
        "what was done, in the words of the depot",
        (
            "ALTER TABLE outcomes ADD COLUMN disposition_word TEXT",
            "ALTER TABLE outcomes ADD COLUMN disposition_kind TEXT",
            """CREATE TABLE dispositions (
                value TEXT NOT NULL PRIMARY KEY, word TEXT NOT NULL, kind TEXT NOT NULL, place INTEGER NOT NULL)""",
        ),
    ),
    Migration(
        "front and rear agree",
        (
            "ALTER TABLE reads ADD COLUMN paired_with TEXT",
            "ALTER TABLE reads ADD COLUMN plates_differ BOOLEAN NOT NULL DEFAULT 0",
        ),
    ),
    Migration(
        "signed receipts",
        (
            """CREATE TABLE receipts (
                pack TEXT NOT NULL PRIMARY KEY, epoch INTEGER NOT NULL, text TEXT NOT NULL, signature TEXT NOT NULL,
                kept_at TEXT NOT NULL)""",
            "CREATE TABLE epochs (epoch INTEGER NOT NULL PRIMARY KEY, seen_at TEXT NOT NULL)",
            "ALTER TABLE outbox ADD COLUMN receipt TEXT",
            "ALTER TABLE outbox ADD COLUMN epoch INTEGER",
            "ALTER TABLE outbox ADD COLUMN depot_seq INTEGER",
            # What was settled without a signature is asked for again, and erased only then.
            "UPDATE outbox SET epoch = 0 WHERE status IS NOT NULL",
            "CREATE INDEX outbox_by_epoch ON outbox (epoch)",
            "CREATE INDEX outbox_waiting_by_kind ON outbox (kind, seq) WHERE status IS NULL",
            "CREATE TRIGGER receipts_never_change BEFORE UPDATE ON receipts "
            "BEGIN SELECT RAISE(ABORT, 'receipts are only appended'); END",
        ),
    ),
    # A scan reads the pictures of every row, since the status lies behind them.
    Migration("rows found by their status", ("CREATE INDEX outbox_by_status ON outbox (status, epoch)",)),
)


def version(connection: Connection) -> int:
    """Return the number of the last step applied; 0 for an empty database."""
    if not inspect(connection).has_table("migrations"):
        return 0
    return connection.execute(select(func.max(tables.migrations.c.number))).scalar() or 0


def migrate(connection: Connection, now: datetime, steps: Sequence[Migration] = MIGRATIONS) -> None:
    """Apply the steps this database has not seen. Each commits with its record or leaves nothing."""
    with connection.begin():
        connection.exec_driver_sql(
            "CREATE TABLE IF NOT EXISTS migrations "
            "(number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)"
        )
    with connection.begin():
        done = version(connection)
    for number, step in enumerate(steps[done:], start=done + 1):
        with connection.begin():
            for statement in step.statements:
                connection.exec_driver_sql(statement)
            connection.execute(tables.migrations.insert().values(number=number, name=step.name, applied_at=now))

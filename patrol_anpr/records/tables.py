"""The tables as SQLAlchemy Core sees them. What makes them is migrations.py; a test holds the two together.

Rows of evidence carry `boot_id` (one run of the program) and `seq` (grows with each row): their order and the meaning
of monotonic seconds do not depend on the wall clock.
"""

from sqlalchemy import JSON, Boolean, Column, Float, Integer, LargeBinary, MetaData, String, Table

from patrol_anpr.plumbing.sqlite import Utc

metadata = MetaData()


migrations = Table(
    "migrations",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("applied_at", Utc, nullable=False),
)

officers = Table(
    "officers",
    metadata,
    Column("officer_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("pin_hash", String, nullable=False),
    Column("place", Integer, nullable=False),
)

dispositions = Table(
    "dispositions",
    metadata,
    Column("value", String, primary_key=True),
    Column("word", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("place", Integer, nullable=False),
)

shifts = Table(
    "shifts",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("boot_id", String, nullable=False),
    Column("shift_id", String, nullable=False, unique=True),
    Column("officer_id", String, nullable=False),
    Column("unit", String, nullable=False),
    Column("crew", String, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
)

reads = Table(
    "reads",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("boot_id", String, nullable=False),
    Column("read_id", String, nullable=False, unique=True),
    Column("shift_id", String),
    Column("vrm", String, nullable=False),
    Column("confidence", Integer, nullable=False),
    Column("chars", JSON, nullable=False),
    Column("camera_id", String, nullable=False),
    Column("captured_at", Utc, nullable=False),
    Column("captured_monotonic", Float, nullable=False),
    Column("first_seen", Utc, nullable=False),
    Column("last_seen", Utc, nullable=False),
    Column("frames", Integer, nullable=False),
    Column("box", JSON, nullable=False),
    Column("colour", String, nullable=False),
    Column("candidates", JSON, nullable=False),
    Column("format_flag", String, nullable=False),
    Column("models", String, nullable=False),
    Column("fix", JSON(none_as_null=True)),
    Column("fix_age", Float),
    Column("clock_source", String, nullable=False),
    Column("clock_offset", Float),
    Column("lists", JSON, nullable=False),
    Column("paired_with", String),
    Column("plates_differ", Boolean, nullable=False),
)

hits = Table(
    "hits",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("boot_id", String, nullable=False),
    Column("hit_id", String, nullable=False, unique=True),
    Column("read_id", String, nullable=False),
    Column("shift_id", String),
    Column("tier", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("match", JSON, nullable=False),
    Column("raised_at", Utc, nullable=False),
    Column("raised_monotonic", Float, nullable=False),
    Column("state", String, nullable=False),
    Column("muted", Boolean, nullable=False),
    Column("past", Boolean, nullable=False),
    Column("corrected_vrm", String),
)

read_corrections = Table(
    "read_corrections",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("boot_id", String, nullable=False),
    Column("correction_id", String, nullable=False, unique=True),
    Column("read_id", String, nullable=False),
    Column("officer_id", String, nullable=False),
    Column("at", Utc, nullable=False),
    Column("vrm", String, nullable=False),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("boot_id", String, nullable=False),
    Column("outcome_id", String, nullable=False, unique=True),
    Column("hit_id", String, nullable=False),
    Column("officer_id", String, nullable=False),
    Column("at", Utc, nullable=False),
    Column("state", String, nullable=False),
    Column("verification", String),
    Column("disposition", String),
    Column("disposition_word", String),
    Column("disposition_kind", String),
    Column("corrected_vrm", String),
    Column("undone", Boolean, nullable=False),
    Column("looked", Boolean, nullable=False),
    Column("look_choice", String, nullable=False),
    Column("control", String),
    Column("override", String),
    Column("with_hit", String),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("entry_id", String, nullable=False, unique=True),
    Column("boot_id", String, nullable=False),
    Column("at", Utc, nullable=False),
    Column("monotonic", Float, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("object_id", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("prev_hash", String, nullable=False),
    Column("hash", String, nullable=False),
)

coverage = Table(
    "coverage",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("boot_id", String, nullable=False),
    Column("coverage_id", String, nullable=False, unique=True),
    Column("shift_id", String, nullable=False),
    Column("camera_id", String, nullable=False),
    Column("minute", Utc, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("blind", JSON, nullable=False),
    Column("frames_offered", Integer, nullable=False),
    Column("frames_read", Integer, nullable=False),
    Column("reads", Integer, nullable=False),
    Column("unread", Integer, nullable=False),
    Column("widest", Float, nullable=False),
    Column("item_id", String),
)

test_reads = Table(
    "test_reads",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("boot_id", String, nullable=False),
    Column("read_id", String, nullable=False, unique=True),
    Column("vrm", String, nullable=False),
    Column("camera_id", String, nullable=False),
    Column("captured_at", Utc, nullable=False),
    Column("overview", LargeBinary, nullable=False),
)
"""Of the proof run, and of no Read: nothing that counts, searches, sends or erases Reads looks here."""

outbox = Table(
    "outbox",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("boot_id", String, nullable=False),
    Column("item_id", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("subject_id", String, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("sha256", String, nullable=False),
    Column("patch", LargeBinary),
    Column("overview", LargeBinary),
    Column("bytes", Integer, nullable=False),
    Column("settled_at", Utc),
    Column("status", String),
    Column("reason", String, nullable=False),
    Column("refused_by", String, nullable=False, server_default=""),
    Column("receipt", String),
    Column("epoch", Integer),
    Column("depot_seq", Integer),
)
"""`receipt` names the signed receipt (table `receipts`) that settled a row, `epoch` is that of the receipt."""

receipts = Table(
    "receipts",
    metadata,
    Column("pack", String, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("text", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("kept_at", Utc, nullable=False),
)
"""What the depot signed, word for word. They stay when the records they stand for are erased."""

epochs = Table(
    "epochs",
    metadata,
    Column("epoch", Integer, primary_key=True),
    Column("seen_at", Utc, nullable=False),
)
"""The epochs of the depot that a signed receipt has proven."""

"""The depot's tables as this version works on them; `migrations` makes them. The same on SQLite and PostgreSQL."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from patrol_anpr.plumbing.sqlite import Utc

metadata = MetaData()

Number = BigInteger().with_variant(Integer(), "sqlite")
"""Counts rows. Only an INTEGER counts by itself on SQLite, where it has 64 bits as well."""
Letters = String().with_variant(String(collation="C"), "postgresql")
"""Sorted by its bytes, whatever the language of the database: so that an index finds what a mark begins with."""

meta = Table(
    "meta",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)

# `key_sha256` is of the key the car made when it enrolled, "" before. A car that shows another one is refused. `unit`
# is where it belongs, as the force says.
cars = Table(
    "cars",
    metadata,
    Column("car_id", String, primary_key=True),
    Column("key_sha256", String, nullable=False),
    Column("added_at", Utc, nullable=False),
    Column("revoked_at", Utc),
    Column("unit", String, nullable=False, server_default=""),
)

enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    Column("number", String, primary_key=True),
    Column("car_id", String, nullable=False),
    Column("secret_sha256", String, nullable=False),
    Column("ends_at", Utc, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("used_key", String, nullable=False),
)

officers = Table(
    "officers",
    metadata,
    Column("officer_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("pin_hash", String, nullable=False),
)

# Where an officer belongs, and until when (with that day) training and signed policy are good; None: not kept.
officer_currency = Table(
    "officer_currency",
    metadata,
    Column("officer_id", String, primary_key=True),
    Column("unit", String, nullable=False),
    Column("training_ends", Date),
    Column("policy_ends", Date),
)

# A roster that somebody looks at before it is in force, one for each of the staff (officers/drafts.py). No PIN.
roster_drafts = Table(
    "roster_drafts",
    metadata,
    Column("staff_id", String, primary_key=True),
    Column("made_at", Utc, nullable=False),
    Column("draft", String, nullable=False),
)

dispositions = Table(
    "dispositions",
    metadata,
    Column("value", String, primary_key=True),
    Column("word", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("place", Integer, nullable=False),
)

held_lists = Table(
    "held_lists",
    metadata,
    Column("car_id", String, primary_key=True),
    Column("list_id", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("reported_at", Utc, nullable=False),
)

# Every item that ever came, also after the content was erased: it is answered as before and does not come in twice.
# `seq` is never used twice: it is the number on the receipt. Two rows with one car_id and item_id are a conflict, and
# both are kept.
known_items = Table(
    "known_items",
    metadata,
    Column("seq", Number, Identity(), primary_key=True),
    Column("car_id", String, nullable=False),
    Column("item_id", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("status", String, nullable=False),
    UniqueConstraint("car_id", "item_id", "sha256"),
    sqlite_autoincrement=True,
)

# What is in a known item, until it is erased. `captured_at` is when it happened, as the car says: on PostgreSQL the
# month that a row lies in, which the key must hold therefore. `doubt` says why an item is held and not understood; a
# depot of a newer version may understand it. The columns from `folded` on are what a search goes by (search/marks.py).
items = Table(
    "items",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("captured_at", Utc, primary_key=True),
    Column("car_id", String, nullable=False),
    Column("item_id", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("doubt", String, nullable=False, server_default=""),
    Column("folded", Letters),
    Column("folded_back", Letters),
    Column("about_id", String),
    Column("latitude", Float(53)),
    Column("longitude", Float(53)),
    postgresql_partition_by="RANGE (captured_at)",
)

car_shifts = Table(
    "car_shifts",
    metadata,
    Column("car_id", String, primary_key=True),
    Column("shift_id", String, primary_key=True),
    Column("officer_id", String, nullable=False),
)

refused_items = Table(
    "refused_items",
    metadata,
    Column("number", Number, Identity(), primary_key=True),
    Column("car_id", String, nullable=False),
    Column("item_id", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("received_at", Utc, nullable=False),
    UniqueConstraint("car_id", "item_id", "sha256"),
)

refused_pictures = Table(
    "refused_pictures",
    metadata,
    Column("car_id", String, primary_key=True),
    Column("sha256", String, primary_key=True),
    Column("reason", String, nullable=False),
    Column("received_at", Utc, nullable=False),
)

# Where each picture is: bytes `start` to `start + length` of the object `segment`. `key_group` says whose key opens it:
# the day (UTC, "2026-11-30") it came, or a case that it is held for. A picture may lie in several places.
picture_places = Table(
    "picture_places",
    metadata,
    Column("sha256", String, primary_key=True),
    Column("segment", String, primary_key=True),
    Column("start", Integer, nullable=False),
    Column("length", Integer, nullable=False),
    Column("car_id", String, nullable=False),
    Column("key_group", String, nullable=False),
)

# Days whose pictures were erased: what is left of them. Their reads name pictures that nobody misses.
purged_groups = Table(
    "purged_groups",
    metadata,
    Column("key_group", String, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("pictures", Integer, nullable=False),
)

# Pictures held as evidence: sealed again with a key of their own, which no purge of a day destroys.
holds = Table(
    "holds",
    metadata,
    Column("key_group", String, primary_key=True),
    Column("car_id", String, nullable=False),
    Column("item_id", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("held_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("owner", String, nullable=False, server_default=""),
    Column("review_on", String, nullable=False, server_default=""),
    Column("release_asked_by", String, nullable=False, server_default=""),
    Column("release_reason", String, nullable=False, server_default=""),
)

# How many days each class is kept (keeping/classes.py); PostgreSQL itself lets nothing go before. A shorter period that
# is `wanted` counts some days after `wanted_since`.
retention_periods = Table(
    "retention_periods",
    metadata,
    Column("keep", String, primary_key=True),
    Column("days", Integer, CheckConstraint("days >= 365", name="not_less_than_the_law"), nullable=False),
    Column("wanted", Integer),
    Column("wanted_since", Utc),
)

# Items that outlive the reads of their day, and the class that they are kept as (keeping/lasting.py).
lasting_items = Table(
    "lasting_items",
    metadata,
    Column("car_id", String, primary_key=True),
    Column("item_id", String, primary_key=True),
    Column("keep", String, nullable=False),
    Column("since", Utc, nullable=False),
)

# The newest known item of each day: how old the others are.
known_marks = Table(
    "known_marks",
    metadata,
    Column("day", String, primary_key=True),
    Column("seq", Number, nullable=False),
)

# The log of what was erased; nothing of what it was. `audit_seq` is the row of the audit that says the same.
erasures = Table(
    "erasures",
    metadata,
    Column("number", Number, Identity(), primary_key=True),
    Column("run", String, nullable=False),
    Column("at", Utc, nullable=False),
    Column("what", String, nullable=False),
    Column("up_to", String, nullable=False),
    Column("amount", Number, nullable=False),
    Column("audit_seq", Number, nullable=False),
)

# The runs that erase, each with what its clocks said.
purge_runs = Table(
    "purge_runs",
    metadata,
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

incidents = Table(
    "incidents",
    metadata,
    Column("number", Number, Identity(), primary_key=True),
    Column("at", Utc, nullable=False),
    Column("car_id", String, nullable=False),
    Column("item_id", String, nullable=False),
    Column("what", String, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Number, Identity(), primary_key=True),
    Column("at", Utc, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("object_id", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("seq", Number),
    Column("entry_id", String),
    Column("boot_id", String),
    Column("monotonic", Float(53)),
    Column("prev_hash", String),
    Column("hash", String),
)

# One row: the newest of the chain. Who appends holds it, so that two never follow the same row.
audit_head = Table(
    "audit_head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("seq", Number, nullable=False),
    Column("hash", String, nullable=False),
)

# The newest row of this trail that each car saw, in its own word (witnesses.py).
audit_witnesses = Table(
    "audit_witnesses",
    metadata,
    Column("car_id", String, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("seq", Number, nullable=False),
    Column("head", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("key", String, nullable=False),
)

# The rows of cars' audit trails, as links of their chains (car_trails.py).
car_trails = Table(
    "car_trails",
    metadata,
    Column("car_id", String, primary_key=True),
    Column("hash", String, primary_key=True),
    Column("prev_hash", String, nullable=False),
    Column("seq", Number, nullable=False),
)

# What cars have signed of themselves: a row for each time that it was something else (manifests.py).
car_manifests = Table(
    "car_manifests",
    metadata,
    Column("number", Number, Identity(), primary_key=True),
    Column("car_id", String, nullable=False),
    Column("first_at", Utc, nullable=False),
    Column("last_at", Utc, nullable=False),
    Column("certificate_ends", Utc, nullable=False),
    Column("says_sha256", String, nullable=False),
    Column("manifest", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("key", String, nullable=False),
)

# What is counted of hits, outcomes and shifts, until their day is closed: no mark, no officer, no place (reports/).
counted_hits = Table(
    "counted_hits",
    metadata,
    Column("car_id", String, primary_key=True),
    Column("hit_id", String, primary_key=True),
    Column("shift_id", String, nullable=False),
    Column("day", Date, nullable=False),
    Column("at", Utc, nullable=False),
    Column("list_id", String, nullable=False),
    Column("tier", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("alarmed", Boolean, nullable=False),
)

counted_outcomes = Table(
    "counted_outcomes",
    metadata,
    Column("car_id", String, primary_key=True),
    Column("outcome_id", String, primary_key=True),
    Column("hit_id", String, nullable=False),
    Column("at", Utc, nullable=False),
    Column("seq", Number, nullable=False),
    Column("state", String, nullable=False),
    Column("verification", String),
    Column("disposition", String, nullable=False),
    Column("disposition_kind", String),
    Column("undone", Boolean, nullable=False),
    Column("looked", Boolean, nullable=False),
    Column("control", String),
    Column("override", String),
    Column("beside", Boolean, nullable=False),
)

counted_shifts = Table(
    "counted_shifts",
    metadata,
    Column("car_id", String, primary_key=True),
    Column("shift_id", String, primary_key=True),
    Column("unit", String, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
)

# One row: up to which item everything is counted.
figures_done = Table(
    "figures_done",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("seq", Number, nullable=False),
    Column("at", Utc),
)

days_to_count = Table("days_to_count", metadata, Column("day", Date, primary_key=True))

# Counts a day, which stay: `value` is one of those that a breakdown has (reports/counting.py).
figures = Table(
    "figures",
    metadata,
    Column("day", Date, primary_key=True),
    Column("breakdown", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("amount", Float(53), nullable=False),
)

# The people at the depot (staff/). `roles` are words with spaces between. `password_hash` and `code_secret` are ""
# until their person has set them; `code_step` is the newest one-time code that was used. `subject` is who they are to
# the force's identity provider.
staff = Table(
    "staff",
    metadata,
    Column("staff_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("roles", String, nullable=False),
    Column("added_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("emergency", Boolean, nullable=False),
    Column("password_hash", String, nullable=False),
    Column("code_secret", String, nullable=False),
    Column("code_step", Number, nullable=False),
    Column("invitation_sha256", String, nullable=False),
    Column("invitation_ends_at", Utc, nullable=False),
    Column("subject", String, unique=True),
)

# Who is signed on. `said` is a sentence for the next page. One that `enrols` is good for setting a password only.
staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_sha256", String, primary_key=True),
    Column("staff_id", String, nullable=False),
    Column("began_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Column("said", String, nullable=False),
    Column("enrols", Boolean, nullable=False),
)

# How often a sign-on has failed, by account and by address, since the last that did not.
sign_on_tries = Table(
    "sign_on_tries",
    metadata,
    Column("whose", String, primary_key=True),
    Column("failed", Integer, nullable=False),
    Column("last_at", Utc, nullable=False),
)

# When the audit was checked, and what that found: sentences, a line each (oversight/checks.py). Without `ended_at`
# it is under way, or broke off.
trail_checks = Table(
    "trail_checks",
    metadata,
    Column("check_id", String, primary_key=True),
    Column("began_at", Utc, nullable=False),
    Column("asked_by", String, nullable=False),
    Column("ended_at", Utc),
    Column("rows", Number),
    Column("findings", String, nullable=False, server_default=""),
)

# What was found in a month of searches: `pattern` of oversight/patterns.py, `rows` the ids of what it is about, with
# spaces between. No verdict: those are reviews.
findings = Table(
    "findings",
    metadata,
    Column("finding_id", String, primary_key=True),
    Column("month", String, nullable=False),
    Column("found_at", Utc, nullable=False),
    Column("pattern", String, nullable=False),
    Column("staff_id", String, nullable=False),
    Column("rows", String, nullable=False),
    Column("says", String, nullable=False),
)

# The dip sample of each month: its seed, the row of the audit whose hash that is, what it was drawn from.
samples = Table(
    "samples",
    metadata,
    Column("month", String, primary_key=True),
    Column("drawn_at", Utc, nullable=False),
    Column("seed", String, nullable=False),
    Column("audit_seq", Number, nullable=False),
    Column("searches", Integer, nullable=False),
    Column("ids_sha256", String, nullable=False),
)

sampled_searches = Table(
    "sampled_searches",
    metadata,
    Column("search_id", String, primary_key=True),
    Column("month", String, nullable=False),
    Column("staff_id", String, nullable=False),
)

# What an auditor says of a finding or of a sampled search (`about`); the newest counts, none is changed.
reviews = Table(
    "reviews",
    metadata,
    Column("number", Number, Identity(), primary_key=True),
    Column("at", Utc, nullable=False),
    Column("about", String, nullable=False),
    Column("reviewer", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("words", String, nullable=False),
)

# The figures of each month, pulled once: `figures` is JSON, `notes` what was not checked.
monthly_returns = Table(
    "monthly_returns",
    metadata,
    Column("month", String, primary_key=True),
    Column("pulled_at", Utc, nullable=False),
    Column("figures", String, nullable=False),
    Column("notes", String, nullable=False),
)

# Vehicles of staff, sealed for the depot's key: only the check of searches opens them. And when staff are on duty.
staff_vehicles = Table(
    "staff_vehicles",
    metadata,
    Column("number", Number, Identity(), primary_key=True),
    Column("staff_id", String, nullable=False),
    Column("sealed", String, nullable=False),
)

staff_times = Table(
    "staff_times",
    metadata,
    Column("number", Number, Identity(), primary_key=True),
    Column("staff_id", String, nullable=False),
    Column("begins", Utc, nullable=False),
    Column("ends", Utc, nullable=False),
    Column("leave", Boolean, nullable=False),
)

Index("reviews_about", reviews.c.about)
Index("sessions_by_staff", staff_sessions.c.staff_id)

# How far each adapter has come with the reads (interchange/sending.py): up to `seq` all are handed over, those up to
# `planned` are being so.
national_sending = Table(
    "national_sending",
    metadata,
    Column("adapter", String, primary_key=True),
    Column("seq", Number, nullable=False),
    Column("planned", Number),
    Column("sent", Number, nullable=False),
    Column("left_out", Number, nullable=False),
    Column("last_at", Utc),
    Column("failures", Integer, nullable=False),
    Column("why", String, nullable=False),
    Column("next_at", Utc),
)

# What each camera could see, a day at a time (fleet/camera_days.py): seconds watched; `blind` has seconds by reason.
camera_days = Table(
    "camera_days",
    metadata,
    Column("car_id", String, primary_key=True),
    Column("camera_id", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("watched", Float(53), nullable=False),
    Column("blind", String, nullable=False),
)

Index("items_doubted", items.c.car_id, sqlite_where=items.c.doubt != "", postgresql_where=items.c.doubt != "")
# Until when somebody of the staff may search (search/currency.py).
staff_currency = Table(
    "staff_currency",
    metadata,
    Column("staff_id", String, primary_key=True),
    Column("training_ends", Date, nullable=False),
    Column("policy_ends", Date, nullable=False),
)

# What staff searched for (search/asking.py): `asked` is the question as JSON, with the mark, for auditors and for who
# asked; the audit trail holds the id of the row and its SHA-256. `found` counts what was answered, `more` is 1 where
# there was more; both are None for a search that broke off.
searches = Table(
    "searches",
    metadata,
    Column("search_id", String, primary_key=True),
    Column("staff_id", String, nullable=False),
    Column("at", Utc, nullable=False),
    Column("reach", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("case_number", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("asked", String, nullable=False),
    Column("authorisation_id", String),
    Column("sha256", String, nullable=False),
    Column("found", Integer),
    Column("more", Integer),
)

# The reads that a search found, in the order of its answer; `looked_at` is when whoever asked opened one first.
search_finds = Table(
    "search_finds",
    metadata,
    Column("search_id", String, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("seq", Number, nullable=False),
    Column("captured_at", Utc, nullable=False),
    Column("looked_at", Utc),
)

# What senior staff were asked to allow, and what came of it (search/authorising.py). Nothing is taken back: a decision
# and an end are columns that are filled once.
authorisations = Table(
    "authorisations",
    metadata,
    Column("authorisation_id", String, primary_key=True),
    Column("asked_by", String, nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("purpose", String, nullable=False),
    Column("case_number", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("asked", String, nullable=False),
    Column("one_use", Integer, nullable=False),
    Column("decided_by", String),
    Column("decided_at", Utc),
    Column("granted", Integer),
    Column("words", String, nullable=False, server_default=""),
    Column("expires_at", Utc),
    Column("used_at", Utc),
    Column("revoked_at", Utc),
    Column("revoked_by", String),
)

# Reads that were handed out as evidence (search/exporting.py). `sha256` is that of the file.
read_exports = Table(
    "read_exports",
    metadata,
    Column("number", Number, Identity(), primary_key=True),
    Column("at", Utc, nullable=False),
    Column("staff_id", String, nullable=False),
    Column("search_id", String, nullable=False),
    Column("seq", Number, nullable=False),
    Column("sha256", String, nullable=False),
)

# What was decided about an entry that a car calls out of date (lists/stale.py): no mark, only which outcome said so.
list_reviews = Table(
    "list_reviews",
    metadata,
    Column("car_id", String, primary_key=True),
    Column("outcome_id", String, primary_key=True),
    Column("decision", String, nullable=False),
    Column("staff_id", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("at", Utc, nullable=False),
)

Index("searches_by_staff", searches.c.staff_id, searches.c.at)
Index("finds_by_read", search_finds.c.seq)
Index("read_exports_by_staff", read_exports.c.staff_id, read_exports.c.at)
Index("manifests_by_car", car_manifests.c.car_id, car_manifests.c.number)
Index("car_trails_by_prev", car_trails.c.car_id, car_trails.c.prev_hash)
Index("audit_by_time", audit.c.at)
Index("audit_by_actor", audit.c.actor, audit.c.number)
Index("audit_by_action", audit.c.action, audit.c.number)
Index("audit_by_object", audit.c.object_id, audit.c.number)
Index("audit_by_seq", audit.c.seq, unique=True)
Index("counted_hits_by_day", counted_hits.c.day)
Index("counted_outcomes_by_hit", counted_outcomes.c.car_id, counted_outcomes.c.hit_id)
Index("items_by_kind", items.c.kind, items.c.seq)
Index("items_by_time", items.c.captured_at, postgresql_using="brin")
Index(
    "items_about",
    items.c.about_id,
    sqlite_where=items.c.about_id.is_not(None),
    postgresql_where=items.c.about_id.is_not(None),
)
Index(
    "items_by_mark",
    items.c.folded,
    items.c.captured_at,
    sqlite_where=items.c.folded.is_not(None),
    postgresql_where=items.c.folded.is_not(None),
    postgresql_include=["received_at", "kind", "seq"],
)
Index(
    "items_by_mark_back",
    items.c.folded_back,
    items.c.captured_at,
    sqlite_where=items.c.folded_back.is_not(None),
    postgresql_where=items.c.folded_back.is_not(None),
    postgresql_include=["received_at", "kind", "seq", "folded"],
)
Index("pictures_by_segment", picture_places.c.segment)
Index("pictures_by_group", picture_places.c.key_group, picture_places.c.car_id)

"""What is kept on the car: database, pictures, outbox, audit. `Records` and `find_key` are its public face."""

from patrol_anpr.records.keys import Key, find_key
from patrol_anpr.records.records import Records
from patrol_anpr.wire.records import Origin

__all__ = ["Key", "Origin", "Records", "find_key"]

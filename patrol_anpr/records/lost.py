"""What is lost when the program ends, in a sentence."""

import logging
from collections.abc import Sequence

from patrol_anpr.records.jobs import Job, KeepRead
from patrol_anpr.records.lamps import counted

log = logging.getLogger(__name__)


def told_at_the_end(left: Sequence[Job], given_up: int) -> str:
    """Say what is lost: what is `left` unwritten with its pictures, and the pictures given up before; "": nothing."""
    records = sum(job.items for job in left)
    reads = sum(isinstance(job, KeepRead) for job in left)
    pictures = given_up + sum(size > 0 for job in left for size in job.picture_sizes)
    if not (records or pictures):
        return ""
    log.error("at the end %d records, %d reads among them, and %d pictures are lost", records, reads, pictures)
    of_reads = f" ({counted(reads, 'read')} among them)" if reads else ""
    parts = [counted(records, "record") + of_reads] * bool(records) + [counted(pictures, "picture")] * bool(pictures)
    return (
        f"Lost: {' and '.join(parts)}. They could not be saved: check the disk of the records and its free space, or "
        "tell IT."
    )

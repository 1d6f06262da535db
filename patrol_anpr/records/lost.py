"""What is lost when the program ends, in a sentence."""

import logging
from collections.abc import Sequence

from patrol_anpr.domain.sentences import counted, sentence
from patrol_anpr.records.jobs import Job, KeepRead
from patrol_anpr.records.lamps import pictures_of, records_of

log = logging.getLogger(__name__)


def told_at_the_end(left: Sequence[Job], given_up: int) -> str:
    """Say what is lost: what is `left` unwritten with its pictures, and the pictures given up before; "": nothing."""
    records = sum(job.items for job in left)
    reads = sum(isinstance(job, KeepRead) for job in left)
    pictures = given_up + sum(size > 0 for job in left for size in job.picture_sizes)
    if not (records or pictures):
        return ""
    log.error("at the end %d records, %d reads among them, and %d pictures are lost", records, reads, pictures)
    lost = records_of(records)
    if reads:
        among = counted("1 read", "{count} reads", reads)
        lost = sentence("{records} ({reads} among them)", records=lost, reads=among)
    if records and pictures:
        lost = sentence("{records} and {pictures}", records=lost, pictures=pictures_of(pictures))
    elif pictures:
        lost = pictures_of(pictures)
    return sentence(
        "Lost: {lost}. They could not be saved: check the disk of the records and its free space, or tell IT.",
        lost=lost,
    )

"""What a car kept before anybody signed on: rows of the audit trail, which go into the records that open next."""

from collections.abc import Sequence

from patrol_anpr.records.car_file import CarFile, UntoldRow
from patrol_anpr.records.erasing import Purge
from patrol_anpr.records.jobs import Job, KeepAudit, KeepDispositions, KeepRoster, Scene


def row_of(job: KeepAudit) -> UntoldRow:
    """What is kept of a row until the records open."""
    return UntoldRow(job.entry_id, job.at, job.monotonic, job.actor, job.action, job.object_id, job.reason)


def jobs(car: CarFile, scene: Scene) -> Sequence[KeepAudit]:
    """The rows that the car kept, each to be written once: those still in memory are there already by their id."""
    made = []
    for row in car.content.untold:
        job = KeepAudit(row.actor, row.action, row.object_id, row.reason, row.entry_id, scene=scene)
        job.at, job.monotonic = row.at, row.monotonic
        made.append(job)
    return made


def has_place(job: Job) -> bool:
    """Whether the car's file has a place for it: the roster and the dispositions are in there anyway."""
    return isinstance(job, KeepAudit | KeepRoster | KeepDispositions)


def kept(car: CarFile, left: Sequence[Job]) -> Sequence[Job]:
    """Keep in the car's file what records that never opened leave behind; return what that has no place for.

    The roster and the dispositions are in the file already, and what never opened holds nothing past its date.
    """
    rows = {row.entry_id: row for row in car.content.untold}
    rows |= {job.entry_id: row_of(job) for job in left if isinstance(job, KeepAudit)}
    car.keep_untold(tuple(rows.values()))
    return [job for job in left if not isinstance(job, KeepAudit | KeepRoster | KeepDispositions | Purge)]

"""Writes one group of jobs in one transaction. A job that is at fault itself is left out, and holds up no other."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from patrol_anpr.records.faults import cause_in_world
from patrol_anpr.records.jobs import Job
from patrol_anpr.records.store import Store

log = logging.getLogger(__name__)

HANDS = 4

Result = int | Exception
"""What became of a job: its answer, or what was wrong with it."""


class Pen:
    """Holds the write connection. For the writer's thread alone."""

    def __init__(self) -> None:
        # Files of a group are written side by side: a disk takes several fsyncs for little more than the price of one.
        self._hands = ThreadPoolExecutor(HANDS, "records-files")
        self._connection: Connection | None = None

    def write(self, store: Store, jobs: Sequence[Job]) -> list[Result]:
        """Write the jobs, in order. Raises what the disk is to blame for: nothing is written then."""
        store.database.look_into_doubts()
        faults = list(self._hands.map(lambda job: _fault_of(job, store), jobs))
        store.pictures.sync()
        if self._connection is None:
            self._connection = store.database.writing()
        try:
            return _in_one_go(self._connection, store, jobs, faults)
        except Exception as error:
            if cause_in_world(error):
                raise
            return _one_by_one(self._connection, store, jobs, faults)

    def shorten_journal(self, store: Store) -> None:
        """Bring the journal home, so that its room is free again."""
        if self._connection is not None:
            store.database.shorten_journal(self._connection)

    def let_go(self) -> None:
        """Let the connection go: after a failed fsync nothing it believes can be trusted."""
        if self._connection is None:
            return
        connection, self._connection = self._connection, None
        try:
            connection.invalidate()
            connection.close()
        except (SQLAlchemyError, OSError) as error:
            log.info("closing the connection: %s", type(error).__name__)

    def close(self) -> None:
        """Let go of everything."""
        self.let_go()
        self._hands.shutdown()


def _fault_of(job: Job, store: Store) -> Exception | None:
    """Prepare a job; return what is wrong with the job itself, and raise what is wrong with the disk."""
    try:
        job.prepare(store)
    except OSError:
        raise
    except Exception as fault:  # noqa: BLE001  whatever it is, it is this job's, and must not hold up the others
        return fault
    return None


def _in_one_go(
    connection: Connection, store: Store, jobs: Sequence[Job], faults: Sequence[Exception | None]
) -> list[Result]:
    """As a rule no job is at fault: savepoints, a third of all the work, are spared. Raises the first fault."""
    with connection.begin():
        results: list[Result] = [
            job.write(connection) if fault is None else fault for job, fault in zip(jobs, faults, strict=True)
        ]
        standing = store.written(connection)
    store.note(standing)
    return results


def _one_by_one(
    connection: Connection, store: Store, jobs: Sequence[Job], faults: Sequence[Exception | None]
) -> list[Result]:
    """Find the job that is at fault: each has a savepoint."""
    results: list[Result] = []
    with connection.begin():
        for job, fault in zip(jobs, faults, strict=True):
            if fault is not None:
                results.append(fault)
                continue
            try:
                with connection.begin_nested():
                    results.append(job.write(connection))
            except Exception as error:
                if cause_in_world(error):
                    raise
                results.append(error)
        standing = store.written(connection)
    store.note(standing)
    return results

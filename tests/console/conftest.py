"""A console over an empty depot, and people before it. `@on_both` runs a test on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from patrol_anpr.console import ConsoleServer
from patrol_anpr.depot.staff.duties import StaffRole
from tests.console.people import Person, signed_on
from tests.depot.conftest import folder, postgres
from tests.depot.staff.cheap import cheap_passwords

__all__ = ["cheap_passwords", "folder", "postgres"]


@pytest.fixture
def console(folder: Path) -> Iterator[ConsoleServer]:
    """The console of the depot in `folder`, served; what its pages work with is `console.app.state.console`."""
    server = ConsoleServer(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def staff_client(console: ConsoleServer) -> Iterator[Callable[..., Person]]:
    """Make somebody who is signed on: `staff_client(StaffRole.ANALYST)`, and asks `.page(path)`, `.submit(path)`.

    Without a role it is somebody who is not signed on.
    """
    with ExitStack() as stack:

        def make(*roles: StaffRole, staff_id: str = "") -> Person:
            person = signed_on(console, *roles, staff_id=staff_id) if roles else Person(console.url)
            return stack.enter_context(person)

        yield make

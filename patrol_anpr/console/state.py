"""What every page works with: the depot behind the console."""

import threading
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.oversight.checks import Checker
from patrol_anpr.depot.pictures import DepotPictures, pictures_in
from patrol_anpr.depot.reports.reading import LastFigures
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.settings import database_setting
from patrol_anpr.depot.staff.codes import CodeSecrets
from patrol_anpr.depot.staff.provider import Provider
from patrol_anpr.depot.staff.sessions import Sessions
from patrol_anpr.depot.staff.settings import console_setting
from patrol_anpr.depot.staff.sign_on import SignOn


class Console:
    """The depot in `folder` as the console sees it. `secure`: browsers reach it by https. Any thread may call.

    Raises RecordsFault when the database cannot be opened, BadInput when `depot.toml` cannot be used.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime], *, secure: bool) -> None:
        self.folder, self.now, self.secure = folder, now, secure
        self._setting = database_setting(folder)
        self._lock = threading.Lock()
        self._opened: dict[Role | None, DepotDatabase] = {}
        said = console_setting(folder)
        keys = DepotKeys(folder)
        self.address = said.address
        self.provider_setting = said.provider
        self.provider = Provider(said.provider, said.address, keys.staff, now) if said.provider else None
        self.public_figures = LastFigures()
        people = self.database(Role.STAFF)
        self.sessions = Sessions(people)
        self.sign_on = SignOn(people, CodeSecrets(keys.staff), now, only_emergency=said.provider is not None)

    def database(self, role: Role) -> DepotDatabase:
        """Return the database, worked on as `role`: what a page may do, and no more. It is opened at first use."""
        key = None if self._setting.url is None else role  # a file knows no roles: one database for all
        with self._lock:
            if key not in self._opened:
                self._opened[key] = DepotDatabase(self.folder, role)
            return self._opened[key]

    @cached_property
    def pictures(self) -> DepotPictures:
        """The pictures of reads, as those who search see them."""
        return pictures_in(self.folder, self.database(Role.SEARCH))

    @cached_property
    def checker(self) -> Checker:
        """What checks the audit in the background."""
        return Checker(self.database(Role.AUDITOR), self.now)

    def close(self) -> None:
        """Close every database that was opened, once a check of the audit that is under way has ended."""
        if "checker" in vars(self):
            self.checker.wait()
        with self._lock:
            for database in self._opened.values():
                database.close()
            self._opened.clear()

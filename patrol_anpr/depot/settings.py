"""`depot.toml` in the depot's folder: where its database and pictures are, what a car may send, how long what is kept.

Without it all is in the same folder: a SQLite file, and a folder of pictures.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from patrol_anpr.depot.keeping.classes import Keep, periods_of
from patrol_anpr.depot.roles import Role
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.files import is_open_to_others, write_whole
from patrol_anpr.plumbing.toml_file import read_toml

FILE = "depot.toml"
ENVIRONMENT = "PATROL_ANPR_DEPOT_DATABASE"
"""Where it is set, it is the URL instead of the one in the file."""
_LONGEST_WORDS = 300
_DRIVER = "postgresql+psycopg"
_ACCOUNTS = {"service": Role.INGEST, "operator": Role.OPERATOR, "search": Role.SEARCH, "retention": Role.RETENTION}
_ACCOUNTS |= {"figures": Role.FIGURES, "reports": Role.REPORTS, "staff": Role.STAFF, "migration": Role.MIGRATION}
_ACCOUNTS |= {"auditor": Role.AUDITOR, "interchange": Role.INTERCHANGE}


@dataclass(frozen=True, slots=True)
class DatabaseSetting:
    """Where the database is: `url` for PostgreSQL, None for the SQLite file. `accounts` have a URL of their own."""

    url: URL | None = None
    accounts: dict[Role, URL] = field(default_factory=dict)

    def url_of(self, role: Role) -> URL | None:
        """Return the URL by which to act as `role`."""
        return self.accounts.get(role, self.url)


@dataclass(frozen=True, slots=True)
class PictureStore:
    """A store of pictures that speaks S3: `bucket` at `endpoint` (a URL), or at AWS. Its account is boto3's to find."""

    bucket: str
    endpoint: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Quotas:
    """What one car may send: megabytes (of 10^6) of pictures a day in UTC, and requests a minute.

    Beyond it is asked to wait, and keeps what it has.
    """

    megabytes_a_day: int = field(default=20_000, metadata={"range": (1, 10_000_000)})
    requests_a_minute: int = field(default=1_200, metadata={"range": (1, 1_000_000)})


@dataclass(frozen=True, slots=True)
class PublicWords:
    """What the public page says of the force: its name, and how a person reaches it who has a question."""

    force: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class NationalSetting:
    """Where reads for the national system go: a `spool` folder. `feed_id` stands in where a car names no feed."""

    spool: str
    feed_id: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceSetting:
    """How reads are handed out: how many one person may in a day, and who says when it was (RFC 3161).

    `timestamp_url` is the authority's; None: no timestamps. `timestamp_ca` is a PEM file of its roots.
    """

    exports_a_day: int = field(default=20, metadata={"range": (1, 1_000)})
    timestamp_url: str | None = None
    timestamp_ca: Path | None = None


def database_setting(folder: Path) -> DatabaseSetting:
    """Read what the environment and `depot.toml` in `folder` say. Raises BadInput for what cannot be used."""
    file = folder / FILE
    section = dict(section_of(folder, "database"))
    if said := os.environ.get(ENVIRONMENT):
        section = section | {"url": said}
    texts = {name: value for name, value in section.items() if isinstance(value, str)}
    if unknown := section.keys() - texts.keys() | texts.keys() - {"url", *_ACCOUNTS}:
        raise BadInput(
            f"{file}: [database] has {', '.join(sorted(unknown))}, which it cannot use. It takes url, and for accounts "
            f"of their own {', '.join(_ACCOUNTS)}; each is a text between quotes."
        )
    urls = {name: postgresql_url(text) for name, text in texts.items()}
    if urls and "url" not in urls:
        raise BadInput(f"{file}: [database] has no url. Add the one that the service uses.")
    return DatabaseSetting(urls.get("url"), {_ACCOUNTS[name]: url for name, url in urls.items() if name != "url"})


def keep_database_url(folder: Path, text: str) -> None:
    """Write `depot.toml` for a depot on PostgreSQL. Raises BadInput for a URL that cannot be used or has a password."""
    if postgresql_url(text).password is not None:
        raise BadInput(
            "A password on a command line can be read by everyone on this machine, so it was not used. Leave it out of "
            "the URL and put it into ~/.pgpass (chmod 600), a service file, or depot.toml."
        )
    write_whole(folder / FILE, f"[database]\nurl = '{text}'\n".encode())


def postgresql_url(text: str) -> URL:
    """Read the URL of a PostgreSQL database. Raises BadInput, which never repeats it: there may be a password in it."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = URL.create("")
    if url.drivername not in {"postgresql", "postgres", _DRIVER}:
        raise BadInput(
            "The URL of the depot's database cannot be used. Write it as postgresql://account@host:5432/database, or "
            "postgresql:///database?host=/run/postgresql for the server of this machine."
        )
    return url.set(drivername=_DRIVER)


def picture_store(folder: Path) -> PictureStore | None:
    """Read which store the pictures are in; None: the depot's folder. Raises BadInput for what cannot be used."""
    section = section_of(folder, "pictures")
    if not section:
        return None
    names = [one.name for one in fields(PictureStore)]
    if unknown := section.keys() - set(names):
        raise BadInput(f"{FILE}: [pictures] has {', '.join(sorted(unknown))}. It takes {', '.join(names)}.")
    if not all(isinstance(value, str) and value for value in section.values()) or "bucket" not in section:
        raise BadInput(f"{FILE}: [pictures] needs a bucket; each value is a text between quotes.")
    return PictureStore(**section)


def quotas(folder: Path) -> Quotas:
    """Read what a car may send. Raises BadInput for what cannot be used."""
    section = section_of(folder, "quotas")
    ranges = {one.name: one.metadata["range"] for one in fields(Quotas)}
    for name, value in section.items():
        if name not in ranges:
            raise BadInput(f"{FILE}: [quotas] has {name}. It takes {', '.join(ranges)}.")
        least, most = ranges[name]
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise BadInput(f"{FILE}: [quotas] {name} must be a whole number from {least:,} to {most:,}.")
    return Quotas(**section)


def retention_days(folder: Path) -> Mapping[Keep, int]:
    """Read how many days each class is kept. Raises BadInput for what cannot be used."""
    return periods_of(section_of(folder, "retention"))


def public_words(folder: Path) -> PublicWords:
    """Read what the public page says of the force. Raises BadInput for what cannot be used."""
    section = section_of(folder, "public")
    names = [one.name for one in fields(PublicWords)]
    if unknown := section.keys() - set(names):
        raise BadInput(f"{FILE}: [public] has {', '.join(sorted(unknown))}. It takes {', '.join(names)}.")
    if not all(isinstance(value, str) and len(value) <= _LONGEST_WORDS for value in section.values()):
        raise BadInput(f"{FILE}: [public] takes texts between quotes, of {_LONGEST_WORDS} characters at most.")
    return PublicWords(**section)


def national_setting(folder: Path) -> NationalSetting | None:
    """Read where reads for the national system go; None: nowhere. Raises BadInput for what cannot be used."""
    section = section_of(folder, "national")
    if not section:
        return None
    names = [one.name for one in fields(NationalSetting)]
    if unknown := section.keys() - set(names):
        raise BadInput(f"{FILE}: [national] has {', '.join(sorted(unknown))}. It takes {', '.join(names)}.")
    if not all(isinstance(value, str) for value in section.values()) or not section.get("spool"):
        raise BadInput(f"{FILE}: [national] needs a spool folder; each value is a text between quotes.")
    return NationalSetting(**section)


def evidence_setting(folder: Path) -> EvidenceSetting:
    """Read how reads are handed out. Raises BadInput for what cannot be used."""
    section = section_of(folder, "evidence")
    names = [one.name for one in fields(EvidenceSetting)]
    if unknown := section.keys() - set(names):
        raise BadInput(f"{FILE}: [evidence] has {', '.join(sorted(unknown))}. It takes {', '.join(names)}.")
    least, most = EvidenceSetting.__dataclass_fields__["exports_a_day"].metadata["range"]
    a_day = section.get("exports_a_day", EvidenceSetting().exports_a_day)
    if not isinstance(a_day, int) or isinstance(a_day, bool) or not least <= a_day <= most:
        raise BadInput(f"{FILE}: [evidence] exports_a_day must be a whole number from {least:,} to {most:,}.")
    url, roots = section.get("timestamp_url"), section.get("timestamp_ca")
    if (url is None) != (roots is None) or not all(isinstance(one, str | None) for one in (url, roots)):
        raise BadInput(
            f"{FILE}: [evidence] timestamp_url and timestamp_ca belong together: the address of the authority, and a "
            "PEM file of its roots; each is a text between quotes."
        )
    return EvidenceSetting(a_day, url, None if roots is None else folder / roots)


def section_of(folder: Path, name: str) -> dict[str, Any]:
    """Read a section of `depot.toml` in `folder`, empty where there is none. Raises BadInput."""
    file = folder / FILE
    if not file.exists():
        return {}
    if is_open_to_others(file):
        raise BadInput(f"Others on this machine may read {file}. Take their rights away (chmod 600).")
    try:
        section = read_toml(file).get(name, {})
    except OSError as error:
        raise BadInput(f"{file} cannot be read. Check its rights.") from error
    if not isinstance(section, dict):
        raise BadInput(f"{file}: [{name}] must be a section.")
    return section

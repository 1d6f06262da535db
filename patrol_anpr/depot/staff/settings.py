"""`[console]` of `depot.toml`: where the console is, and the force's identity provider with the roles of its groups."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from patrol_anpr.depot.settings import FILE, section_of
from patrol_anpr.depot.staff.duties import StaffRole
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.files import is_open_to_others

SECRET_ENVIRONMENT = "PATROL_ANPR_CONSOLE_CLIENT_SECRET"  # noqa: S105 - the name of one
"""Where it is set, it is the client's secret instead of that in `client_secret_file`."""
_TEXTS = ("address", "issuer", "client_id", "client_secret_file", "ca_file", "groups_claim", "id_claim")
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_PROVIDER_NEEDS = ("address", "client_id")


@dataclass(frozen=True, slots=True)
class ProviderSetting:
    """The force's OpenID Connect provider. `groups` says which of its groups give a role.

    `groups_claim` and `id_claim` are where its tokens say the groups, and the staff id. `ca_file`: who vouches for it,
    where that is not one of the public authorities.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    groups: Mapping[StaffRole, frozenset[str]]
    groups_claim: str = "groups"
    id_claim: str = "preferred_username"
    ca_file: Path | None = None

    def roles_of(self, groups: frozenset[str]) -> frozenset[StaffRole]:
        """Return the roles that somebody in these groups has."""
        return frozenset(role for role, theirs in self.groups.items() if theirs & groups)


@dataclass(frozen=True, slots=True)
class ConsoleSetting:
    """`address` is the origin that browsers reach the console by ("": any), `provider` who signs people on."""

    address: str = ""
    provider: ProviderSetting | None = None


def console_setting(folder: Path) -> ConsoleSetting:
    """Read what `depot.toml` in `folder` says. Raises BadInput for what cannot be used."""
    said = dict(section_of(folder, "console"))
    roles = said.pop("roles", {})
    if unknown := said.keys() - set(_TEXTS):
        raise BadInput(
            f"{FILE}: [console] has {', '.join(sorted(unknown))}. It takes {', '.join(_TEXTS)} and [console.roles]."
        )
    if not all(isinstance(value, str) and value for value in said.values()):
        raise BadInput(f"{FILE}: [console]: each value is a text between quotes.")
    address = _origin(said.get("address", ""))
    if "issuer" not in said:
        return ConsoleSetting(address)
    if missing := [name for name in _PROVIDER_NEEDS if name not in said]:
        raise BadInput(f"{FILE}: [console] names an issuer, and so needs {' and '.join(missing)}, too.")
    _check_issuer(said["issuer"])
    provider = ProviderSetting(
        issuer=said["issuer"],
        client_id=said["client_id"],
        client_secret=_secret(folder, said.get("client_secret_file", "")),
        groups=_groups(roles),
        groups_claim=said.get("groups_claim", "groups"),
        id_claim=said.get("id_claim", "preferred_username"),
        ca_file=folder / said["ca_file"] if "ca_file" in said else None,
    )
    return ConsoleSetting(address, provider)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    if address and (parts.scheme not in ("https", "http") or not parts.netloc or parts.path.strip("/") or parts.query):
        raise BadInput(f"{FILE}: [console] address is like https://anpr.example.police.uk:8444, without a path.")
    return f"{parts.scheme}://{parts.netloc.lower()}" if address else ""


def _check_issuer(issuer: str) -> None:
    """Only https, or this machine: what comes back says who somebody is."""
    parts = urlsplit(issuer)
    loopback = parts.scheme == "http" and parts.hostname in _THIS_MACHINE
    if not loopback and (parts.scheme != "https" or not parts.hostname):
        raise BadInput(f"{FILE}: [console] issuer must begin with https://.")


def _groups(roles: Any) -> Mapping[StaffRole, frozenset[str]]:
    if not isinstance(roles, dict) or not roles:
        raise BadInput(f"{FILE}: [console.roles] must say which groups of the provider have which role.")
    if unknown := roles.keys() - set(StaffRole):
        raise BadInput(f"{FILE}: [console.roles] has {', '.join(sorted(unknown))}. It takes {', '.join(StaffRole)}.")
    for role, names in roles.items():
        if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
            raise BadInput(f"{FILE}: [console.roles] {role} must be a list of groups, each between quotes.")
    return {StaffRole(role): frozenset(names) for role, names in roles.items()}


def _secret(folder: Path, name: str) -> str:
    if said := os.environ.get(SECRET_ENVIRONMENT):
        return said
    if not name:
        return ""
    file = folder / name
    try:
        if is_open_to_others(file):
            raise BadInput(f"Others on this machine may read {file}. Take their rights away (chmod 600).")
        return file.read_text().strip()
    except OSError as error:
        raise BadInput(f"{file}, the secret of the console at the provider, cannot be read.") from error

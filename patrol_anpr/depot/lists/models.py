"""Publishing models: the files by which cars read, as a set that people sign. A car tries it before it takes over."""

import json
import secrets
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError
from tuf.api.metadata import TargetFile, Targets

from patrol_anpr.depot.asked import utc_now
from patrol_anpr.depot.lists.keys import ListKeys
from patrol_anpr.depot.lists.publishing import audit_list, repository_of
from patrol_anpr.depot.lists.repository import Repository, model_file_of
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.plumbing.files import part_of, sha256_of_file
from patrol_anpr.wire.lists import ABOUT
from patrol_anpr.wire.models import (
    CLOSED_ROLE,
    KNOWN,
    OPEN_ROLE,
    ModelFile,
    ModelHead,
    ModelSet,
    checked_files,
    path_of,
)

MANIFEST = "manifest.json"
LARGEST_MANIFEST = 100_000


def publish_models(
    folder: Path,
    source: Path,
    name: str,
    *,
    audience: tuple[str, ...] | None = None,
    shadow: bool = False,
    actor: str,
    reason: str = "",
    keys: ListKeys | None = None,
    now: Callable[[], datetime] = utc_now,
) -> ModelSet:
    """Publish the models of the folder `source`, which has the form of the shipped ones; return the set.

    `audience` names the cars it is for (None: all), with `shadow` it reads beside theirs and does not take over.
    Raises BadInput where a file is missing or is not what the folder's manifest says, or a key is not at hand.
    """
    files = _files(source)
    repository = repository_of(folder, keys, now)
    with repository.turn():
        roles = repository.models()
        revision = 1 + max([0, *(ModelHead.of(one.unrecognized_fields).revision for one in roles.values())])
        cars = None if audience is None else tuple(sorted(set(audience)))
        try:
            head = ModelHead(name=name, revision=revision, issued_at=now(), audience=cars, shadow=shadow)
        except ValidationError:
            raise BadInput("The name of the models or the id of a car cannot be used.") from None
        audit_list(folder, actor, "models published", f"models-{revision}", reason or f"{len(files)} files")
        for one in files:
            _take_in(repository, source / one.file, one)
        role = _role_for(roles, cars)
        repository.publish({role: lambda targets: _put(targets, role, head, files)})
    return ModelSet(head=head, files=files)


def withdraw_models(
    folder: Path,
    revision: int,
    actor: str,
    reason: str,
    *,
    keys: ListKeys | None = None,
    now: Callable[[], datetime] = utc_now,
) -> ModelSet:
    """Take a set back, and return it: cars read without it from their next start on. Raises BadInput: there is none."""
    repository = repository_of(folder, keys, now)
    with repository.turn():
        found = {role: one for role, one in _sets(repository).items() if one.head.revision == revision}
        if not found:
            raise BadInput("The depot publishes no models of that revision. `patrol-anpr depot model show` has them.")
        ((role, gone),) = found.items()
        audit_list(folder, actor, "models withdrawn", f"models-{revision}", reason)
        withdrawn = gone.head.model_copy(update={"withdrawn": True})
        repository.publish({role: lambda targets: _put(targets, role, withdrawn, ())})
    return gone


def published_models(repository: Repository) -> Sequence[ModelSet]:
    """Every set that the depot publishes, the newest first."""
    return sorted(_sets(repository).values(), key=lambda one: -one.head.revision)


def _sets(repository: Repository) -> dict[str, ModelSet]:
    """By role."""
    heads = {role: (ModelHead.of(one.unrecognized_fields), one) for role, one in repository.models().items()}
    return {
        role: ModelSet(head=head, files=tuple(map(model_file_of, targets.targets.values())))
        for role, (head, targets) in heads.items()
        if not head.withdrawn
    }


def _files(source: Path) -> tuple[ModelFile, ...]:
    """The files of a folder, compared with its manifest."""
    manifest = source / MANIFEST
    try:
        with manifest.open("rb") as stream:
            entries = json.loads(stream.read(LARGEST_MANIFEST))["models"]
        files = checked_files(ModelFile.model_validate(one) for one in entries if one["role"] in KNOWN)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise BadInput("The list of the models, {file}, cannot be read ({why}).", file=manifest, why=why) from None
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise BadInput(
            "The list of the models, {file}, has an entry that cannot be used: its {field} is wrong.",
            file=manifest,
            field=where,
        ) from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        said = str(error) if type(error) is ValueError else "it is no such list"
        raise BadInput("The list of the models, {file}, cannot be used: {why}.", file=manifest, why=said) from None
    for one in files:
        _compare(source / one.file, one)
    return files


def _compare(path: Path, said: ModelFile) -> None:
    try:
        whole = path.stat().st_size == said.size and sha256_of_file(path) == said.sha256
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise BadInput("The model {file} cannot be read ({why}).", file=path, why=why) from None
    if not whole:
        raise BadInput(
            "The model {file} is not the one that the list of the models names. Write that list anew, then publish.",
            file=path,
        )


def _take_in(repository: Repository, path: Path, said: ModelFile) -> None:
    target = repository.target(said.sha256)
    part = part_of(target)
    try:
        shutil.copyfile(path, part)
        part.chmod(0o600)
        _compare(part, said)  # what was compared before may have been written to since
        repository.add_target(said.sha256, part)
    except OSError as error:
        raise RecordsFault(
            "The models could not be copied into the depot ({why}). Check the disk.", why=error.strerror or error
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _role_for(roles: dict[str, Targets], cars: tuple[str, ...] | None) -> str:
    """The role that signs for these cars; the name of one that is not for all says nothing."""
    if cars is None:
        return OPEN_ROLE
    known = (role for role, one in roles.items() if ModelHead.of(one.unrecognized_fields).audience == cars)
    return next(known, CLOSED_ROLE + secrets.token_hex(16))


def _put(targets: Targets, role: str, head: ModelHead, files: Sequence[ModelFile]) -> None:
    targets.unrecognized_fields[ABOUT] = head.model_dump(mode="json")
    targets.targets = {
        path: TargetFile(one.size, {"sha256": one.sha256}, path, {"custom": one.custom})
        for one in files
        for path in [path_of(role, one)]
    }

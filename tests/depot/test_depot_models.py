"""Models that a depot publishes: signed whole or not at all, for the cars they are for."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from patrol_anpr.depot import tables
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import FOLDER as KEYS
from patrol_anpr.depot.lists.care import wrong_lists
from patrol_anpr.depot.lists.keys import ListKeys
from patrol_anpr.depot.lists.models import publish_models, published_models, withdraw_models
from patrol_anpr.depot.lists.publishing import import_hotlist, published, repository_of
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.plumbing.files import sha256_of_file
from patrol_anpr.wire.models import KNOWN, MOST_BYTES, OPEN_ROLE, ModelSet


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder of five small files in the form of the shipped models."""
    return small_models(tmp_path / "models")


def small_models(folder: Path, word: bytes = b"weights of ") -> Path:
    folder.mkdir(exist_ok=True)
    listed = []
    for role in KNOWN:
        path = folder / f"{role}.{'yaml' if role == 'ocr_config' else 'onnx'}"
        path.write_bytes(word + role.encode())
        entry = {"role": role, "file": path.name, "version": "7", "sha256": sha256_of_file(path)}
        listed.append(entry | {"size": path.stat().st_size, "licence": "AGPL-3.0-or-later"})
    (folder / "manifest.json").write_text(json.dumps({"models": listed}))
    return folder


@pytest.fixture
def publish(folder: Path, source: Path) -> Callable[..., ModelSet]:
    def publish(name: str = "UK 7", **wishes) -> ModelSet:
        return publish_models(folder, source, name, **{"actor": "DS Example"} | wishes)

    return publish


def audited(folder: Path) -> list[tuple[str, str, str, str]]:
    database = DepotDatabase(folder)
    try:
        with database.reading() as connection:
            rows = connection.execute(tables.audit.select()).all()
            return [(row.actor, row.action, row.object_id, row.reason) for row in rows]
    finally:
        database.close()


def test_a_set_is_published_whole_with_what_was_signed_and_who_did_it(folder: Path, publish) -> None:
    found = publish(reason="measured in October")
    (one,) = published_models(repository_of(folder))
    assert one == found
    assert sorted(file.role for file in one.files) == sorted(KNOWN)
    for file in one.files:
        assert repository_of(folder).target(file.sha256).read_bytes() == b"weights of " + file.role.encode()
        assert repository_of(folder).target(file.sha256).stat().st_mode & 0o777 == 0o600
    assert ("DS Example", "models published", "models-1", "measured in October") in audited(folder)


def test_revisions_count_over_all_sets_and_lists_do_not_see_models(folder: Path, publish, tmp_path: Path) -> None:
    rows = tmp_path / "list.csv"
    rows.write_text("AB12CDE,FORD" + "," * 14 + "\n")
    assert publish().head.revision == 1
    import_hotlist(folder, rows, "stolen", "Stolen", "Force", Tier.PRIORITY)
    assert publish("For two", audience=("TA14", "TA15")).head.revision == 2
    assert publish("Again for two", audience=("TA15", "TA14", "TA14")).head.revision == 3
    repository = repository_of(folder)
    assert [one.head.revision for one in published_models(repository)] == [3, 1], "the same cars, the same role"
    assert [head.list_id for head, _ in published(repository)] == ["stolen"]


def test_other_cars_do_not_learn_of_a_set_and_get_none_of_its_files(folder: Path, publish, call) -> None:
    found = publish(audience=("TA15",))
    (role,) = repository_of(folder).models()
    metadata = next((folder / "lists" / "metadata").glob(f"*.{role}.json")).name
    for path in (
        f"lists/metadata/{metadata}",
        f"lists/targets/{role}/{found.files[0].sha256}.{found.files[0].file}",
    ):
        assert call("GET", path).status_code == 404


def test_a_car_gets_each_file_of_its_set_and_nothing_beside_and_that_is_audited(folder: Path, publish, call) -> None:
    found = publish()
    for file in found.files:
        answer = call("GET", f"lists/targets/{OPEN_ROLE}/{file.sha256}.{file.file}")
        assert answer.content == b"weights of " + file.role.encode()
    one, other = found.files[:2]
    assert call("GET", f"lists/targets/{OPEN_ROLE}/{one.sha256}.{other.file}").status_code == 404
    assert call("GET", f"lists/targets/{OPEN_ROLE}/{'0' * 64}.{one.file}").status_code == 404
    assert {row[2:] for row in audited(folder) if row[1] == "model fetched"} == {
        (f.sha256, f.file) for f in found.files
    }


def test_a_set_that_is_taken_back_is_gone_with_its_files_and_that_stays_signed(folder: Path, publish, call) -> None:
    publish()
    with pytest.raises(BadInput, match="no models of that revision"):
        withdraw_models(folder, 2, "DS Example", "reads less at night")
    gone = withdraw_models(folder, 1, "DS Example", "reads less at night")
    assert published_models(repository_of(folder)) == []
    file = gone.files[0]
    assert call("GET", f"lists/targets/{OPEN_ROLE}/{file.sha256}.{file.file}").status_code == 404
    assert ("DS Example", "models withdrawn", "models-1", "reads less at night") in audited(folder)
    assert publish().head.revision == 2, "no car takes the same number for something else"


def test_two_people_sign_models_where_that_is_asked_for(folder: Path, publish, tmp_path: Path) -> None:
    publish()
    repository_of(folder).ask_two(OPEN_ROLE)
    stick = tmp_path / "stick"
    stick.mkdir()
    key = max((folder / KEYS).glob(f"lists-{OPEN_ROLE}-*.pem"), key=lambda file: file.stat().st_mtime_ns)
    key.rename(stick / key.name)
    with pytest.raises(BadInput, match="needs the signature of 2 of its keys"):
        publish("UK 8")
    assert [one.head.name for one in published_models(repository_of(folder))] == ["UK 7"]
    assert publish("UK 8", keys=ListKeys(folder / KEYS, [stick])).head.name == "UK 8"


def spoilt(source: Path, role: str, wrong: dict[str, object]) -> None:
    manifest = source / "manifest.json"
    listed = json.loads(manifest.read_text())
    for entry in listed["models"]:
        if entry["role"] == role:
            entry.update(wrong)
    manifest.write_text(json.dumps(listed))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"sha256": "0" * 64}, "is not the one that the list of the models names"),
        ({"file": "../ocr.onnx"}, "its file is wrong"),
        ({"file": "ocr.pkl"}, "its file is wrong"),
        ({"file": "ocr.pt"}, "its file is wrong"),
        ({"file": "detector.onnx"}, "two files are for the same"),
        ({"file": "ocr.yaml"}, "ocr.yaml is no file for ocr"),
        ({"size": MOST_BYTES + 1}, "its size is wrong"),
        ({"role": "detector"}, "two files are for the same"),
        ({"role": "gearbox"}, "there is no file for ocr"),
        ({"file": "gone.onnx"}, "cannot be read"),
    ],
)
def test_a_folder_that_is_no_set_of_models_is_refused_and_nothing_is_published(
    folder: Path, source: Path, publish, wrong: dict[str, object], why: str
) -> None:
    spoilt(source, "ocr", wrong)
    with pytest.raises(BadInput, match=why):
        publish()
    assert published_models(repository_of(folder)) == []
    assert [row for row in audited(folder) if row[1] == "models published"] == []


@pytest.mark.parametrize("content", [b"", b"[]", b'{"models": 1}', b'{"models": [1]}', b"[" * 90_000, b"\xff"])
def test_a_manifest_that_is_none_is_refused_in_a_sentence(source: Path, publish, content: bytes) -> None:
    (source / "manifest.json").write_bytes(content)
    with pytest.raises(BadInput, match="The list of the models"):
        publish()


@pytest.mark.parametrize("wishes", [{"name": "x" * 121}, {"audience": ("../TA14",)}])
def test_a_name_or_a_car_that_cannot_be_is_refused(publish, wishes: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="cannot be used"):
        publish(**wishes)


def test_a_file_of_models_that_was_changed_in_the_depot_is_found(folder: Path, publish) -> None:
    found = publish()
    repository = repository_of(folder)
    assert list(wrong_lists(repository)) == []
    repository.target(found.files[0].sha256).write_bytes(b"other weights")
    assert list(wrong_lists(repository)) == [
        "A file of the models UK 7, revision 1, is gone or changed. Publish it again."
    ]
    assert publish().head.revision == 2
    assert list(wrong_lists(repository)) == []

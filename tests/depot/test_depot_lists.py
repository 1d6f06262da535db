"""The signed lists of a depot: who signs, what a crash leaves, and who may see what."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey
from tuf.api.metadata import Metadata

from patrol_anpr.depot.lists import repository as repository_module
from patrol_anpr.depot.lists.care import ends_soon, unprotected_roles, wrong_lists
from patrol_anpr.depot.lists.keys import KeyPlace, ListKeys
from patrol_anpr.depot.lists.publishing import import_hotlist, opening_keys, published, repository_of, withdraw_hotlist
from patrol_anpr.depot.lists.repository import KEPT, Repository
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.lab.enrolled import enrolled
from patrol_anpr.wire.lists import HotlistHead, ListKeysAsk, ListKeysReply, RoleHead

ROW = "AB12CDE,FORD" + "," * 14 + "\n"
SECRET = "correct horse battery"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "depot"


@pytest.fixture
def publish(folder: Path, tmp_path: Path) -> Callable[..., HotlistHead]:
    def publish(rows: int = 1, list_id: str = "stolen", owner: str = "Force", **wishes) -> HotlistHead:
        path = tmp_path / "list.csv"
        path.write_text("".join(ROW.replace("12", f"{rows}{number}") for number in range(rows)))
        return import_hotlist(folder, path, list_id, "Stolen", owner, Tier.PRIORITY, **wishes)

    return publish


def revisions(folder: Path) -> dict[str, int]:
    return {head.list_id: head.revision for head, _ in published(repository_of(folder))}


def version(folder: Path, name: str) -> int:
    return Metadata.from_bytes(repository_of(folder).metadata(name) or b"").signed.version


def test_each_owner_has_a_role_of_its_own_and_signs_nothing_else(folder, publish):
    publish(owner="Metro Police")
    publish(list_id="untaxed", owner="DVLA")
    targets = repository_of(folder)._published().targets.signed
    assert {role: delegated.paths for role, delegated in targets.delegations.roles.items()} == {
        "owner-metro-police": ["owner-metro-police/*"],
        "owner-dvla": ["owner-dvla/*"],
    }
    keys = [tuple(delegated.keyids) for delegated in targets.delegations.roles.values()]
    assert len(set(keys)) == 2
    assert targets.targets == {}, "the top role signs no list itself"


@pytest.mark.parametrize("crash_at", range(5))
def test_a_crash_while_publishing_leaves_the_old_lists_or_the_new_ones(folder, publish, monkeypatch, crash_at: int):
    """Each write of a metadata file in turn is the last thing that happens."""
    publish(10)
    before = revisions(folder)
    write, done = repository_module.write_whole, []

    def crashing(path: Path, content: bytes) -> None:
        if len(done) == crash_at:
            raise KeyboardInterrupt
        done.append(path.name)
        write(path, content)

    monkeypatch.setattr(repository_module, "write_whole", crashing)
    try:
        publish(12)
    except KeyboardInterrupt:
        assert revisions(folder) == before
    else:
        assert done[-1] == "timestamp.json"
        assert revisions(folder) == {"stolen": 2}
    monkeypatch.undo()
    assert publish(13).revision > before["stolen"]
    assert revisions(folder)["stolen"] == max(2, revisions(folder)["stolen"])


def test_a_list_taken_back_is_named_as_taken_back_and_its_revisions_go_on(folder, publish):
    publish()
    withdraw_hotlist(folder, "stolen", "Sgt Example", "published by mistake")
    assert revisions(folder) == {}
    (about,) = (RoleHead.of(targets.unrecognized_fields) for targets in repository_of(folder).roles().values())
    assert [(gone.list_id, gone.revision) for gone in about.withdrawn] == [("stolen", 1)]
    assert publish().revision == 2
    (about,) = (RoleHead.of(targets.unrecognized_fields) for targets in repository_of(folder).roles().values())
    assert about.withdrawn == ()
    with pytest.raises(BadInput, match="no such list"):
        withdraw_hotlist(folder, "other", "Sgt Example", "a slip")


def test_what_is_for_some_cars_has_a_role_whose_name_says_nothing(folder, publish):
    until = datetime.now(UTC) + timedelta(days=2)
    head = publish(list_id="covert", owner="Serious Crime", audience=("TA14", "TA15"), valid_until=until)
    repository = repository_of(folder)
    open_to_all = [(repository._metadata / name).read_text() for name in ("1.root.json", "timestamp.json")]
    published_now = repository._published()
    open_to_all += [json.dumps(part.signed.to_dict()) for part in (published_now.targets, published_now.snapshot)]
    for word in ("covert", "Serious", "serious", "TA14", "Stolen", head.sha256):
        assert not any(word in text for text in open_to_all)
    again = publish(2, list_id="covert", owner="Serious Crime", audience=("TA15", "TA14"), valid_until=until)
    assert len(repository.roles()) == 1, "the same cars, the same role"
    assert again.revision == 2
    publish(2, list_id="covert", owner="Serious Crime", audience=("TA14",), valid_until=until)
    abouts = [RoleHead.of(targets.unrecognized_fields) for targets in repository.roles().values()]
    new, old = sorted(abouts, key=lambda about: len(about.audience or ()))
    assert [gone.list_id for gone in old.withdrawn] == ["covert"], "a car that is out of it learns that"
    assert new.audience == ("TA14",)


def test_other_cars_see_neither_the_role_nor_the_file_of_a_covert_list(folder, publish, caller, identity, tmp_path):
    until = datetime.now(UTC) + timedelta(days=2)
    head = publish(list_id="covert", audience=("TA15",), valid_until=until)
    (role,) = repository_of(folder).roles()
    paths = (f"lists/metadata/1.{role}.json", f"lists/targets/{role}/{head.sha256}.covert.whole")
    other, meant = caller(identity), caller(enrolled(folder, tmp_path / "other", "TA15"))
    for path in paths:
        assert meant("GET", path).status_code == 200
        hidden = other("GET", path)
        assert (hidden.status_code, hidden.content) == (404, other("GET", "lists/metadata/9.nothing.json").content)


def test_the_key_of_a_covert_list_goes_to_its_cars_alone_sealed_to_who_asks(
    folder, publish, caller, identity, tmp_path
):
    until = datetime.now(UTC) + timedelta(days=2)
    for_all, covert = publish(), publish(list_id="covert", audience=("TA15",), valid_until=until)
    own, stranger = PrivateKey.generate(), PrivateKey.generate()
    ask = ListKeysAsk(sealed_to=bytes(own.public_key).hex()).model_dump_json().encode()
    other, meant = caller(identity), caller(enrolled(folder, tmp_path / "other", "TA15"))
    replies = [ListKeysReply.model_validate_json(call("POST", "lists/keys", ask).content) for call in (other, meant)]
    assert [sorted(reply.opened(own)) for reply in replies] == [
        [for_all.key_id],
        sorted([for_all.key_id, covert.key_id]),
    ]
    assert ListKey(replies[1].opened(own)[covert.key_id]).key_id == covert.key_id
    with pytest.raises(CryptoError):
        replies[1].opened(stranger)
    assert meant("POST", "lists/keys", b'{"sealed_to":"00"}').status_code == 422


@pytest.mark.parametrize("wish", [{"audience": ("TA14",)}, {"tier": Tier.IMMEDIATE}])
def test_an_urgent_or_covert_list_needs_an_end(folder, tmp_path, wish):
    (tmp_path / "list.csv").write_text(ROW)
    wish = {"tier": Tier.PRIORITY} | wish
    with pytest.raises(BadInput, match="needs a day"):
        import_hotlist(folder, tmp_path / "list.csv", "x", "X", "Force", **wish)


# Keys


def test_a_key_behind_a_passphrase_signs_only_with_it(folder, publish):
    publish()
    (state,) = [one for one in repository_of(folder).states() if one.role == "owner-force"]
    (keyid,) = state.keys
    keys = ListKeys(folder / "keys")
    keys.protect("owner-force", keyid, SECRET)
    assert ListKeys(folder / "keys").place("owner-force", keyid) is KeyPlace.PROTECTED
    with pytest.raises(BadInput, match="needs the signature of 1"):
        publish(2)
    with pytest.raises(BadInput, match="cannot be opened"):
        publish(2, keys=ListKeys(folder / "keys", ask=lambda _: "wrong"))
    assert revisions(folder) == {"stolen": 1}
    publish(2, keys=ListKeys(folder / "keys", ask=lambda _: SECRET))
    assert revisions(folder) == {"stolen": 2}
    with pytest.raises(BadInput, match="12 characters"):
        keys.protect("owner-force", keyid, "short")


def test_keys_that_were_carried_away_must_be_brought(folder, publish, tmp_path):
    publish()
    stick = tmp_path / "stick"
    stick.mkdir()
    for file in (folder / "keys").glob("lists-owner-force-*.pem"):
        file.rename(stick / file.name)
    with pytest.raises(BadInput, match="Bring them"):
        publish(2)
    assert publish(2, keys=ListKeys(folder / "keys", [stick])).revision == 2


def test_two_people_sign_where_the_force_wants_it(folder, publish, tmp_path):
    publish()
    repository_of(folder).ask_two("owner-force")
    first, second = tmp_path / "first", tmp_path / "second"
    for place, file in zip((first, second), sorted((folder / "keys").glob("lists-owner-force-*.pem")), strict=True):
        place.mkdir()
        file.rename(place / file.name)
    for alone in (first, second):
        with pytest.raises(BadInput, match="needs the signature of 2"):
            publish(2, keys=ListKeys(folder / "keys", [alone]))
    assert revisions(folder) == {"stolen": 1}
    assert publish(2, keys=ListKeys(folder / "keys", [first, second])).revision == 2


@pytest.mark.parametrize("role", ["root", "targets", "snapshot", "timestamp", "owner-force"])
def test_a_new_key_takes_the_place_of_an_old_one(folder, publish, role: str):
    publish()
    before = {state.role: set(state.keys) for state in repository_of(folder).states()}
    repository_of(folder).rotate(role)
    after = {state.role: set(state.keys) for state in repository_of(folder).states()}
    assert {one for one in after if after[one] != before[one]} == {role}
    assert publish(2).revision == 2


def test_a_role_that_is_not_there_is_named_as_such(folder):
    with pytest.raises(BadInput, match="no such role"):
        repository_of(folder).rotate("owner-nobody")
    with pytest.raises(BadInput, match="Two people"):
        repository_of(folder).ask_two("timestamp")


# Time


def test_what_ends_soon_is_signed_anew_when_a_car_asks(folder, publish):
    publish()
    start = datetime.now(UTC)
    for after, timestamp, snapshot, owner in (
        (timedelta(minutes=50), 2, 2, 1),
        (timedelta(hours=2), 3, 3, 1),
        (timedelta(days=400), 4, 4, 2),
    ):
        Repository(folder, ListKeys(folder / "keys"), lambda after=after: start + after).keep_fresh()
        assert version(folder, "timestamp.json") == timestamp
        assert repository_of(folder).metadata(f"{snapshot}.snapshot.json") is not None
        assert repository_of(folder).metadata(f"{owner + 1}.owner-force.json") is None


def test_files_that_are_published_no_more_go_after_a_day(folder, publish):
    first = publish()
    second = publish(2)
    repository = repository_of(folder)
    assert repository.target(first.sha256).exists(), "a car may be fetching it"
    later = datetime.now(UTC) + KEPT + timedelta(minutes=1)
    third = publish(3, now=lambda: later)
    assert not repository.target(first.sha256).exists()
    assert repository.target(third.sha256).exists()
    assert not repository.target(second.sha256).exists()
    assert repository.metadata("1.root.json") is not None


def test_cars_do_not_wait_for_a_person_who_publishes(folder, publish, caller, identity):
    publish()
    repository = repository_of(folder, now=lambda: datetime.now(UTC) + timedelta(hours=6))
    ask = caller(identity)
    with repository_of(folder).turn():
        began = time.monotonic()
        assert ask("GET", "lists/metadata/timestamp.json").status_code == 200
        repository.keep_fresh()  # it ends soon, and is good for a while yet
        assert time.monotonic() - began < 5
    assert version(folder, "timestamp.json") == 2
    repository.keep_fresh()
    assert version(folder, "timestamp.json") == 3


def test_the_key_of_a_list_outlasts_another_that_is_published_meanwhile(folder, publish):
    head = publish(on_report=lambda _: publish(list_id="untaxed"))
    assert revisions(folder) == {"stolen": 1, "untaxed": 1}
    assert opening_keys(folder).get(head.key_id) is not None


def test_a_repository_that_is_not_whole_is_said(folder, publish):
    publish()
    (folder / "lists" / "metadata" / "timestamp.json").write_bytes(b"{}")
    with pytest.raises(RecordsFault, match="not whole"):
        publish(2)


def test_what_an_operator_should_know_of_lists_is_said(folder, publish):
    head = publish()
    repository = repository_of(folder)
    assert list(wrong_lists(repository)) == []
    assert unprotected_roles(repository) == ["root", "targets", "owner-force"]
    assert list(ends_soon(repository, datetime.now(UTC))) == []
    assert len(list(ends_soon(repository, datetime.now(UTC) + timedelta(days=340)))) == 3
    repository.target(head.sha256).write_bytes(b"changed")
    (said,) = wrong_lists(repository)
    assert "revision 1, is gone or changed" in said

"""What a depot, or what poses as one, may do with signed lists: the car takes what is signed, or keeps what it has."""

import json
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug import Request, Response

from patrol_anpr.depot.lists.keys import ListKeys
from patrol_anpr.depot.lists.publishing import (
    Confirmation,
    import_hotlist,
    published,
    repository_of,
    withdraw_hotlist,
)
from patrol_anpr.depot.lists.repository import Repository
from patrol_anpr.depot_link.signed import LIMITS
from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.domain.hotlist import ListDoubt, Tier
from patrol_anpr.wire.lists import HotlistHead, ListKeysAsk, ListKeysReply, SealedListKey
from tests.depot_link.attacker import NOW, ROW, Attacker


@pytest.fixture
def publish(attacker: Attacker, depot_folder: Path, tmp_path: Path) -> Callable[..., HotlistHead]:
    def publish(rows: int = 5, list_id: str = "stolen", owner: str = "Force", **wishes) -> HotlistHead:
        path = tmp_path / "list.csv"
        path.write_text("".join(ROW.replace("12", f"{number:02}") for number in range(rows)))
        wishes = {"now": lambda: attacker.now} | wishes
        return import_hotlist(depot_folder, path, list_id, "Stolen", owner, Tier.PRIORITY, **wishes)

    return publish


@pytest.fixture
def link(attacker: Attacker, publish, make_link, car):
    """A car that holds revision 1, of 07:40."""
    publish()
    link = make_link(attacker.url)
    assert link.download(car.steps.append), car.problem
    attacker.now += timedelta(hours=2, minutes=5)
    return link


def metadata(attacker: Attacker, kind: str) -> dict[str, bytes]:
    """What the depot serves of one kind of metadata, by file name."""
    folder = attacker.folder / "lists" / "metadata"
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name.endswith(f"{kind}.json")}


def assert_refused(link, car, why: str, *, since: datetime = NOW, age: str = "2 h") -> None:
    """Nothing changed, and the officer knows: within two seconds, the age of what is in force, and the reason."""
    before, began = dict(car.lists), time.monotonic()
    assert link.download(car.steps.append) is False
    assert time.monotonic() - began < 2
    assert car.lists == before
    assert car.problem.startswith(("Lists NOT updated: using the one of", "Stolen NOT updated: using the one of"))
    assert f"{since.astimezone():%H:%M}, {age} old." in car.problem
    assert why in car.problem


# Attacks


@pytest.mark.parametrize("step", [131, pytest.param(1, marks=pytest.mark.campaign)])
@pytest.mark.parametrize("kind", ["timestamp", "snapshot", "owner-force"])
def test_tampered_metadata_is_refused_whatever_byte_was_changed(link, car, attacker, publish, kind: str, step: int):
    publish(6)
    name, content = max(metadata(attacker, kind).items())
    for place in range(0, len(content), step):
        changed = bytearray(content)
        changed[place] ^= 0x01
        if same_meaning(bytes(changed), content):
            continue  # a blank between two words of JSON
        attacker.instead = {name: bytes(changed)}
        assert link.download(car.steps.append) is False, place
        assert car.lists["stolen"][0].revision == 1
    attacker.instead = {}
    assert link.download(car.steps.append)
    assert car.lists["stolen"][0].revision == 2


def same_meaning(changed: bytes, content: bytes) -> bool:
    try:
        return bool(json.loads(changed) == json.loads(content))
    except ValueError:
        return False


@pytest.mark.parametrize("kind", ["timestamp", "snapshot", "owner-force"])
def test_truncated_metadata_is_refused(link, car, attacker, publish, kind: str):
    publish(6)
    name, content = max(metadata(attacker, kind).items())
    for length in (0, 1, 100, -1):
        attacker.instead = {name: content[:length]}
        assert_refused(link, car, "not signed as it must be")


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda content: content[:-7],
    "one byte changed": lambda content: b"X" + content[1:],
    "empty": lambda _: b"",
    "endless": lambda content: content * 3,
    "one byte too many": lambda content: content + b"\n",
}


def test_a_spoilt_file_is_refused(link, car, attacker, publish, tmp_path):
    head = publish(6)
    for spoil in SPOILT.values():
        attacker.instead = {head.sha256: spoil(attacker._repository.target(head.sha256).read_bytes())}
        assert_refused(link, car, "did not arrive as it was signed")
        assert sorted(path.name for path in (tmp_path / "lists").iterdir()) == ["held.json", "signed"]


def test_lists_that_are_older_than_those_of_the_car_are_refused(link, car, attacker, publish):
    old = {"timestamp.json": metadata(attacker, "timestamp")["timestamp.json"]}
    publish(6)
    assert link.download(car.steps.append)
    attacker.instead = old
    assert_refused(link, car, "older lists than it did before", since=attacker.now, age="0 min")
    assert car.lists["stolen"][0].revision == 2


def test_a_depot_that_was_put_back_is_believed_once_it_has_outrun_what_the_car_saw(
    link, car, attacker, depot_folder, tmp_path
):
    shutil.copytree(depot_folder / "lists", tmp_path / "copy")
    for _ in range(3):
        attacker.now += timedelta(hours=2)
        attacker._repository.keep_fresh()
    assert link.download(car.steps.append)
    for _ in range(2):  # the same copy twice
        shutil.rmtree(depot_folder / "lists")
        shutil.copytree(tmp_path / "copy", depot_folder / "lists")
        assert not link.download(car.steps.append)
        assert "older lists" in car.problem
        attacker._repository.outrun()
        assert link.download(car.steps.append), car.problem
        attacker.now += timedelta(minutes=1)


def test_lists_that_are_kept_back_are_told_once_they_are_out_of_date(link, car, attacker):
    attacker.instead = metadata(attacker, "timestamp")
    assert link.download(car.steps.append), "for a while nobody can know"
    attacker.now = NOW + timedelta(days=2)
    assert link.download(car.steps.append) is False
    assert "Lists NOT updated: using the one of" in car.problem
    assert "48 h old. What the depot offers is out of date" in car.problem
    assert "stolen" in car.lists


@pytest.mark.parametrize("name", ["timestamp.json", "2.snapshot.json", "2.owner-force.json"])
def test_endless_metadata_is_cut_off(link, car, attacker, publish, name: str):
    publish(6)
    sent = []

    def endless():
        while len(sent) < 2000:
            sent.append(1)
            yield b" " * 65536

    number = {"snapshot": len(metadata(attacker, "snapshot")), "owner-force": 2}.get(name[2:-5])
    name = f"{number}.{name[2:]}" if number else name
    attacker.instead = {name: Response(endless(), content_type="application/json")}
    assert_refused(link, car, "longer than it may be")
    assert len(sent) * 65536 < LIMITS.targets_max_length + 20 * 2**20


def test_a_signature_by_another_key_is_refused(link, car, attacker, tmp_path, clock):
    """Another depot, with the same lists and keys of its own."""
    other = tmp_path / "other"
    (tmp_path / "list.csv").write_text(ROW * 6)
    for _ in range(2):
        import_hotlist(
            other, tmp_path / "list.csv", "stolen", "Stolen", "Force", Tier.PRIORITY, now=lambda: attacker.now
        )
    forged = Repository(other, ListKeys(other / "keys"), lambda: attacker.now)
    attacker._repository = forged
    assert_refused(link, car, "not signed as it must be")


def test_new_lists_with_the_old_snapshot_are_refused(link, car, attacker, publish):
    old = metadata(attacker, "snapshot")
    publish(6)
    new = max(metadata(attacker, "snapshot"))
    attacker.instead = {new: max(old.items())[1]}
    assert_refused(link, car, "older lists")


def test_an_owner_cannot_sign_the_list_of_another(link, car, attacker, publish, depot_folder):
    """The keys of one owner are in wrong hands: only that owner's lists are lost."""
    publish(list_id="untaxed", owner="Mallory")
    repository = repository_of(depot_folder, now=lambda: attacker.now)
    role = "owner-mallory"

    def steal(targets) -> None:
        (target,) = targets.targets.values()
        stolen = target.unrecognized_fields["custom"] | {"list_id": "stolen", "revision": 9}
        target.unrecognized_fields["custom"] = stolen
        target.path = f"{role}/stolen.whole"
        targets.targets = {target.path: target}

    repository.publish({role: steal})
    assert link.download(car.steps.append) is False
    assert car.lists["stolen"][0].revision == 1

    def elsewhere(targets) -> None:
        (target,) = targets.targets.values()
        target.path = "owner-force/stolen.whole"
        targets.targets = {target.path: target}

    repository.publish({role: elsewhere})
    assert link.download(car.steps.append) is False
    assert car.lists["stolen"][0].revision == 1
    newest = publish(6)
    assert link.download(car.steps.append)
    assert car.lists["stolen"][0].revision == newest.revision


def test_a_genuine_change_of_the_root_is_followed_and_a_forged_one_is_not(link, car, attacker, publish, tmp_path):
    for role in ("root", "targets", "snapshot", "timestamp", "owner-force"):
        repository_of(attacker.folder, now=lambda: attacker.now).rotate(role)
    publish(6)
    assert link.download(car.steps.append), car.problem
    assert car.lists["stolen"][0].revision == 2
    other = tmp_path / "other"
    forged = repository_of(other, now=lambda: attacker.now)
    for _ in range(5):
        forged.rotate("root")
    name = f"{1 + len(metadata(attacker, 'root'))}.root.json"
    attacker.instead = {name: forged.metadata(name) or b""}
    assert_refused(link, car, "not signed as it must be", since=attacker.now, age="0 min")


def test_a_car_that_slept_through_changes_of_the_root_follows_them(attacker, publish, make_link, car, depot_folder):
    first = repository_of(depot_folder, now=lambda: attacker.now).root()
    for _ in range(3):
        repository_of(depot_folder, now=lambda: attacker.now).rotate("root")
    publish()
    assert make_link(attacker.url, lists_root=first).download(car.steps.append), car.problem


def test_a_car_without_a_root_takes_no_list(attacker, publish, make_link, car):
    publish()
    assert make_link(attacker.url, lists_root=b"").download(car.steps.append) is False
    assert "whose signature to trust" in car.problem
    assert car.lists == {}


def test_no_list_at_all_does_not_disarm_the_car(link, car, attacker, depot_folder):
    def emptied(targets) -> None:
        targets.targets = {}

    repository_of(depot_folder, now=lambda: attacker.now).publish({"owner-force": emptied})
    assert link.download(car.steps.append) is False
    assert "no longer has Stolen" in car.problem
    assert "stolen" in car.lists


def test_hiding_an_owner_does_not_disarm_the_car(link, car, attacker, publish):
    publish(6)
    attacker.instead = {"2.owner-force.json": Response("{}", 404)}
    assert_refused(link, car, "no signed lists")


def test_a_portal_page_is_not_a_list(attacker, publish, make_link, car):
    publish()
    page = Response("<html>Welcome</html>", content_type="text/html; charset=utf-8")
    attacker.instead = {"timestamp.json": page}
    with pytest.raises(DepotFault, match="other than the depot"):
        make_link(attacker.url).download(car.steps.append)
    assert car.lists == {}


def test_an_older_or_other_revision_that_is_signed_is_refused(link, car, attacker, publish, depot_folder):
    """The owner's own mistake, or a restored back-up of the depot."""

    def change(**said) -> None:
        def change(targets) -> None:
            (target,) = targets.targets.values()
            target.unrecognized_fields["custom"] |= said

        repository_of(depot_folder, now=lambda: attacker.now).publish({"owner-force": change})

    publish(6)
    assert link.download(car.steps.append)
    change(revision=1)
    assert link.download(car.steps.append) is False
    assert "older revision" in car.problem
    head = publish(7)
    assert head.revision == 2
    assert link.download(car.steps.append) is False
    assert "same revision" in car.problem
    assert car.lists["stolen"][0].revision == 2


# Time


@pytest.mark.parametrize(
    "said", [None, datetime(1970, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC), NOW - timedelta(days=3)]
)
def test_without_a_time_that_can_be_trusted_the_old_list_stays(link, car, attacker, publish, said):
    publish(6)
    attacker.said = format_datetime(said, usegmt=True) if said else "nonsense"
    assert link.download(car.steps.append) is False
    assert "Time unverified" in car.problem
    assert car.lists["stolen"][0].revision == 1


@pytest.mark.parametrize("years", [-56, 14])
def test_the_cars_own_clock_is_not_asked(attacker, publish, make_link, car, clock, years: int):
    publish()
    clock.now = NOW.replace(year=NOW.year + years)
    assert make_link(attacker.url).download(car.steps.append), car.problem


# Taken back, and for whom


def test_a_list_that_its_owner_took_back_leaves_the_car_and_that_is_told(link, car, attacker, depot_folder, publish):
    withdraw_hotlist(depot_folder, "stolen", "Sgt Example", "a mistake", now=lambda: attacker.now)
    assert link.download(car.steps.append) is True
    assert car.lists == {}
    assert car.steps[-1].news == "Stolen was taken back by its owner. It is no longer matched."
    assert link.download(car.steps.append) is True
    assert car.steps[-1].news == "", "it is told once"
    publish(4)
    assert link.download(car.steps.append) is True
    assert car.lists["stolen"][0].revision == 2


def test_another_owner_cannot_take_a_list_back(link, car, attacker, publish, depot_folder):
    publish(list_id="untaxed", owner="Mallory")
    repository = repository_of(depot_folder, now=lambda: attacker.now)

    def claim(targets) -> None:
        about = targets.unrecognized_fields["about"]
        gone = {"list_id": "stolen", "name": "Stolen", "revision": 99, "withdrawn_at": NOW.isoformat()}
        targets.unrecognized_fields["about"] = about | {"withdrawn": [gone]}

    repository.publish({"owner-mallory": claim})
    link.download(car.steps.append)
    assert "stolen" in car.lists


def test_a_key_that_is_none_is_refused_in_a_sentence(attacker, publish, make_link, car, httpserver):
    publish()

    def short(request: Request) -> Response:
        ask = ListKeysAsk.model_validate_json(request.get_data())
        (head,) = (head for head, _ in published(repository_of(attacker.folder)))
        sealed = SealedListKey.of(head.key_id, b"too short", ask)
        return Response(ListKeysReply(keys=(sealed,)).model_dump_json(), content_type="application/json")

    httpserver.expect_oneshot_request("/v2/lists/keys").respond_with_handler(short)
    assert not make_link(attacker.url).download(car.steps.append)
    assert "The depot gave no key that opens it." in car.problem


def test_an_audience_that_changes_moves_the_list_and_takes_it_from_the_others(
    attacker, publish, make_link, car, tmp_path, depot_folder
):
    """For this car (which the attacker's server does not tell apart) both roles are open."""
    until = NOW + timedelta(days=3)
    publish(list_id="covert", audience=("TA14", "TA15"), valid_until=until)
    link = make_link(attacker.url)
    assert link.download(car.steps.append)
    assert set(car.lists) == {"covert"}
    publish(4, list_id="covert", audience=("TA15",), valid_until=until)
    (new,) = [role for role in attacker._repository.roles() if attacker._repository.about(role).audience == ("TA15",)]
    attacker.instead = {f"1.{new}.json": Response("{}", 404)}
    assert link.download(car.steps.append)
    assert car.lists == {}
    assert "taken back" in car.steps[-1].news
    attacker.instead = {}
    assert link.download(car.steps.append), "a car that is among them goes on with the next revision"
    assert car.lists["covert"][0].revision == 2


# Absurd


@pytest.mark.parametrize("rows", [2, 51])
def test_an_absurd_list_waits_for_a_person_also_where_the_depot_confirmed_it(link, car, attacker, publish, rows: int):
    head = publish(rows, confirmed=Confirmation("Sgt Example", "the owner was asked"))
    assert head.confirmed
    assert_refused(link, car, f"has {rows} entries instead of 5")
    assert car.steps[-1].doubts == (ListDoubt("stolen", "Stolen", 2, 5, rows),)
    link.accept_list("stolen", 1)
    assert link.download(car.steps.append) is False, "only the revision that was looked at"
    link.accept_list("stolen", 2)
    assert link.download(car.steps.append) is True
    assert car.lists["stolen"][0].revision == 2
    assert car.steps[-1].doubts == ()


# Whatever it is


JSON = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)
HEAVY = (b"[" * 200_000, b'{"a":' * 40_000, b"9" * 60_000, b'{"signed":{"_type":"timestamp"},"signatures":[]}')


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["timestamp.json", "snapshot.json", "owner-force.json", "root.json"]),
    content=st.binary(max_size=300)
    | JSON.map(lambda value: json.dumps({"signed": value, "signatures": value}).encode())
    | st.sampled_from(HEAVY),
)
def test_whatever_stands_in_place_of_metadata_is_refused_within_a_second(link, car, attacker, publish, name, content):
    publish(6)  # so that something new is asked for
    attacker.instead = _AnyVersion(name, content)
    began = time.monotonic()
    assert link.download(car.steps.append) is False
    assert time.monotonic() - began < 1
    assert car.lists["stolen"][0].revision == 1


class _AnyVersion(dict):
    """Stands in for a file in whatever version it is asked for."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__()
        self._name, self._content = name, content

    def get(self, name: str, otherwise: object = None) -> object:
        return self._content if name.endswith(self._name) else otherwise

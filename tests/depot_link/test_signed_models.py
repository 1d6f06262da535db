"""What a depot, or what poses as one, may do with models: the car takes what is signed for it, or keeps what it has."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from werkzeug import Response

from patrol_anpr.depot.lists.models import publish_models, withdraw_models
from patrol_anpr.depot.lists.publishing import import_hotlist, repository_of
from patrol_anpr.depot_link import models as fetching
from patrol_anpr.depot_link.signed import LIMITS
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.reading import model_note, model_shelf
from patrol_anpr.reading.model_shelf import ModelShelf
from patrol_anpr.wire.lists import ABOUT
from patrol_anpr.wire.models import OPEN_ROLE, ModelSet
from tests.depot.test_depot_models import small_models
from tests.depot_link.attacker import NOW, ROW, Attacker
from tests.depot_link.test_signed_lists import SPOILT, metadata

NEVER = lambda: False  # noqa: E731


@pytest.fixture(autouse=True)
def _little_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SPARE_BYTES", 0)


@pytest.fixture
def shelf(tmp_path: Path) -> ModelShelf:
    return ModelShelf(tmp_path / "car" / "models", small_models(tmp_path / "packaged", b"packaged "))


@pytest.fixture
def publish(attacker: Attacker, tmp_path: Path) -> Callable[..., ModelSet]:
    def publish(word: bytes = b"new ", name: str = "New", **wishes) -> ModelSet:
        source = small_models(tmp_path / "source", word)
        return publish_models(attacker.folder, source, name, actor="DS Example", now=lambda: attacker.now, **wishes)

    return publish


class Fetching:
    """A car with its shelf of models: `fetch` is a sync with what follows it."""

    def __init__(self, link, car, shelf: ModelShelf) -> None:
        self.link, self.car, self.shelf = link, car, shelf

    def fetch(self, give_way: Callable[[], bool] = NEVER) -> str:
        """Return why nothing was taken, or ""."""
        self.link.download(self.car.steps.append)
        assert self.link.fetch_models(give_way)
        return self.shelf._problem

    @property
    def revision(self) -> int:
        newest = self.shelf.newest
        return 0 if newest is None else newest.head.revision


@pytest.fixture
def fetching_car(attacker: Attacker, make_link, car, shelf: ModelShelf, depot_folder: Path) -> Fetching:
    repository_of(depot_folder, now=lambda: attacker.now)
    return Fetching(make_link(attacker.url, models=shelf), car, shelf)


@pytest.fixture
def holder(fetching_car: Fetching, publish, attacker: Attacker) -> Fetching:
    """A car that reads with revision 1."""
    publish(b"first ")
    assert fetching_car.fetch() == ""
    fetching_car.shelf.judge(fetching_car.shelf.folders[1], "")
    fetching_car.shelf.begin()
    attacker.now += timedelta(hours=2)
    return fetching_car


def assert_refused(car: Fetching, why: str) -> None:
    """What reads goes on, nothing of the new is kept, and the reason is known."""
    shelf, before = car.shelf, car.shelf.in_use
    assert why in car.fetch()
    assert car.revision == 1
    assert shelf.begin() == before
    assert (before / "ocr.onnx").read_bytes() == b"first ocr"
    assert [path.name for path in shelf.arriving.iterdir() if path.suffix != ".part"] == []


def test_a_set_arrives_whole_for_its_owner_alone_and_does_not_read_untried(
    fetching_car: Fetching, publish, shelf: ModelShelf
) -> None:
    assert fetching_car.fetch() == ""
    assert fetching_car.revision == 0, "a depot without models"
    found = publish()
    assert fetching_car.fetch() == ""
    assert shelf.newest == found
    (place,) = shelf.folders[1:]
    assert {path.name: path.read_bytes() for path in place.glob("*.onnx")} == {
        file.file: b"new " + file.role.encode() for file in found.files if file.file.endswith("onnx")
    }
    assert {path.stat().st_mode & 0o777 for path in place.iterdir()} == {0o600}
    assert place.stat().st_mode & 0o777 == 0o700
    assert shelf.begin() == shelf.folders[0], "nothing reads before it passed the test card"
    assert list(shelf.arriving.iterdir()) == []


def test_what_is_here_is_not_fetched_again(holder: Fetching, publish, attacker, httpserver) -> None:
    publish(b"first ", "The same under another name")
    before = len(httpserver.log)
    assert holder.fetch() == ""
    assert holder.revision == 2
    assert [one.path for one, _ in httpserver.log[before:] if "/targets/" in one.path] == []


@pytest.mark.parametrize("kind", ["timestamp", "snapshot", OPEN_ROLE])
def test_tampered_and_truncated_metadata_is_refused(holder: Fetching, attacker, publish, kind: str) -> None:
    publish()
    name, content = max(metadata(attacker, kind).items())
    for place in range(5, len(content), len(content) // 7):
        changed = bytearray(content)
        changed[place] ^= 0x02
        attacker.instead = {name: bytes(changed)}
        holder.fetch()
        assert holder.revision == 1, place
    attacker.instead = {name: content[:-9]}
    assert_refused(holder, "not signed as it must be")
    attacker.instead = {}
    assert holder.fetch() == ""
    assert holder.revision == 2


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_file_that_is_truncated_changed_or_endless_is_refused(
    holder: Fetching, attacker, publish, spoil: Callable[[bytes], bytes]
) -> None:
    found = publish()
    sha256 = found.files[-1].sha256
    attacker.instead = {sha256: spoil(attacker._repository.target(sha256).read_bytes())}
    assert_refused(holder, "did not arrive as they were signed")
    attacker.instead = {}
    assert holder.fetch() == ""
    assert holder.revision == 2


def test_a_giant_file_is_cut_off_where_what_was_signed_ends(holder: Fetching, attacker, publish) -> None:
    found = publish()
    sent: list[int] = []

    def endless():
        while len(sent) < 2000:
            sent.append(1)
            yield b" " * 65536

    attacker.instead = {found.files[0].sha256: Response(endless(), content_type="application/octet-stream")}
    assert_refused(holder, "did not arrive as they were signed")
    assert len(sent) * 65536 < 40 * 2**20


def test_giant_metadata_is_cut_off(holder: Fetching, attacker, publish) -> None:
    publish()
    name = max(metadata(attacker, OPEN_ROLE))
    attacker.instead = {name: b" " * (LIMITS.targets_max_length + 2)}
    assert_refused(holder, "longer than it may be")


def test_a_roll_back_is_refused(holder: Fetching, attacker, publish) -> None:
    old = {"timestamp.json": metadata(attacker, "timestamp")["timestamp.json"]}
    publish(b"second ")
    assert holder.fetch() == ""
    attacker.instead = old
    assert "older" in holder.fetch()
    assert holder.revision == 2


def test_an_older_set_that_is_signed_is_refused(holder: Fetching, attacker, publish, depot_folder: Path) -> None:
    """A mistake of who signs, or a back-up that was put back."""
    publish(b"second ")
    assert holder.fetch() == ""

    def older(targets) -> None:
        targets.unrecognized_fields[ABOUT] |= {"revision": 1}

    repository_of(depot_folder, now=lambda: attacker.now).publish({OPEN_ROLE: older})
    assert "older models" in holder.fetch()

    def other(targets) -> None:
        targets.unrecognized_fields[ABOUT] |= {"revision": 2, "name": "Other"}

    repository_of(depot_folder, now=lambda: attacker.now).publish({OPEN_ROLE: other})
    assert "same revision" in holder.fetch()
    assert holder.shelf.newest is not None
    assert holder.shelf.newest.head.name == "New"


def test_a_freeze_is_told_once_what_is_shown_is_out_of_date(holder: Fetching, attacker, publish) -> None:
    attacker.instead = metadata(attacker, "timestamp")
    publish()
    assert holder.fetch() == "", "for a while nobody can know"
    attacker.now = NOW + timedelta(days=2)
    assert_refused(holder, "out of date")


def test_files_of_two_sets_are_never_mixed(holder: Fetching, attacker, publish) -> None:
    """Mix and match: the new description with a file of the old set, and the new set with the old snapshot."""
    found, before = publish(), holder.shelf.newest
    assert before is not None
    attacker.instead = {found.files[0].sha256: b"first " + before.files[0].role.encode()}
    assert_refused(holder, "did not arrive as they were signed")
    old = max(metadata(attacker, "snapshot").items())[1]
    publish(b"third ")
    attacker.instead = {max(metadata(attacker, "snapshot")): old}
    assert_refused(holder, "older")


def test_a_role_of_lists_cannot_sign_a_model(
    holder: Fetching, attacker, publish, depot_folder: Path, tmp_path: Path
) -> None:
    """The keys of an owner of lists are in wrong hands."""
    (tmp_path / "list.csv").write_text(ROW)
    import_hotlist(
        depot_folder, tmp_path / "list.csv", "stolen", "Stolen", "Mallory", Tier.PRIORITY, now=lambda: attacker.now
    )
    forged = publish(b"forged ", audience=("TA99",))
    (role,) = [one for one in attacker._repository.models() if one != OPEN_ROLE]
    signed = attacker._repository.models()[role]

    def steal(targets, named: str) -> None:
        targets.unrecognized_fields[ABOUT] = signed.unrecognized_fields[ABOUT] | {"audience": None, "revision": 9}
        for target in signed.targets.values():
            target.path = f"{named}/{target.path.partition('/')[2]}"
        targets.targets = {target.path: target for target in signed.targets.values()}

    repository = repository_of(depot_folder, now=lambda: attacker.now)
    for named in ("owner-mallory", OPEN_ROLE):  # below its own name, and below that of the models
        with suppress(ValueError):  # our own depot would not; it is signed all the same
            repository.publish({"owner-mallory": lambda targets, named=named: steal(targets, named)})
        assert_refused(holder, "")
    assert forged.head.revision == 2


def test_a_role_for_some_cars_signs_nothing_below_the_name_of_another(
    holder: Fetching, attacker, publish, depot_folder: Path
) -> None:
    publish(b"second ", audience=("TA14",))
    (role,) = [one for one in attacker._repository.models() if one != OPEN_ROLE]

    def elsewhere(targets) -> None:
        for target in list(targets.targets.values()):
            target.path = f"{OPEN_ROLE}/{target.path.partition('/')[2]}"
        targets.targets = {target.path: target for target in targets.targets.values()}

    repository_of(depot_folder, now=lambda: attacker.now).publish({role: elsewhere})
    assert_refused(holder, "not signed as it must be")


def test_a_set_for_other_cars_is_not_taken_though_the_depot_shows_it(holder: Fetching, publish) -> None:
    publish(b"second ", audience=("TA99",))
    assert_refused(holder, "")
    publish(b"third ", audience=("TA99", "TA14"))
    assert holder.fetch() == ""
    assert holder.revision == 3


def test_a_key_of_another_depot_is_refused(holder: Fetching, attacker, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for _ in range(2):
        publish_models(other, tmp_path / "source", "Forged", actor="M", now=lambda: attacker.now)
    attacker._repository = repository_of(other, now=lambda: attacker.now)
    assert_refused(holder, "not signed as it must be")


def test_hiding_the_role_takes_nothing_away(holder: Fetching, attacker, publish) -> None:
    publish()
    attacker.instead = {max(metadata(attacker, OPEN_ROLE)): Response("{}", 404)}
    assert_refused(holder, "no signed lists")


@pytest.mark.parametrize("year", [None, 1970, 2040])
def test_without_a_time_that_can_be_trusted_nothing_is_taken(holder: Fetching, attacker, publish, year) -> None:
    publish()
    at = NOW if year is None else datetime(year, 1, 1, tzinfo=NOW.tzinfo)
    attacker.said = "nonsense" if year is None else at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert_refused(holder, "Time unverified")


# Withdrawn, and by turns


def test_a_set_that_was_taken_back_is_read_with_no_more_from_the_next_start_on(
    holder: Fetching, attacker, depot_folder: Path, publish
) -> None:
    now = lambda: attacker.now  # noqa: E731
    publish(b"second ", audience=("TA14",))
    assert holder.fetch() == ""
    holder.shelf.judge(holder.shelf.folders[1], "")
    holder.shelf.begin()
    withdraw_models(depot_folder, 2, "DS Example", "reads less at night", now=now)
    assert holder.fetch() == ""
    assert (holder.shelf.in_use / "ocr.onnx").read_bytes() == b"second ocr", "not under way"
    assert (holder.shelf.begin() / "ocr.onnx").read_bytes() == b"first ocr", "the one before"
    withdraw_models(depot_folder, 1, "DS Example", "neither does this", now=now)
    assert holder.fetch() == ""
    assert holder.shelf.begin() == holder.shelf.folders[0], "the models of the program"
    publish(b"third ")
    assert holder.fetch() == ""
    assert holder.revision == 3


def test_a_depot_that_was_put_back_publishes_what_cars_believe(
    holder: Fetching, attacker, depot_folder: Path, publish, tmp_path: Path
) -> None:
    shutil.copytree(depot_folder / "lists", tmp_path / "copy")
    for word in (b"second ", b"third "):
        publish(word)
        assert holder.fetch() == ""
    for _ in range(2):  # the same copy twice
        shutil.rmtree(depot_folder / "lists")
        shutil.copytree(tmp_path / "copy", depot_folder / "lists")
        attacker.now += timedelta(minutes=1)
        attacker._repository.outrun()
        assert holder.fetch() == ""
        assert holder.shelf.newest is not None
        assert holder.shelf.begin() == holder.shelf.folders[1], "the set of the copy had passed"
        again = publish(b"after ")
        assert holder.fetch() == ""
        assert holder.shelf.newest == again


def test_a_fetch_gives_way_and_goes_on_from_there(fetching_car: Fetching, publish, attacker, httpserver) -> None:
    found = publish()
    fetching_car.link.download(fetching_car.car.steps.append)
    asked = []

    def give_way() -> bool:
        asked.append(1)
        return len(asked) % 3 == 0

    rounds = 0
    while not fetching_car.link.fetch_models(give_way):
        rounds += 1
    assert rounds > 1
    assert fetching_car.shelf.newest == found
    fetched = [one.path for one, _ in httpserver.log if "/targets/" in one.path]
    assert len(fetched) == len(set(fetched)), "no byte twice"


def test_no_room_leaves_everything_as_it_is(holder: Fetching, publish, monkeypatch: pytest.MonkeyPatch) -> None:
    publish()
    monkeypatch.setattr(fetching, "SPARE_BYTES", 2**60)
    assert_refused(holder, "not enough free space")


def test_a_car_that_is_killed_between_any_two_steps_has_the_old_set_or_the_new_one(
    holder: Fetching, publish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each write to the disk is the last one once; then the car starts anew, and syncs."""
    found = publish(b"second ")

    class Killed(BaseException):
        pass

    folder = tmp_path / "car" / "models"
    shutil.copytree(folder, tmp_path / "before")
    for last in range(12):
        steps = []

        def counted(real, *values, steps=steps, last=last, **named):
            steps.append(1)
            if len(steps) > last:
                raise Killed
            return real(*values, **named)

        with monkeypatch.context() as patch:
            steps_of = ((model_shelf, "write_whole"), (model_note, "write_whole"), (model_shelf, "folder_placed_whole"))
            for module, name in steps_of:
                real = getattr(module, name)
                patch.setattr(module, name, lambda *v, real=real, c=counted, **n: c(real, *v, **n))
            patch.setattr(shutil, "copyfile", lambda *v, c=counted, real=shutil.copyfile, **n: c(real, *v, **n))
            try:
                holder.fetch()
            except Killed:
                done = False
            else:
                done = True
        again = ModelShelf(folder, tmp_path / "packaged")
        assert (again.begin() / "ocr.onnx").read_bytes() == b"first ocr"
        assert again.newest in (holder.shelf.newest, found)
        holder.link._models = again
        holder.shelf = again
        assert holder.fetch() == ""
        assert again.newest == found
        if done:
            break
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "before", folder)
        holder.shelf = holder.link._models = ModelShelf(folder, tmp_path / "packaged")
        holder.shelf.begin()
    else:
        pytest.fail("there are more steps than that")

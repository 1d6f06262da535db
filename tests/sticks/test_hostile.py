"""Sticks that somebody prepared, or that were anywhere: nothing else on them is opened, nothing unproven counts."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrol_anpr.depot.cars import revoke_car
from patrol_anpr.depot_link.stick.importing import NOT_OURS
from patrol_anpr.domain.errors import BadInput, StickFault
from patrol_anpr.plumbing import stick_folder
from patrol_anpr.plumbing.stick_folder import StickFolder
from patrol_anpr.wire.stick import ANSWER, FOLDER, INDEX, BadStick, answer_of, closed_of, head_of, index_of, parted
from tests.depot_link.conftest import read_item, shift_item
from tests.sticks.trips import Car, StickDepot

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of another kind")


@pytest.fixture
def sent(car: Car) -> Car:
    """A car whose records are on the stick, in two packs."""
    car.wants_sent([shift_item(1), *map(read_item, range(3))])
    car.put()
    return car


@pytest.fixture
def answered(sent: Car, depot: StickDepot) -> Car:
    """And the depot has answered."""
    depot.take(sent.stick)
    return sent


def fifo(path: Path) -> None:
    os.mkfifo(path)


def link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def folder(path: Path) -> None:
    path.mkdir()


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**40)


def empty(path: Path) -> None:
    path.touch()


def device(path: Path) -> None:
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))  # /dev/zero
    except OSError:
        pytest.skip("only root makes devices")


ODD_FILES = [fifo, link, endless, folder, sparse, empty, device]


def odd_in_place_of(file: Path) -> Iterator[str]:
    """Put one odd thing after the other in the place of a file, and the file back in the end."""
    whole = file.read_bytes()
    for odd in ODD_FILES:
        file.unlink()
        odd(file)
        yield odd.__name__
        file.rmdir() if odd is folder else file.unlink()
        file.write_bytes(whole)


@needs_links
def test_an_index_that_is_no_plain_file_is_not_opened(sent: Car, depot: StickDepot) -> None:
    for odd in odd_in_place_of(sent.to_depot / INDEX):
        (became,) = depot.take(sent.stick)
        assert not became.answered, odd
        assert became.problems
    assert depot.held() == []


@needs_links
def test_a_pack_that_is_no_plain_file_is_told_and_the_others_are_taken(sent: Car, depot: StickDepot) -> None:
    packs = sorted(sent.to_depot.glob("*.pack"), key=lambda one: one.stat().st_size)
    for odd in odd_in_place_of(packs[-1]):
        (became,) = depot.take(sent.stick)
        assert became.records == 1, odd
        assert "1 of its files are missing" in became.problems[0]
    assert sent.take().settled == 1
    assert sent.outbox.waiting() == 3


@needs_links
def test_an_answer_that_is_no_plain_file_is_not_opened(answered: Car) -> None:
    for _ in odd_in_place_of(answered.to_car / ANSWER):
        with pytest.raises(StickFault, match="holds nothing for this car"):
            answered.take()
    assert answered.outbox.waiting() == 4


@needs_links
def test_folders_that_are_links_lead_nowhere(sent: Car, depot: StickDepot, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    for place in (sent.to_depot, sent.folder(), sent.stick / FOLDER):
        shutil.rmtree(elsewhere, ignore_errors=True)
        place.rename(elsewhere)
        before = sorted(elsewhere.rglob("*"))
        place.symlink_to(elsewhere, target_is_directory=True)
        with pytest.raises(StickFault, match="something other than files"):
            sent.put()
        with pytest.raises(BadInput, match="holds nothing of this depot"):
            depot.take(sent.stick)
        assert sorted(elsewhere.rglob("*")) == before  # nor is anything written there
        place.unlink()
        elsewhere.rename(place)


def test_a_file_in_the_place_of_the_folder_is_told(car: Car) -> None:
    (car.stick / FOLDER).write_bytes(b"")
    with pytest.raises(StickFault, match="something other than files"):
        car.put()


class Watch:
    """What this process opens and lists below a folder."""

    def __init__(self, below: Path) -> None:
        self.below, self.seen, self.on = str(below), set[str](), False
        sys.addaudithook(self._hear)  # for good: there is no way to take one off

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.on and event in ("open", "os.scandir", "os.listdir") and str(arguments[0]).startswith(self.below):
            self.seen.add(str(arguments[0]))

    @contextmanager
    def watching(self) -> Iterator[set[str]]:
        self.on = True
        try:
            yield self.seen
        finally:
            self.on = False


def test_of_all_that_is_on_a_stick_only_our_files_are_opened(car: Car, depot: StickDepot) -> None:
    ours = car.folder()
    for name in ("autorun.inf", "AUTORUN.INF", "setup.exe", "PATROL-ANPR.lnk", "list.csv", "..%2f", "CON", "a" * 200):
        (car.stick / name).write_bytes(b"x")
    stranger = car.stick / FOLDER / ("0" * 16) / "to-depot"
    stranger.mkdir(parents=True)
    (stranger / INDEX).write_bytes(b"x")
    for number in range(300):
        (car.stick / f"{number}.jpg").touch()
    car.wants_sent([shift_item(1)])
    car.put()  # makes the folder, in which somebody puts more
    for name in ("other.pack", f"{'a' * 64}.exe", "index.json"):
        (car.to_depot / name).write_bytes(b"x")
    with Watch(car.stick).watching() as seen:
        car.put()
        depot.take(car.stick)
        car.take()
    assert seen
    assert all(one.startswith(str(ours)) for one in seen)
    opened = {Path(one).name for one in seen}
    assert not opened & {"other.pack", f"{'a' * 64}.exe", "index.json", "autorun.inf"}
    assert (car.to_depot / "other.pack").exists()  # nor is it deleted


def test_a_million_names_beside_ours_cost_nothing(car: Car, monkeypatch: pytest.MonkeyPatch) -> None:
    """In our own folder only so many names are looked at: here 50 stand for the many."""
    monkeypatch.setattr(stick_folder, "_MOST_LOOKED_AT", 50)
    car.wants_sent([shift_item(1)])
    car.put()
    for number in range(500):
        (car.to_depot / f"{number:064x}.pack").write_bytes(b"x")
    assert car.put().records == 1
    assert len(list(car.to_depot.glob("*.pack"))) >= 450


def test_the_stick_of_another_car_or_another_depot_is_nothing(
    answered: Car, depot: StickDepot, tmp_path: Path, clock
) -> None:
    with pytest.raises(StickFault, match="holds nothing for this car"):
        depot.car(answered.stick, "TA15", clock).take()
    (tmp_path / "other").mkdir()
    other = StickDepot(tmp_path / "other" / "depot", tmp_path / "other", clock.utc)
    other.car(answered.stick, clock=clock)
    with pytest.raises(BadInput, match="holds nothing of this depot"):
        other.take(answered.stick)


def test_what_another_car_put_on_the_stick_does_not_pass_for_this_ones(sent: Car, depot: StickDepot, clock) -> None:
    thief = depot.car(sent.stick, "TA15", clock)
    shutil.copytree(sent.to_depot, thief.to_depot)
    mine, theirs = depot.take(sent.stick)
    assert (mine.car_id, mine.answered, mine.records) == ("TA14", True, 4)
    assert (theirs.car_id, theirs.answered) == ("TA15", False)
    assert "of another car" in theirs.problems[0]
    shutil.copytree(sent.to_car, thief.to_car)
    with pytest.raises(StickFault) as refused:
        thief.take()
    assert str(refused.value) == NOT_OURS
    assert thief.stands.lists == {}


def test_a_car_signs_for_itself_alone(sent: Car, depot: StickDepot, clock) -> None:
    """Head and files of one car under the index of another: the signature is not of who is named."""
    other = depot.car(sent.stick, "TA15", clock)
    _, text = parted((sent.to_depot / INDEX).read_bytes())
    forged = other.identity.signature_of(text).hex().encode() + b"\n" + text
    (sent.to_depot / INDEX).write_bytes(forged)
    (became,) = depot.take(sent.stick)
    assert "not signed by this car" in became.problems[0]
    assert depot.held() == []


def test_a_car_that_was_revoked_is_not_taken_in(sent: Car, depot: StickDepot, clock) -> None:
    revoke_car(depot.folder, "TA14", clock.utc())
    (became,) = depot.take(sent.stick)
    assert "no longer allowed" in became.problems[0]
    assert depot.held() == []


def test_a_car_that_was_not_seen_for_long_comes_in_by_a_stick_and_gets_its_certificate(
    sent: Car, depot: StickDepot, clock
) -> None:
    clock.advance(40 * 86_400)  # past the 72 hours of the certificate, within the 90 days after it
    (became,) = depot.take(sent.stick)
    assert became.records == 4
    before = sent.identity.ends
    sent.take()
    assert sent.identity.ends > before
    clock.advance(200 * 86_400)
    sent.put()
    (became,) = depot.take(sent.stick)
    assert "ended too long ago" in became.problems[0]


def test_no_byte_that_was_changed_passes_at_the_depot(sent: Car, depot: StickDepot) -> None:
    for which in (INDEX, "*.head", "*.pack"):
        for where in (0.0, 0.05, 0.5, 0.999):
            whole = {file: file.read_bytes() for file in sent.to_depot.glob(which)}
            for file in whole:
                spoil(file, where)
            (became,) = depot.take(sent.stick)
            assert became.records == 0, (which, where)
            assert became.problems
            for file, content in whole.items():
                file.write_bytes(content)
    assert depot.held() == []


def test_no_byte_that_was_changed_passes_in_the_car(answered: Car) -> None:
    whole = (answered.to_car / ANSWER).read_bytes()
    for where in (0.0, 0.05, 0.5, 0.999):
        spoil(answered.to_car / ANSWER, where)
        with pytest.raises(StickFault) as refused:
            answered.take()
        assert str(refused.value) == NOT_OURS, where
        (answered.to_car / ANSWER).write_bytes(whole)
    assert answered.outbox.waiting() == 4
    assert answered.stands.lists == {}


def test_a_list_that_was_changed_on_the_stick_is_refused_and_the_old_one_stays(
    answered: Car, depot: StickDepot
) -> None:
    answered.take()
    (head, before) = answered.stands.lists["stolen"]
    depot.publish(9)
    answered.put()
    depot.take(answered.stick)
    for file in answered.to_car.glob("*.list"):
        spoil(file, 0.5)
    taken = answered.take()
    assert not taken.up_to_date
    assert "Stolen NOT updated" in answered.problems
    assert "It did not arrive as it was signed." in answered.problems
    assert answered.stands.lists["stolen"] == (head, before)
    depot.take(answered.stick)  # the depot finds the spoilt file, and writes it anew
    assert answered.take().up_to_date
    assert answered.stands.lists["stolen"][0].revision == 2


def spoil(file: Path, where: float) -> None:
    content = bytearray(file.read_bytes())
    place = min(len(content) - 1, int(len(content) * where))
    content[place] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("read", [index_of, head_of, closed_of, answer_of])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=300)
    | st.recursive(
        st.none() | st.text(max_size=8), lambda one: st.lists(one) | st.dictionaries(st.text(max_size=8), one)
    )
    .map(repr)
    .map(str.encode)
)
def test_no_content_ends_in_anything_but_a_refusal(read, content: bytes) -> None:
    with pytest.raises(BadStick):
        read(content)
    with suppress(BadStick):
        parted(content)


def test_names_of_windows_and_of_the_world_are_never_used(tmp_path: Path) -> None:
    made = StickFolder(tmp_path, FOLDER)
    made.make()
    for name in ("a\0b", "x" * 300):
        assert made.size(name) is None
        assert made.read(name, 10) is None

"""The car's own list: in force at once, over restarts and syncs, to its time; a loss is told."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from patrol_anpr.domain.by_hand import Lifetime, OwnVoi
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.hotlist import Hotlist, Tier
from patrol_anpr.hotlists import own as own_module
from patrol_anpr.hotlists.matcher import Matcher
from patrol_anpr.hotlists.own import FILE, LOST, MOST_ENTRIES, OwnList
from patrol_anpr.hotlists.shelf import Shelf
from tests.conftest import FakeClock
from tests.made import NOW, SHIFT

KEY = bytes(range(32))
LIST = "TX64KZW,FORD,FOCUS,BLUE,STOP,,STOLEN,D01,,TESTSHIRE,,T/1,,,,\n"


class Car:
    """The lists of one car, from one start of the program to the next."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.matcher = Matcher()
        self.shelf = Shelf(folder, KEY, self.matcher, clock)
        self.faults = self.shelf.load()
        self.own = OwnList(self.shelf, "TA14", self.matcher, clock)
        self.lost = self.own.load()
        self.clock = clock

    def reasons(self, vrm: str) -> list[str]:
        return [match.voi.reason for match in self.matcher.match(vrm, self.clock.utc())]


@pytest.fixture
def start(tmp_path: Path, clock: FakeClock) -> Iterator[Callable[[], Car]]:
    cars: list[Car] = []

    def begin() -> Car:
        cars.append(Car(tmp_path / "lists", clock))
        return cars[-1]

    yield begin
    for car in cars:
        car.matcher.close()


def an_entry(vrm: str = "AB12CDE", lifetime: Lifetime = Lifetime.DAY, **changes: Any) -> OwnVoi:
    entry = OwnVoi(
        f"voi-{vrm}",
        vrm,
        "Drove off from fuel",
        Tier.PRIORITY,
        lifetime,
        "4821",
        SHIFT,
        NOW,
        NOW + lifetime.longest,
    )
    return replace(entry, **changes)


def put_list(car: Car, tmp_path: Path, list_id: str = "stolen", revision: int = 1) -> None:
    file = tmp_path / "list.csv"
    file.write_text(LIST)
    head = Hotlist(list_id, "Stolen", "Force", revision, Tier.PRIORITY, NOW)
    car.shelf.put_in_force(head, file)


def test_an_entry_is_in_force_at_once_and_after_a_restart(start: Callable[[], Car]) -> None:
    car = start()
    assert car.reasons("AB12CDE") == []
    car.own.add(an_entry())
    assert car.reasons("AB12CDE") == ["Drove off from fuel"]
    assert car.reasons("A812CDE") == ["Drove off from fuel"]  # a CHECK, as of any list
    again = start()
    assert again.reasons("AB12CDE") == ["Drove off from fuel"]
    assert again.own.entries == car.own.entries == (an_entry(),)
    assert (again.lost, list(again.faults)) == ("", [])


def test_a_sync_neither_removes_nor_replaces_it(start: Callable[[], Car], tmp_path: Path) -> None:
    car = start()
    car.own.add(an_entry())
    put_list(car, tmp_path)
    car.shelf.settle()
    put_list(car, tmp_path, revision=2)
    with pytest.raises(BadInput, match="cannot begin with"):
        put_list(car, tmp_path, list_id="own-ta14", revision=9)
    with pytest.raises(BadInput, match="no list of that name"):
        car.shelf.forget("own-ta14")
    again = start()
    assert again.reasons("AB12CDE") == ["Drove off from fuel"]
    assert again.reasons("TX64KZW") == ["STOLEN"]
    assert (again.lost, list(again.faults)) == ("", [])


def test_an_entry_ends_at_its_time_to_the_second(start: Callable[[], Car], clock: FakeClock) -> None:
    car = start()
    car.own.add(an_entry())
    clock.advance(timedelta(days=1).total_seconds() - 1)
    assert car.reasons("AB12CDE")
    clock.advance(1)
    assert car.reasons("AB12CDE") == []
    assert car.own.entries == ()
    car.own.add(an_entry("LM19XYZ", made_at=clock.utc(), expires_at=clock.utc() + timedelta(days=1)))
    assert "AB12CDE" not in str(own_module._CONTENT.dump_python(car.own._content))  # weeded from the file too


def test_an_entry_is_withdrawn_for_good(start: Callable[[], Car]) -> None:
    car = start()
    car.own.add(an_entry())
    car.own.add(an_entry("LM19XYZ"))
    assert car.own.withdraw("voi-AB12CDE") == an_entry()
    with pytest.raises(BadInput, match="not in force any more"):
        car.own.withdraw("voi-AB12CDE")
    assert [entry.vrm for entry in start().own.entries] == ["LM19XYZ"]
    car.own.withdraw("voi-LM19XYZ")
    assert list(car.matcher.hotlists) == []
    assert start().lost == ""


@pytest.mark.parametrize("loss", ["gone", "damaged", "older"])
def test_lost_entries_are_told_once(start: Callable[[], Car], tmp_path: Path, loss: str) -> None:
    car, file = start(), tmp_path / "lists" / FILE
    car.own.add(an_entry())
    older = file.read_bytes()
    car.own.add(an_entry("LM19XYZ"))
    if loss == "gone":
        file.unlink()
    else:
        file.write_bytes(older if loss == "older" else older[:-1] + b"?")
    again = start()
    assert again.lost == LOST
    assert [entry.vrm for entry in again.own.entries] == (["AB12CDE"] if loss == "older" else [])
    assert start().lost == ""


def test_a_disk_that_refuses_changes_nothing(start: Callable[[], Car], monkeypatch: pytest.MonkeyPatch) -> None:
    car = start()
    car.own.add(an_entry())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(own_module, "write_whole", full)
        with pytest.raises(RecordsFault, match="No space left"):
            car.own.add(an_entry("LM19XYZ"))
        with pytest.raises(RecordsFault, match="No space left"):
            car.own.withdraw("voi-AB12CDE")
    assert car.reasons("AB12CDE")
    assert car.reasons("LM19XYZ") == []
    assert [entry.vrm for entry in start().own.entries] == ["AB12CDE"]


def test_no_mark_of_it_stands_in_plain_on_the_disk(start: Callable[[], Car], tmp_path: Path) -> None:
    start().own.add(an_entry())
    for file in (tmp_path / "lists").iterdir():
        assert b"AB12CDE" not in file.read_bytes()


def test_too_many_entries_are_a_sentence(start: Callable[[], Car]) -> None:
    car = start()
    car.own._content = replace(car.own._content, entries=(an_entry(),) * MOST_ENTRIES)
    with pytest.raises(BadInput, match="Withdraw some first"):
        car.own.add(an_entry("LM19XYZ"))

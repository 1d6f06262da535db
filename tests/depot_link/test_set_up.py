"""Who may sign on and what may be done about a hit: signed for this car and this question, or what was stays."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug import Request, Response

from patrol_anpr.depot import DepotServer, import_roster
from patrol_anpr.depot.cars import assign_unit
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot_link.set_up import EMPTY, NOT_SIGNED
from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.wire.payloads import RosterOfficer
from patrol_anpr.wire.set_up import WHAT, CarSetUp, SetUpReply
from tests.depot_link.attacker import NOW, Attacker

OFFICER = RosterOfficer(officer_id="PC2", name="Bo", pin_hash="$argon2id$y")


def names(car) -> list[str]:
    return [officer.officer_id for officer in car.officers]


def roster(folder: Path, tmp_path: Path, *lines: str) -> None:
    (tmp_path / "roster.csv").write_text("\n".join(lines))
    import_roster(folder, tmp_path / "roster.csv")


def test_a_depot_signs_what_a_car_is_set_up_with(depot: DepotServer, depot_folder: Path, make_link, car, tmp_path):
    roster(depot_folder, tmp_path, "PC1,Ann,73052846")
    link = make_link(depot.url)
    link.download(car.steps.append)
    assert names(car) == ["PC1"]
    assert not [problem for problem in (EMPTY, NOT_SIGNED) if problem in car.problem]


def test_a_car_gets_the_officers_of_its_unit_and_those_of_none(
    depot: DepotServer, depot_folder: Path, make_link, car, tmp_path
):
    roster(
        depot_folder,
        tmp_path,
        "PC1,Ann,73052846,North",
        "PC2,Bo,73052847,South",
        "PC3,Cy,73052848,",
        "PC4,Di,73052849,NORTH",
    )
    link = make_link(depot.url)
    for unit, expected in (("", 4), ("North", 3), ("south", 2), ("East", 1)):
        assign_unit(depot_folder, "TA14", unit)
        link.download(car.steps.append)
        assert len(names(car)) == expected, unit
    assert names(car) == ["PC3"], "who belongs to none signs on everywhere"


class Forger:
    """Answers the question with what `make` says, signed by the depot's own key or another one."""

    def __init__(self, attacker: Attacker, folder: Path) -> None:
        self.keys, self.folder = DepotKeys(folder), folder
        self.asked: list[str] = []
        self.make: Callable[[str], SetUpReply | Response] = self.signed
        attacker.set_up = self._answer

    def _answer(self, request: Request) -> Response:
        self.asked.append(request.args["nonce"])
        said = self.make(request.args["nonce"])
        return said if isinstance(said, Response) else Response(said.model_dump_json(), mimetype="application/json")

    def signed(self, nonce: str, /, **said: object) -> SetUpReply:
        content = {
            "what": WHAT,
            "depot_id": self.keys.depot_id,
            "car_id": "TA14",
            "nonce": nonce,
            "at": NOW,
            "officers": [OFFICER],
            "dispositions": [],
        }
        return SetUpReply.of(CarSetUp.model_validate(content | said), self.keys.receipts)


@pytest.fixture
def forger(attacker: Attacker, depot_folder: Path, identity) -> Forger:
    return Forger(attacker, depot_folder)


@pytest.fixture
def link(forger: Forger, attacker: Attacker, make_link, car):
    """A car that was set up by its depot once."""
    link = make_link(attacker.url)
    link.download(car.steps.append)
    assert names(car) == ["PC2"]
    attacker.now += timedelta(hours=2)
    return link


def assert_refused(link, car) -> None:
    car.officers = ()
    link.download(car.steps.append)
    assert names(car) == [], "the car keeps what it has"
    assert NOT_SIGNED in car.problem


def test_each_question_is_another(link, forger, car):
    link.download(car.steps.append)
    assert len(set(forger.asked)) == 2


def test_an_old_answer_is_refused_though_it_was_genuine(link, forger, car):
    old = forger.signed(forger.asked[0])
    forger.make = lambda _: old
    assert_refused(link, car)


@pytest.mark.parametrize("said", [{"car_id": "TA15"}, {"depot_id": "another"}, {"nonce": "0" * 32}], ids=str)
def test_what_was_signed_for_another_is_refused(link, forger, car, said):
    forger.make = lambda nonce: forger.signed(nonce, **said)
    assert_refused(link, car)


def test_a_changed_answer_and_one_of_another_key_are_refused(link, forger, car, tmp_path):
    forger.make = lambda nonce: forger.signed(nonce).model_copy(
        update={"set_up": forger.signed(nonce).set_up.replace("PC2", "PC9")}
    )
    assert_refused(link, car)
    other = DepotKeys(tmp_path / "other")
    forger.make = lambda nonce: SetUpReply.of(CarSetUp.model_validate_json(forger.signed(nonce).set_up), other.receipts)
    assert_refused(link, car)


@pytest.mark.parametrize("statement", ["{}", "[]", "nonsense", '{"what":"patrol-anpr receipt"}'])
def test_something_else_that_the_depot_signed_is_refused(link, forger, car, statement: str):
    signature = forger.keys.receipts.sign(statement.encode()).hex()
    forger.make = lambda _: SetUpReply(set_up=statement, signature=signature)
    assert_refused(link, car)


def test_a_depot_that_signed_once_is_not_believed_without(link, forger, car):
    """Whoever stands between says that there is no such thing, and offers the old way."""
    forger.make = lambda _: Response("{}", 404)
    assert_refused(link, car)


def test_a_depot_of_an_earlier_version_is_believed_until_it_signs(forger, attacker, make_link, car):
    link = make_link(attacker.url)
    forger.make = lambda _: Response("{}", 404)
    link.download(car.steps.append)
    assert names(car) == ["PC1"]
    forger.make = forger.signed
    link.download(car.steps.append)
    assert names(car) == ["PC2"]
    forger.make = lambda _: Response("{}", 404)
    assert_refused(link, car)


def test_an_empty_roster_locks_nobody_out(link, forger, car):
    forger.make = lambda nonce: forger.signed(nonce, officers=[])
    car.officers = ()
    link.download(car.steps.append)
    assert EMPTY in car.problem


def test_a_refusal_is_no_answer_of_a_depot(link, forger, car):
    forger.make = lambda _: Response("{}", 418)
    with pytest.raises(DepotFault, match="other than the depot"):
        link.download(car.steps.append)

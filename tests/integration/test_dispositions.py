"""What may be done about a hit comes from the depot; what was said stays readable when its table changes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dispositions import dispositions_of, import_dispositions
from patrol_anpr.depot_link import channel as link_channel
from patrol_anpr.domain.disposition import BUILT_IN, Disposition, DispositionKind, as_recorded
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hit import ControlAnswer
from patrol_anpr.wire.payloads import Kind, OutcomePayload
from tests.integration.cars import LISTED, Depot, driving, pictures, settings_of, sign_on, write_csv
from tests.made import a_read

TABLE = [
    ("id", "word", "kind"),
    ("stopped_arrest", "Arrested", "stopped"),
    ("stopped_fine", "Fixed penalty", "stopped"),
    ("left", "Let go", "not_stopped"),
    ("other_force", "Told next force", "passed"),
]
FINE = Disposition("stopped_fine", "Fixed penalty", DispositionKind.STOPPED)


def publish(depot: Depot, folder: Path, table: list[tuple[str, ...]]) -> None:
    import_dispositions(depot.folder, write_csv(folder / "reasons.csv", table))


def test_a_car_uses_the_depots_table_and_old_outcomes_keep_their_word(tmp_path: Path) -> None:
    settings_folder = tmp_path / "car"
    settings_folder.mkdir()
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(settings_folder, depot=depot)
        with driving(settings) as (car, _):
            assert car.patrol.dispositions() == BUILT_IN
            publish(depot, tmp_path, TABLE)
            assert car.patrol.start_sync().result(30)
            assert [one.word for one in car.patrol.dispositions()] == [
                "Arrested",
                "Fixed penalty",
                "Let go",
                "Told next force",
            ]
            session = sign_on(car)
            hit_id = car.patrol.read_made(a_read(LISTED[0]), pictures(1))[0].hit_id
            session.confirm(hit_id, looked=True)
            with pytest.raises(BadInput, match="A stop needs a look"):
                session.dispose(hit_id, FINE)  # a stop in the depot's words needs what any stop needs
            session.answer(hit_id, ControlAnswer.CONFIRMED)
            session.dispose(hit_id, FINE)
            publish(depot, tmp_path, [("seized", "Towed", "stopped"), ("left", "Let go", "not_stopped")])
            assert car.patrol.start_sync().result(30)
            assert [one.value for one in car.patrol.dispositions()] == ["seized", "left"]
            assert car.records.flush(20)
            assert car.records.outcomes(hit_id)[-1].disposition == FINE
        with driving(settings) as (car, _):
            assert [one.value for one in car.patrol.dispositions()] == ["seized", "left"], "kept without the depot"
            sign_on(car)
            ((hit, _),) = car.patrol.shift_hits()
            assert hit.disposition == FINE
            assert car.patrol.sign_off().result(30) == 0
        told = [one for one in depot.holds().payloads[Kind.OUTCOME] if isinstance(one, OutcomePayload)]
        assert [(one.disposition, one.disposition_word, one.disposition_kind) for one in told if one.disposition] == [
            ("stopped_fine", "Fixed penalty", DispositionKind.STOPPED)
        ]


def test_an_empty_table_brings_the_built_in_one_back(tmp_path: Path) -> None:
    with Depot(tmp_path / "depot") as depot, driving(settings_of(tmp_path, depot=depot)) as (car, _):
        publish(depot, tmp_path, TABLE)
        assert car.patrol.start_sync().result(30)
        publish(depot, tmp_path, [])
        assert car.patrol.start_sync().result(30)
        assert car.patrol.dispositions() == BUILT_IN


def test_a_depot_without_the_table_keeps_no_sync_from_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = link_channel.Channel.ask

    def without_it(self: link_channel.Channel, method: str, path: str, *rest: object, **more: object) -> object:
        return ask(self, method, "no-such-route" if path == "dispositions" else path, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(link_channel.Channel, "ask", without_it)
    with Depot(tmp_path / "depot") as depot, driving(settings_of(tmp_path, depot=depot)) as (car, _):
        assert car.patrol.start_sync().result(30)
        assert car.patrol.dispositions() == BUILT_IN


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ([("a", "A")], "Line 1 of the table must have 3 columns"),
        ([("a", "A", "jumped")], "unknown kind. Use one of: stopped, not_stopped, passed"),
        ([("a", "A", "stopped"), ("a", "B", "not_stopped")], "Line 2 names an id a second time"),
        ([("a", "", "stopped")], "Line 1 of the table has an id or a word that cannot be used"),
        ([("a b", "A", "stopped")], "an id or a word that cannot be used"),
        ([("a", "W" * 25, "stopped")], "a word has 1 to 24 characters"),
        ([(f"a{n}", "A", "stopped") for n in range(6)] + [("b", "B", "passed")], "room for 5"),
        ([("a", "A", "stopped")], "one that did not"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_whole_with_a_sentence(
    tmp_path: Path, table: list[tuple[str, ...]], says: str
) -> None:
    with Depot(tmp_path / "depot") as depot:
        publish(depot, tmp_path, TABLE)
        with pytest.raises(BadInput, match=says):
            publish(depot, tmp_path, table)
        database = DepotDatabase(depot.folder)
        assert [one.value for one in dispositions_of(database).dispositions] == [row[0] for row in TABLE[1:]]
        database.close()


@given(st.sampled_from(BUILT_IN))
def test_what_was_recorded_before_depots_had_tables_has_the_word_of_the_built_in_one(done: Disposition) -> None:
    assert as_recorded(done.value, None, None) == done


def test_a_recorded_id_that_nobody_knows_is_readable_and_a_stop_stays_a_stop() -> None:
    done = as_recorded("stopped_for_tea", None, None)
    assert done is not None
    assert (done.word, done.is_stop) == ("Stopped for tea", True)
    assert as_recorded(None, None, None) is None

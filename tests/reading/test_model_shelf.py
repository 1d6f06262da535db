"""The models of the depot as the car keeps them: what reads is always a whole set that passed, or the program's."""

from pathlib import Path

import pytest

from patrol_anpr.domain.errors import ModelRefused, RecordsFault
from patrol_anpr.reading import model_note, model_shelf
from patrol_anpr.reading.model_note import FILE
from patrol_anpr.reading.model_shelf import CRASHED, DAMAGED, MOST_TRIES, ModelShelf
from patrol_anpr.reading.models import find_models
from patrol_anpr.resources import MODELS
from patrol_anpr.wire.models import ModelSet, ShadowCounts
from tests.reading.models_made import a_set

ROLE = "model-all"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def shelf(folder: Path) -> ModelShelf:
    return ModelShelf(folder, MODELS)


def passed(shelf: ModelShelf, models: ModelSet) -> Path:
    """Put a set on the shelf that passes; its files are those of the program."""
    shelf.take(models, ROLE)
    place = shelf.to_try()
    if place is not None:
        shelf.judge(place, "")
    return shelf.begin()


def test_a_set_reads_once_it_passed_and_the_program_was_started_again(shelf: ModelShelf, folder: Path) -> None:
    shelf.take(a_set(), ROLE)
    assert shelf.begin() == MODELS
    place = shelf.to_try()
    assert place is not None
    assert find_models(place).faults == {}, "in the form of the shipped ones"
    shelf.judge(place, "")
    assert (shelf.in_use, shelf.standing().state) == (MODELS, "ready")  # type: ignore[union-attr]
    again = ModelShelf(folder, MODELS)
    assert again.begin() == place
    assert (again.in_use, again.reading, again.standing().state) == (place, place, "in use")  # type: ignore[union-attr]
    assert again.to_try() is None, "once is enough"


def test_one_that_did_not_pass_is_never_tried_again_under_whatever_name(shelf: ModelShelf, folder: Path) -> None:
    shelf.take(a_set(), ROLE)
    place = shelf.to_try()
    assert place is not None
    shelf.judge(place, "They read 3 of 48 plates.")
    assert shelf.begin() == MODELS
    for revision, one in ((1, shelf), (2, ModelShelf(folder, MODELS))):
        one.take(a_set(revision, name="Another name"), ROLE)
        assert one.to_try() is None
        assert one.problem == "They read 3 of 48 plates."
        standing = one.standing()
        assert standing is not None
        assert (standing.state, standing.why) == ("refused", "They read 3 of 48 plates.")


def test_a_test_card_that_comes_to_no_end_is_one_that_did_not_pass(folder: Path) -> None:
    ModelShelf(folder, MODELS).take(a_set(), ROLE)
    for _ in range(MOST_TRIES):
        assert ModelShelf(folder, MODELS).to_try() is not None  # and the computer stood still
    shelf = ModelShelf(folder, MODELS)
    assert shelf.to_try() is None
    assert shelf.problem == model_shelf.NO_END


def test_a_try_that_the_end_of_the_program_broke_off_does_not_count(folder: Path) -> None:
    shelf = ModelShelf(folder, MODELS)
    shelf.take(a_set(), ROLE)
    for _ in range(2 * MOST_TRIES):
        place = shelf.to_try()
        assert place is not None
        shelf.not_tried(place)


def test_after_crashes_the_models_of_the_program_read_and_those_of_the_depot_no_more(
    shelf: ModelShelf, folder: Path
) -> None:
    assert passed(shelf, a_set()) != MODELS
    safe = ModelShelf(folder, MODELS, reads=False)
    assert safe.begin() == MODELS
    safe.give_up(CRASHED)
    assert safe.standing().why == CRASHED  # type: ignore[union-attr]
    after = ModelShelf(folder, MODELS)
    assert after.begin() == MODELS
    assert after.problem == CRASHED
    after.take(a_set(2), ROLE)
    assert after.to_try() is None


def test_settings_that_want_none_take_none_and_say_so(folder: Path) -> None:
    shelf = ModelShelf(folder, MODELS, reads=False)
    shelf.take(a_set(), ROLE)
    assert shelf.to_try() is None
    assert (shelf.begin(), shelf.shadow, shelf.problem) == (MODELS, None, "")
    assert shelf.standing().state == "not used"  # type: ignore[union-attr]


@pytest.mark.parametrize("wound", ["changed", "deleted"])
def test_a_set_that_was_damaged_on_the_disk_gives_way_and_is_fetched_again(
    shelf: ModelShelf, folder: Path, wound: str
) -> None:
    place = passed(shelf, a_set())
    file = place / "plate_ocr_uk.onnx"
    if wound == "changed":
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    else:
        file.unlink()
    again = ModelShelf(folder, MODELS)
    assert again.begin() == MODELS
    assert again.newest is None, "so that the next sync fetches it"
    assert again.problem == DAMAGED
    again.take(a_set(), ROLE)
    assert ModelShelf(folder, MODELS).begin() == place, "it had passed"


@pytest.mark.parametrize("note", [b"", b"{", b'{"newest": 1}', b"\xff"])
def test_a_note_that_cannot_be_read_is_none(shelf: ModelShelf, folder: Path, note: bytes) -> None:
    passed(shelf, a_set())
    (folder / FILE).write_bytes(note)
    again = ModelShelf(folder, MODELS)
    assert (again.begin(), again.newest, again.standing()) == (MODELS, None, None)


def test_a_set_that_is_not_whole_is_not_kept(shelf: ModelShelf) -> None:
    models = a_set()
    other = models.files[0].model_copy(update={"sha256": "0" * 64})
    with pytest.raises(ModelRefused):
        shelf.take(models.model_copy(update={"files": (other, *models.files[1:])}), ROLE)
    assert shelf.newest is None


def test_a_disk_that_refuses_leaves_what_was(shelf: ModelShelf, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = passed(shelf, a_set())

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(model_note, "write_whole", full)
        with pytest.raises(RecordsFault, match="could not be written"):
            shelf.take(a_set(2), ROLE)
    assert shelf.newest is not None
    assert shelf.newest.head.revision == 1
    assert ModelShelf(folder, MODELS).begin() == place


def test_a_shadow_never_takes_over_and_what_it_counted_stays(shelf: ModelShelf, folder: Path) -> None:
    assert passed(shelf, a_set(shadow=True)) == MODELS
    assert shelf.shadow is not None
    counts = ShadowCounts(pictures=7, agree=5, differ=1, characters=(1, 0, 0, 0, 0, 0))
    shelf.keep_counts(shelf.shadow, counts)
    again = ModelShelf(folder, MODELS)
    assert again.begin() == MODELS
    assert again.counts_of(again.shadow) == counts  # type: ignore[arg-type]
    standing = again.standing()
    assert standing is not None
    assert (standing.state, standing.shadow) == ("shadow", counts)
    again.take(a_set(2), ROLE)  # the same files, now meant
    assert again.shadow is None
    assert again.begin() != MODELS


def test_nothing_is_left_of_sets_that_nothing_leads_to(shelf: ModelShelf, folder: Path, tmp_path: Path) -> None:
    passed(shelf, a_set())
    shelf.withdraw(ROLE, 1)
    assert shelf.begin() == MODELS
    assert list((folder / "sets").iterdir()) == []


def test_a_file_that_windows_holds_keeps_no_set_from_being_tried(
    shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = Path.unlink

    def held(path: Path, missing_ok: bool = False) -> None:
        if path.parent.name == "arriving":
            raise PermissionError
        unlink(path, missing_ok)

    told: list[None] = []
    shelf.on_change = lambda: told.append(None)
    monkeypatch.setattr(Path, "unlink", held)
    shelf.take(a_set(), ROLE)
    assert told == [None]
    assert shelf.to_try() is not None

"""Sentences are told anew in another language, with what stands in their places; the engine's stay English."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.sentences import Sentence, counted, joined, sentence
from patrol_anpr.plumbing.language import ENGLISH, language_in_force, translate, use_language
from patrol_anpr.resources import ASSETS

LOCALE = ASSETS / "locale"


@pytest.fixture
def welsh() -> Iterator[None]:
    use_language("cy", LOCALE)
    yield
    use_language(ENGLISH, LOCALE)


def test_a_sentence_is_an_english_text() -> None:
    made = sentence("Disk {percent:.0f} %", percent=93.4)
    assert isinstance(made, str)
    assert made == "Disk 93 %"
    assert f"{made}!" == "Disk 93 %!"


def test_in_english_nothing_changes() -> None:
    assert language_in_force() == ENGLISH
    for text in ("", "No list", sentence("List {hours} h", hours=3), counted("1 read", "{count} reads", 2)):
        assert translate(text) == text


@pytest.mark.usefixtures("welsh")
def test_places_are_filled_in_the_other_language() -> None:
    assert translate("No list") == "Dim rhestr"
    assert translate(sentence("List {hours} h", hours=3)) == "Rhestr 3 awr"
    assert translate(sentence("{camera} lost", camera=sentence("Rear"))) == "Cefn ar goll"
    assert translate(sentence("{camera} lost", camera="Boot")) == "Boot ar goll"
    assert translate("what no catalogue knows") == "what no catalogue knows"


@pytest.mark.usefixtures("welsh")
@pytest.mark.parametrize(
    ("count", "told"), [(1, "1 cofnod"), (2, "2 gofnod"), (3, "3 chofnod"), (6, "6 chofnod"), (7, "7 cofnod")]
)
def test_each_count_has_its_form(count: int, told: str) -> None:
    assert translate(counted("1 record", "{count} records", count)) == told


@pytest.mark.usefixtures("welsh")
def test_sentences_after_each_other_are_each_translated() -> None:
    told = joined("Upload at the depot when you can.", "", sentence("{lists}: out of force.", lists="A {b}"))
    assert told == "Upload at the depot when you can. A {b}: out of force."
    assert translate(told) == "Lanlwythwch yn y depo pan allwch. A {b}: ddim mewn grym."


@pytest.mark.usefixtures("welsh")
def test_an_error_keeps_what_it_was_made_of() -> None:
    error = BadInput(
        "There is no file {file}. Copy the depot's certificate to this computer, or change depot.ca_file.", file="x"
    )
    assert str(error).startswith("There is no file x.")
    assert translate(error.sentence).startswith("Nid oes ffeil x.")


def test_a_language_without_a_catalogue_is_english() -> None:
    use_language("cy", LOCALE / "nowhere")
    assert language_in_force() == ENGLISH
    assert translate("No list") == "No list"


@pytest.mark.parametrize("kept", [0, 10, 21, 3000, -100])
def test_a_damaged_catalogue_is_english(tmp_path: Path, kept: int) -> None:
    file = Path("cy", "LC_MESSAGES", "patrol_anpr.mo")
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_bytes((LOCALE / file).read_bytes()[:kept])
    use_language("cy", tmp_path)
    assert language_in_force() == ENGLISH
    assert translate("No list") == "No list"


@given(st.text())
def test_a_text_without_places_is_taken_as_it_is(text: str) -> None:
    made = sentence(text)
    assert made == text
    assert translate(made) == text
    assert sentence(made) is made
    assert isinstance(joined(made, "b"), Sentence)

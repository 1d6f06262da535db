"""The account holds every field of every record: nothing of a Read is left out of its evidence."""

from dataclasses import fields, is_dataclass
from typing import Any

from patrol_anpr.domain.read import Read
from patrol_anpr.evidence.account import NOT_RECORDED, account, moment, text_of
from patrol_anpr.evidence.canonical import records_of
from tests.evidence.made import AT, ORIGIN, READ, a_dossier, a_request


def said(**changes: Any) -> list[tuple[str, str, str]]:
    sections = account(a_dossier(**changes), a_request(__import__("pathlib").Path("/e")), ORIGIN, AT)
    return [(section.title, line.name, line.value) for section in sections for line in section.lines]


def leaves(value: Any) -> list[Any]:
    return [leaf for field in fields(value) for leaf in ([getattr(value, field.name)])]


def test_every_field_of_the_read_its_hit_and_its_outcomes_is_said() -> None:
    values = {value for _, _, value in said()}
    dossier = a_dossier()
    hit = dossier.hits[0].hit
    assert dossier.shift is not None
    assert READ.fix is not None
    records = [
        READ,
        READ.fix,
        dossier.shift,
        hit,
        hit.match,
        hit.match.hotlist,
        hit.match.voi,
        *dossier.hits[0].outcomes,
        *dossier.corrections,
    ]
    for record in records:
        for field in fields(record):
            if field.name == "decided_monotonic":  # kept in no record
                continue
            value = getattr(record, field.name)
            if not is_dataclass(value) or field.name == "box":
                assert text_of(value) in values, field.name


def test_each_character_has_its_confidence() -> None:
    found = [(name, value) for title, name, value in said() if title == "Confidence by character"]
    assert found[0] == ("1: Z", "99.0")
    assert len(found) == len(READ.vrm)


def test_a_read_without_a_place_says_so() -> None:
    assert ("Position", "Position", NOT_RECORDED) in said(read=Read(**{**_plain(READ), "fix": None, "fix_age": None}))


def _plain(read: Read) -> dict[str, Any]:
    return {field.name: getattr(read, field.name) for field in fields(read)}


def test_the_mark_of_the_list_is_never_called_the_mark_that_was_read() -> None:
    names = {(title, name) for title, name, _ in said()}
    assert ("The read", "Mark as it was read") in names
    assert ("Hit 1: the entry as the list has it", "Mark on the list") in names


def test_a_time_is_said_in_utc_and_on_the_wall() -> None:
    assert moment(AT).startswith("2026-11-21 21:43:05.123 UTC (")
    assert "local, UTC" in moment(AT)


def test_records_have_their_own_hashes_and_a_hit_names_its_read() -> None:
    records = records_of(a_dossier())
    assert [one.kind for one in records] == ["read", "shift", "hit", "outcome", "outcome", "correction"]
    assert records[2].value["read"] == READ.read_id
    assert len({one.sha256 for one in records}) == len(records)


def test_a_look_that_is_not_on_record_is_not_said_not_to_have_been() -> None:
    """Outcomes of earlier versions have no such field."""
    looks = [value for _, name, value in said() if name == "Said with the picture on the screen"]
    assert looks == [NOT_RECORDED, NOT_RECORDED]

"""The words that the screen shows and the voice says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.hotlist import Voi
from patrol_anpr.domain.wording import camera_name, markers, sentence_case, vehicle


@pytest.mark.parametrize(
    ("colour", "make", "model", "words"),
    [
        ("SILVER", "FORD", "FOCUS", "Silver Ford Focus"),
        ("BLUE", "BMW", "XC90", "Blue BMW XC90"),
        ("blue", "bmw", "xc90", "Blue BMW XC90"),
        ("Blue", "Bmw", "Xc90", "Blue BMW XC90"),
        ("RED", "MG", "MG4", "Red MG MG4"),
        ("WHITE", "VW", "UP!", "White VW Up!"),
        ("WHITE", "VW", "GOLF GTI", "White VW Golf GTI"),
        ("GREY", "CITROEN", "C4 CACTUS", "Grey Citroen C4 Cactus"),
        ("GREY", "CITROËN", "C3", "Grey Citroën C3"),
        ("BLACK", "DS", "DS3", "Black DS DS3"),
        ("WHITE", "LDV", "HGV", "White LDV HGV"),
        ("BLACK", "MERCEDES-BENZ", "GLA 200D", "Black Mercedes-Benz GLA 200D"),
        ("SILVER", "ROLLS-ROYCE", "GHOST", "Silver Rolls-Royce Ghost"),
        ("GREEN", "HONDA", "CR-V", "Green Honda CR-V"),
        ("GREEN", "MAZDA", "CX-5", "Green Mazda CX-5"),
        ("GREEN", "NISSAN", "X-TRAIL", "Green Nissan X-Trail"),
        ("GREEN", "JAGUAR", "XE", "Green Jaguar XE"),
        ("GREEN", "FORD", "KA", "Green Ford Ka"),
        ("GREEN", "BYD", "SEAL", "Green BYD Seal"),
        ("GREEN", "DAF", "LF", "Green DAF LF"),
        ("GREEN", "KIA", "CEE'D", "Green Kia Cee'd"),
        ("GREEN", "MINI", "COOPER S", "Green Mini Cooper S"),
        ("GREEN", "SEAT", "IBIZA", "Green Seat Ibiza"),
        ("ORANGE", "McLaren", "570S", "Orange McLaren 570S"),
        ("BLACK/RED", "SMART", "FORTWO", "Black/Red Smart Fortwo"),
        ("", "FORD", "", "Ford"),
        ("", "", "", ""),
        ("  SILVER ", " ALFA   ROMEO ", "GIULIA", "Silver Alfa Romeo Giulia"),
    ],
)
def test_vehicles(colour: str, make: str, model: str, words: str) -> None:
    assert vehicle(Voi("AB12CDE", make=make, model=model, colour=colour)) == words


NAMES = st.text(st.sampled_from("ABCDEIMOSTUVWXYZ0123456789 -'/!.Ëé"), max_size=12)


@given(NAMES, NAMES, NAMES)
def test_the_letters_of_a_vehicle_stay_and_doing_it_twice_changes_nothing(colour: str, make: str, model: str) -> None:
    once = vehicle(Voi("AB12CDE", make=make, model=model, colour=colour))
    assert once.casefold().split() == " ".join((colour, make, model)).casefold().split()
    assert vehicle(Voi("AB12CDE", make=once)) == once


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("FI", ("firearms",)),
        ("fi", ("firearms",)),
        ("FI VI", ("firearms", "violent")),
        ("FI/VI;EX,WE", ("firearms", "violent", "explosives", "weapons")),
        ("VI FI VI", ("violent", "firearms")),
        ("DR ES SU", ("drugs", "escaper", "suicidal")),
        ("FI ZZ", ("firearms", "ZZ")),  # what we do not know is not made up
        ("FIREARMS", ("firearms",)),
        ("FIREARMS, VIOLENT", ("firearms", "violent")),
        ("WE HAVE NO MARKERS FOR HIM", ("we have no markers for him",)),
        ("Known to carry a knife", ("Known to carry a knife",)),
        ("", ()),
        (" , ", ()),
        ("-", ()),
    ],
)
def test_markers(text: str, words: tuple[str, ...]) -> None:
    assert markers(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("STOLEN", "Stolen"),
        ("NO INSURANCE, NO MOT", "No insurance, no MOT"),
        ("MOT EXPIRED", "MOT expired"),
        ("SEEN ON A19 BY HGV", "Seen on A19 by HGV"),
        ("NO M.O.T. SINCE JUNE", "No M.O.T. since june"),
        ("SORN BROKEN. TWOC", "SORN broken. TWOC"),
        ("Stolen FROM a driveway", "Stolen FROM a driveway"),
        ("stolen", "stolen"),
        ("  TWO   SPACES ", "Two spaces"),
        ("", ""),
    ],
)
def test_sentences(text: str, words: str) -> None:
    assert sentence_case(text) == words


@pytest.mark.parametrize(
    ("camera_id", "name"), [("front", "Front"), ("rear_left", "Rear left"), ("rear-left", "Rear left"), ("", "")]
)
def test_cameras(camera_id: str, name: str) -> None:
    assert camera_name(camera_id) == name

"""Logins as RFC 7616 has them, and challenges as cameras write them."""

import pytest
from requests.auth import HTTPDigestAuth

from patrol_anpr.cameras.login import Challenge, Login, challenges, usable

RFC_7616 = (
    'realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
OURS = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def answer_to(head: str, user: str = "unit", password: str = "p:w", *, ours: str = "00") -> Challenge:
    """The answer to a challenge, taken apart as a challenge is."""
    login = Login(user, password, usable(challenges([head]))[0])
    return challenges([login.answer("/dir/index.html", nonce_of_ours=ours)])[0]


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_the_rfc(algorithm: str, response: str) -> None:
    head = f"Digest algorithm={algorithm}, {RFC_7616}"
    given = answer_to(head, "Mufasa", "Circle of Life", ours=OURS).values
    assert given["response"] == response
    assert (given["qop"], given["nc"], given["cnonce"]) == ("auth", "00000001", OURS)
    assert given["opaque"] == "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"


@pytest.mark.parametrize("algorithm", ["MD5", "MD5-SESS", "md5", "SHA-256", ""])
@pytest.mark.parametrize("qop", ["auth", ""])
def test_another_well_kept_client_answers_the_same(algorithm: str, qop: str) -> None:
    if algorithm == "MD5-SESS" and not qop:
        pytest.skip("the other client does not tell its nonce then")
    given = {"realm": "cam", "nonce": "n1"} | ({"algorithm": algorithm} if algorithm else {})
    given |= {"qop": qop} if qop else {}
    theirs = HTTPDigestAuth("unit", "p:w")
    theirs.init_per_thread_state()
    theirs._thread_local.chal = given  # type: ignore[attr-defined]
    header = theirs.build_digest_header("GET", "http://cam/dir/index.html")
    assert header
    expected = challenges([header])[0].values
    head = "Digest " + ", ".join(f'{name}="{value}"' for name, value in given.items())
    assert answer_to(head, ours=expected.get("cnonce", "00")).values["response"] == expected["response"]


def test_one_nonce_serves_several_requests_and_they_are_counted() -> None:
    login = Login("unit", "pw", challenges(['Digest realm="cam", nonce="1", qop="auth"'])[0])
    counts = [challenges([login.answer("/")])[0].values["nc"] for _ in range(3)]
    assert counts == ["00000001", "00000002", "00000003"]


def test_only_the_protection_of_the_body_is_offered() -> None:
    assert answer_to("Digest realm=cam, nonce=1, qop=auth-int").values["qop"] == "auth-int"


def test_a_user_name_that_the_camera_wants_hidden_is_hidden() -> None:
    given = answer_to("Digest realm=cam, nonce=1, algorithm=SHA-256, userhash=true").values
    assert given["username"] != "unit"
    assert len(given["username"]) == 64
    assert given["userhash"] == "true"


def test_words_beyond_ascii_are_sent_as_utf_8() -> None:
    login = Login("unit", "pässwörd", challenges(["Basic realm=cam"])[0])
    assert login.answer("/") == "Basic dW5pdDpww6Rzc3fDtnJk"


@pytest.mark.parametrize(
    "heads",
    [
        [
            'Digest realm="cam", nonce="1", qop="auth", algorithm=SHA-256',
            'Digest realm="cam", nonce="1"',
            "Basic realm=c",
        ],
        ["Basic realm=c", "Digest realm=cam,nonce=1", "Digest realm=cam, nonce=2, algorithm=sha-256"],
        ["Basic realm=c, Digest realm=cam, nonce=1, qop=auth, Digest realm=cam, nonce=2, algorithm=SHA-256"],
        ["NTLM", "Negotiate YWJj==", 'Bearer realm="x"', "Basic", "DIGEST nonce=1", "digest nonce=1,algorithm=SHA-256"],
        ["Digest realm=cam, qop=auth,auth-int, nonce=1, algorithm=SHA-256, Digest nonce=1, BASIC realm=x"],
    ],
)
def test_the_strongest_way_comes_first_wherever_it_stands(heads: list[str]) -> None:
    ways = [one.way for one in usable(challenges(heads))]
    assert ways == [("digest", "SHA-256"), ("digest", "MD5"), ("basic", "")]


def test_what_we_do_not_know_is_not_used() -> None:
    offered = challenges(["NTLM", 'Digest realm="cam", nonce="1", algorithm=SHA-3'])
    assert [one.scheme for one in offered] == ["ntlm", "digest"]
    assert usable(offered) == []


def test_commas_and_signs_within_quotes_belong_to_the_value() -> None:
    (only,) = challenges(['Digest realm="a, b=c \\" Basic d", nonce="x=="'])
    assert only.values == {"realm": 'a, b=c \\" Basic d', "nonce": "x=="}

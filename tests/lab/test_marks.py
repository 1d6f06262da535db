from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.vrm import VrmFormat, format_of, normalise
from patrol_anpr.lab.marks import UK_PROPORTIONS, random_mark, random_mark_of

FORMATS = [kind for kind in VrmFormat if kind is not VrmFormat.OTHER]


@given(st.integers(0, 2**32), st.sampled_from(FORMATS))
def test_an_invented_mark_is_lawful_in_its_format(seed, kind):
    mark = random_mark_of(np.random.default_rng(seed), kind)
    assert format_of(mark) is kind
    assert normalise(mark) == mark


def test_every_format_is_among_the_proportions():
    assert set(UK_PROPORTIONS) == set(FORMATS)


def test_the_same_seed_invents_the_same_marks():
    one, other = ([random_mark(np.random.default_rng(7)) for _ in range(5)] for _ in range(2))
    assert one == other


def test_formats_come_in_the_proportions_asked_for():
    rng = np.random.default_rng(1)
    wanted = {VrmFormat.CURRENT: 3.0, VrmFormat.SUFFIX: 1.0}
    seen = Counter(format_of(random_mark(rng, wanted)) for _ in range(2000))
    assert set(seen) == set(wanted)
    assert seen[VrmFormat.CURRENT] / 2000 == pytest.approx(0.75, abs=0.04)


def test_every_letter_and_digit_occurs():
    rng = np.random.default_rng(2)
    even = dict.fromkeys(FORMATS, 1.0)
    assert set("".join(random_mark(rng, even) for _ in range(3000))) == set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def test_there_is_no_rule_for_other():
    with pytest.raises(KeyError):
        random_mark_of(np.random.default_rng(0), VrmFormat.OTHER)

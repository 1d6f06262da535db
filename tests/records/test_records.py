"""What is kept is there again, as it was, after the program has ended."""

from pathlib import Path

import pytest
from made import AT, PICTURES, SHIFT, Heard, a_hit, a_read, a_shift, an_outcome, opened

from patrol_anpr.domain.hit import HitState, MatchKind
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift import Officer

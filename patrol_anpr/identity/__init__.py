"""Who this car is to its depot, and whom it believes: made once by enrolment, kept in a folder of its own."""

from patrol_anpr.identity.trust import Trust

__all__ = ["Trust"]

"""The car's side of the wire to the depot: lists down, records up, receipts checked. The only room with requests."""

from patrol_anpr.depot_link.channel import Patience
from patrol_anpr.depot_link.enrolling import enrol
from patrol_anpr.depot_link.link import Link

__all__ = ["Link", "Patience", "enrol"]

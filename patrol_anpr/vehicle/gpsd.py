"""gpsd's reports to Fixes."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.fix import Fix
from patrol_anpr.vehicle.fixes import FixCheck
from patrol_anpr.vehicle.reception import Reception, Sign

WATCH = b'?WATCH={"enable":true,"json":true}\n'
NO_RECEIVER = "gpsd runs, but has no receiver. Check the receiver's cable."
NO_GPSD = "What answers there is not gpsd. Check vehicle.gps in the settings."
OTHER_RECEIVER_SECONDS = 3.0
"""Where gpsd has several receivers, another one is listened to when the one in use gave no fix for this long."""

_TRAILING_COMMA = re.compile(r",\s*(?=[}\]])")  # older versions of gpsd write them
_NOT_MEASURED = (5, 8)  # estimated without satellites, simulated


class GpsdParser:
    """Takes gpsd's lines, one JSON object each, and tells its Reception of those that are no fix."""

    def __init__(self, clock: Clock, check: FixCheck | None = None, reception: Reception | None = None) -> None:
        self._clock = clock
        self._check = check or FixCheck()
        self._reception = reception
        self._is_gpsd = False
        self._receivers: set[str] = set()
        self._in_use: tuple[str, float] | None = None
        self._satellites: dict[str, int] = {}
        self._hdop: dict[str, float | None] = {}

    def feed(self, line: str) -> Fix | None:
        """Return a Fix when `line` gives a believable one. Nothing that a line can hold is raised."""
        report = _report(line)
        if report is None:
            if line.strip() and not self._is_gpsd:
                self._lacks(NO_GPSD)
            return None
        self._is_gpsd = True
        device = str(report.get("device", ""))
        match report.get("class"):
            case "TPV":
                return self._tpv(report, device)
            case "SKY":
                self._sky(report, device)
            case "DEVICES":
                self._devices(report)
            case "DEVICE":
                self._device(report)
            case "VERSION" | "WATCH" | "ERROR":
                pass  # about gpsd itself
            case _:
                self._sign(Sign.NO_PLACE)
        return None

    def _tpv(self, report: Mapping[str, object], device: str) -> Fix | None:
        now = self._clock.monotonic()
        if self._in_use is not None and device != self._in_use[0] and now - self._in_use[1] < OTHER_RECEIVER_SECONDS:
            return None
        latitude, longitude = _number(report.get("lat")), _number(report.get("lon"))
        measured = report.get("mode", 2) in (2, 3) and report.get("status") not in _NOT_MEASURED
        if not measured or latitude is None or longitude is None:
            if self._reception is not None:
                self._reception.satellites = self._satellites.get(device)
            self._lacks(None)
            self._sign(Sign.NO_FIX)
            return None
        fix = Fix(
            latitude=latitude,
            longitude=longitude,
            at_monotonic=now,
            at_utc=_moment(report.get("time")),
            speed=_number(report.get("speed")),
            heading=_number(report.get("track")),
            satellites=self._satellites.get(device),
            hdop=self._hdop.get(device),
        )
        accepted = self._check.accept(fix)
        if accepted is None:
            self._sign(Sign.DOUBTFUL)
        else:
            self._in_use = (device, now)
        return accepted

    def _sky(self, report: Mapping[str, object], device: str) -> None:
        """Satellites used; older versions of gpsd give no number, but a list that says it of each."""
        used, each = _number(report.get("uSat")), report.get("satellites")
        if used is None and isinstance(each, list):
            used = sum(isinstance(one, dict) and one.get("used") is True for one in each)
        if used is not None:
            self._satellites[device] = int(used)
        self._hdop[device] = _number(report.get("hdop"))

    def _devices(self, report: Mapping[str, object]) -> None:
        devices = report.get("devices")
        if isinstance(devices, list):
            self._receivers = {str(one.get("path", "")) for one in devices if isinstance(one, dict)}
            self._count()

    def _device(self, report: Mapping[str, object]) -> None:
        """One receiver came, or went: then it is not activated, or that time is 0."""
        path = str(report.get("path", ""))
        if report.get("activated") in (None, 0, ""):
            self._receivers.discard(path)
        else:
            self._receivers.add(path)
        self._count()

    def _count(self) -> None:
        self._lacks(None if self._receivers else NO_RECEIVER)

    def _lacks(self, advice: str | None) -> None:
        if self._reception is not None:
            self._reception.lacks(advice)

    def _sign(self, sign: Sign) -> None:
        if self._reception is not None:
            self._reception.sign(sign, self._clock.monotonic())


def _report(line: str) -> Mapping[str, object] | None:
    """Return the report in a line; None when it is none."""
    for text in (line, _TRAILING_COMMA.sub("", line)):
        try:
            report = json.loads(text)
        except (ValueError, RecursionError):
            continue
        return report if isinstance(report, dict) and isinstance(report.get("class"), str) else None
    return None


def _number(value: object) -> float | None:
    """Return a finite number; JSON as it is spoken knows NaN, and integers without end."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        return None
    return float(value) if math.isfinite(value) else None


def _moment(value: object) -> datetime | None:
    """Return the time of ISO 8601, or of seconds since 1970 as old versions of gpsd gave it. It is always UTC."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = _number(value)
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None

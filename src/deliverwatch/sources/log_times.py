"""Times of syslog lines: "Nov 26 10:00:00" (RFC 3164 §4.1.2), which names neither year nor zone, or ISO 8601.

The year is the latest one that does not put the line into the future: a log of December, read in January, belongs to
last year. A log that is followed over New Year goes on from its own last line, not from when reading began.
"""

from datetime import datetime, timedelta, tzinfo

from deliverwatch.sources import values

_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_CLOCKS_DIFFER = timedelta(days=1)
_LEAP_YEARS = 8  # the longest way from one 29 February to the next


class LogTimes:
    """`zone`: of times without one."""

    def __init__(self, now: datetime, zone: tzinfo) -> None:
        self._newest = now
        self._zone = zone
        self._last: tuple[str, datetime] = ("", now)

    def at(self, text: str) -> datetime:
        """Raises ValueError."""
        if text == self._last[0]:
            return self._last[1]
        at = values.moment(text, self._zone) if text[:1].isdigit() else self._without_year(text)
        if at <= self._newest + _CLOCKS_DIFFER:
            self._newest = max(self._newest, at)
        self._last = text, at
        return at

    def _without_year(self, text: str) -> datetime:
        month, day, clock = text.split()
        hour, minute, second = (int(part) for part in clock[:8].split(":"))
        latest = self._newest.astimezone(self._zone).year + 1
        for year in range(latest, latest - _LEAP_YEARS - 2, -1):
            try:
                at = datetime(
                    year, _MONTHS.index(month) // 3 + 1, int(day), hour, minute, min(second, 59), tzinfo=self._zone
                )
            except ValueError:
                continue
            if at <= self._newest + _CLOCKS_DIFFER:
                return values.at_seconds(at.timestamp())
        raise ValueError("expected a time such as Nov 26 10:00:00")

"""What sending platforms said of their own warm-ups, a line for each address and day."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Connection, select

from deliverwatch.core.warmup.run import Reading
from deliverwatch.store.dialect import select_in
from deliverwatch.store.mapping import warmups as mapping
from deliverwatch.store.merging import Merging, replaced
from deliverwatch.store.tables import table_of
from deliverwatch.store.warmup_tables import PlatformReadingRow

READING = table_of(PlatformReadingRow)

_SAID = ("read_at", "warming", "stage", "progress_ratio", "pool", "stages", "started_on")
_KEEP = Merging(READING, dict.fromkeys(_SAID, replaced), unless_newer="read_at")


def keep(connection: Connection, readings: Sequence[Reading]) -> None:
    ordered = sorted(readings, key=lambda reading: (reading.on, reading.platform, reading.ip, reading.read_at))
    _KEEP.write(connection, [mapping.reading_values(reading) for reading in ordered])


def readings(connection: Connection, since: date, ips: Collection[str] | None) -> list[Reading]:
    """Oldest first."""
    statement = select(READING).where(READING.c.day >= since)
    rows = connection.execute(statement) if ips is None else select_in(connection, statement, READING.c.ip, ips)
    return sorted(map(mapping.reading, rows), key=lambda reading: (reading.on, reading.platform, reading.ip))

"""What Microsoft says of our addresses: Smart Network Data Services, for Outlook.com and its consumer domains.

Two tables without a header (the portal's pages "Automated data access", checked 2026-11-26): a line of 14 columns for
each address and day with a hundred mails or more (colour, complaint band, trap hits), and four columns for each blocked
range (first, last, blocked, reason). An address that is missing was not measured. Colours: red says that more than
nine in ten mails were judged spam, yellow that more than one in ten were. The day is taken as written; its zone is not
told.

How many recipients Microsoft counted is left out: the same mail is counted where it was sent. So are the samples of
HELO and MAIL FROM, which may name a person, and the comments.

Both tables are had by a link with a key. Microsoft moved the portal in 2026 to a sign-in without such links; tables
saved from there are read all the same.
"""

import csv
import io
import ipaddress
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from deliverwatch.core.delivery import Item, Rejection, Signal, SignalName
from deliverwatch.core.errors import SourceFailed
from deliverwatch.core.masking import without_people
from deliverwatch.core.visible import visible
from deliverwatch.flows.source_ports import Page, Poller, ReaderOptions, Shape, Source
from deliverwatch.sources import values
from deliverwatch.sources.http import AnswerFailed, HttpApi, needed, origin_of

PROVIDER = "microsoft_consumer"
MOST_EXPANDED = 256
"""Addresses of a blocked range that are told one by one; a wider one is told as "first-last"."""
_USUAL = "https://sendersupport.olc.protection.outlook.com"
_DATA, _STATUS = "/snds/data.aspx", "/snds/ipStatus.aspx"
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s|$)", re.ASCII)
_PERCENT = re.compile(r"([<>]?)\s*(\d{1,3}(?:\.\d{1,6})?)\s*%", re.ASCII)
_COUNT = re.compile(r"\d{1,12}", re.ASCII)
_COLOURS = frozenset({"green", "yellow", "red"})


class SndsReader:
    """Either table, as one document."""

    def __init__(self, options: ReaderOptions) -> None:
        self._today = options.now.astimezone(options.zone).date()
        self.line = 0

    def whole(self, buffer: bytes, last: bool) -> int:
        return len(buffer) if last else 0

    def read(self, block: bytes) -> Iterator[Item]:
        text = block.decode("utf-8-sig", "replace").replace("\0", "\ufffd")
        if is_web_page(text):
            self.line += 1
            yield Rejection(self.line, "a web page, no table: expected the CSV of SNDS; its link may have expired")
            return
        for line in text.splitlines():
            self.line += 1
            if line.strip():
                yield from self._line(line)

    def remember(self, block: bytes) -> None:
        """A line needs nothing of what came before."""

    def _line(self, line: str) -> Iterator[Item]:
        try:
            row = [cell.strip() for cell in next(csv.reader(io.StringIO(line)), [])]
            yield from self._row(row)
        except (ValueError, csv.Error) as problem:
            yield Rejection(self.line, str(problem))

    def _row(self, row: list[str]) -> list[Item]:
        if len(row) >= 11:
            return _day_of(row)
        if len(row) == 4:
            return _blocked(row, self._today)
        raise ValueError(f"expected 14 columns (data) or 4 (status), found {len(row)}")


def is_web_page(text: str) -> bool:
    return text.lstrip("\ufeff \r\n\t").startswith("<")


def _day_of(row: list[str]) -> list[Item]:
    """Empty columns: not told."""
    ip, on = _ip(row[0]), _on(row[1])
    told: list[Item] = []
    if row[6]:
        told.append(Signal(SignalName.SNDS_COLOUR, PROVIDER, ip, on, text=_colour(row[6])))
    if row[7]:
        value, text = _band(row[7])
        told.append(Signal(SignalName.SNDS_COMPLAINT_RATIO, PROVIDER, ip, on, value, text))
    if row[10]:
        told.append(Signal(SignalName.SNDS_TRAP_HITS, PROVIDER, ip, on, float(_number(row[10]))))
    return told


def _blocked(row: list[str], today: date) -> list[Item]:
    """The table has no date: it is what holds today."""
    if row[2].lower() == "no":
        return []
    if row[2].lower() != "yes":
        raise ValueError("expected Yes as the third column of four")
    reason = visible(without_people(row[3]), 200) or None
    return [Signal(SignalName.SNDS_BLOCKED, PROVIDER, ip, today, text=reason) for ip in _addresses(row[0], row[1])]


def _addresses(first: str, last: str) -> list[str]:
    low, high = ipaddress.ip_address(_ip(first)), ipaddress.ip_address(_ip(last))
    if low.version != high.version or int(low) > int(high):
        raise ValueError("expected the first and the last address of a range")
    if int(high) - int(low) >= MOST_EXPANDED:
        return [f"{low}-{high}"]
    return [str(low + offset) for offset in range(int(high) - int(low) + 1)]


def _ip(text: str) -> str:
    """What is none is not shown: in a shifted row, a person's address may stand there."""
    try:
        return values.address(text)
    except ValueError:
        raise ValueError("expected an IP address in the first column") from None


def _on(text: str) -> date:
    """Month, day, year."""
    found = _DAY.match(text)
    try:
        day = date(int(found[3]), int(found[1]), int(found[2])) if found else None
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year < 2100:
        raise ValueError("expected a day such as 11/26/2026 10:00 AM as the second column")
    return day


def _colour(text: str) -> str:
    if text.lower() not in _COLOURS:
        raise ValueError("expected GREEN, YELLOW or RED as the seventh column")
    return text.lower()


def _band(text: str) -> tuple[float, str]:
    """As a ratio: of "< 0.1%" the upper end; of "> 5%" the least that it can be."""
    found = _PERCENT.fullmatch(text)
    ratio = float(found[2]) / 100 if found else 2.0
    if not found or ratio > 1:
        raise ValueError("expected a complaint rate such as < 0.1% as the eighth column")
    return ratio, f"{found[1]} {found[2]}%".strip()


def _number(text: str) -> int:
    if not _COUNT.fullmatch(text):
        raise ValueError("expected a number of trap hits as the eleventh column")
    return int(text)


class SndsPoller:
    """Both tables, as they are now. What was there before is replaced, so there is nothing to catch up with."""

    every = timedelta(hours=12)

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._key = needed(settings, "snds", "key", "the key in the links of the SNDS page for automated access")
        self.every = settings.get("every") or self.every
        self._api = HttpApi(origin_of(settings, "snds", _USUAL, "/snds"), {}, "Microsoft SNDS", "[sources.snds] key")

    async def pages(self, cursor: Mapping[str, Any] | None, now: datetime) -> AsyncIterator[Page]:  # noqa: ARG002
        for path in (_DATA, _STATUS):
            body = await self._get(path)
            if is_web_page(body[:200].decode("utf-8", "replace")):
                raise SourceFailed(
                    "Microsoft SNDS answered with a web page in place of a table: the link has probably expired; "
                    "make a new one on its page for automated access and set [sources.snds] key",
                    permanent=False,
                )
            yield Page(body, {"read_at": now.astimezone(UTC).isoformat()})

    async def _get(self, path: str) -> bytes:
        try:
            return await self._api.get(path, {"key": self._key})
        except AnswerFailed as failed:
            if failed.status != 404:
                raise
            raise SourceFailed(
                "Microsoft SNDS has nothing under this link (HTTP status 404): there are no data, or the link has "
                "expired; open it in a browser, and make a new one if need be",
                permanent=False,
            ) from None

    async def close(self) -> None:
        await self._api.close()


def _open(settings: Mapping[str, Any]) -> Poller:
    return SndsPoller(settings)


SOURCE = Source(
    id="snds",
    title="Microsoft SNDS",
    shape=Shape.DOCUMENT,
    space="snds",
    reader=SndsReader,
    not_measured=frozenset({"attempted", "delivered", "deferred", "bounced", "complaints"}),
    poller=_open,
)

"""What a data source is to the flows: one module in `sources/`, one line in its registry.

A source has a reader, which turns bytes into items, whichever way they come: a file that is ingested, a log that is
followed, a webhook's body, a page of an API. Reading is pure and never raises for what it reads: a record that cannot
be read is a `Rejection`. A receiver decides whether a webhook call is genuine. A poller fetches pages, each with the
cursor that comes after it, so that page and cursor are committed together.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import IO, Any, Protocol

from deliverwatch.core.delivery import Item


class Shape(StrEnum):
    """LINES: read block by block, appended to, followed. DOCUMENT: read whole (a webhook's body, a mail, an export)."""

    LINES = "lines"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """What the file itself does not say. `now`: for dates without a year. `zone`: of times without one. `ip`: the
    sending IP of everything in it. `instances`: sending IP by the name of an MTA instance, host, pool or binding."""

    now: datetime
    zone: tzinfo
    ip: str | None = None
    instances: Mapping[str, str] = field(default_factory=dict)


class Reader(Protocol):
    """Reads one file or body from its beginning."""

    def whole(self, buffer: bytes, last: bool) -> int:
        """How many bytes of `buffer` are whole records. `last`: nothing follows. A DOCUMENT: all or nothing."""

    def read(self, block: bytes) -> Iterator[Item]:
        """The items of whole records, in order. Lines that are no records of the source (other programs' log lines, a
        header) yield nothing."""

    def remember(self, block: bytes) -> None:
        """Takes up what later blocks need from an earlier one, when reading goes on in the middle of a file: first the
        file's beginning (a header), then what stands right before (a log's own memory)."""

    line: int
    """The number of the last line read; set when reading goes on in the middle."""


class ReceiptKind(StrEnum):
    """What becomes of a webhook call. KEPT also of one that is there already. NOT_SET_UP: no secret to know it by."""

    KEPT = "kept"
    UNKNOWN = "unknown"
    NOT_SET_UP = "not_set_up"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Receipt:
    """`why`: for our own log."""

    kind: ReceiptKind
    why: str = ""


class Inbox(Protocol):
    """Where webhook calls are handed in. `max_body`: bytes, decompressed."""

    @property
    def max_body(self) -> int: ...

    def closed(self, source_id: str) -> Receipt | None:
        """Why nothing is taken for that source, whatever is sent; None: it is open."""

    async def take(self, source_id: str, headers: Mapping[str, str], body: bytes) -> Receipt:
        """What is KEPT is committed. Names of headers in lower case."""


class Receiver(Protocol):
    """Whether a webhook call is genuine."""

    def refusal(self, headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str], now: datetime) -> str | None:
        """None: genuine. Else why not, for our log; never what was expected. Names of headers are in lower case.
        Compares in constant time."""

    def identity(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """The sender's own id of the call, the same when it is tried again."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of the settings it needs; without them nothing is accepted."""


@dataclass(frozen=True, slots=True)
class Page:
    """A body for the source's reader, and the cursor to go on with once it is committed."""

    body: bytes
    cursor: Mapping[str, Any]


class Poller(Protocol):
    @property
    def every(self) -> timedelta: ...

    def pages(self, cursor: Mapping[str, Any] | None, now: datetime) -> AsyncIterator[Page]:
        """What is new since the cursor. Raises SourceFailed, for now or for good, in a sentence without secrets."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Source:
    """One line of the registry. `space`: event ids are unique within it; sources of the same events share one.
    `not_measured`: what the source can never report, of attempted, delivered, deferred, bounced, complaints, ip,
    provider, domain (the sending domain), delivered_by_ip (the sending IP of deliveries). `poller`: opens one from the
    source's settings (raises ConfigError when they do not suffice). `unpacked`: what an opened file of it says, if it
    may be compressed in a way of the source's own; goes back with seek(0), and raises EOFError where the data are
    damaged."""

    id: str
    title: str
    shape: Shape
    space: str
    reader: Callable[[ReaderOptions], Reader]
    not_measured: frozenset[str] = frozenset()
    receiver: Receiver | None = None
    poller: "Callable[[Mapping[str, Any]], Poller] | None" = None
    followable: bool = False
    maildir: bool = False
    unpacked: Callable[[IO[bytes]], IO[bytes]] | None = None

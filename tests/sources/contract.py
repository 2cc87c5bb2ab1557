"""What every source's reader keeps to, and how its samples are spoilt to see that it does.

Samples lie in samples/<id>/. Somebody's address in them has the local part "person.secret": no item may show it, but
for a reply, which is masked later.
"""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from random import Random
from typing import Any

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Item, Measure, Rejection, Signal, Speaker
from deliverwatch.core.visible import visible
from deliverwatch.flows.source_ports import ReaderOptions, Shape, Source
from deliverwatch.sources import values

SAMPLES = Path(__file__).with_name("samples")
SOMEBODY = "person.secret"
OPTIONS = ReaderOptions(datetime(2026, 11, 26, 12, tzinfo=UTC), UTC, instances={"vmta-11": "192.0.2.11"})

_NO_ADDRESS = re.compile(rb'person\.secret(?!2?@| with space\\?"@)')
_LOCAL_PART = re.compile(r"[^\s<>\"@,;:*]@")
_DOMAINS = ("recipient_domain", "host", "domain", "dkim_domain", "link_domain")
_NAMES = ("provider", "pool", "campaign", "subaccount")
_COUNTS = ("attempted", "delivered", "deferred", "bounced", "complaints")
_MOST_WHY = 500


def samples_of(source: Source) -> list[Path]:
    return sorted(path for path in (SAMPLES / source.id).iterdir() if path.is_file())


def read(source: Source, *blocks: bytes) -> list[Item]:
    """The items of a file that comes in these pieces."""
    reader = source.reader(OPTIONS)
    rest = b""
    items: list[Item] = []
    for number, block in enumerate(blocks, 1):
        rest += block
        size = reader.whole(rest, number == len(blocks)) if rest else 0
        assert 0 <= size <= len(rest)
        items += reader.read(rest[:size]) if size else ()
        rest = rest[size:]
    assert not rest
    return items


def items_of(source: Source, content: str | bytes, **options: Any) -> list[Item]:
    """Of a sample, by its name, or of bytes."""
    content = (SAMPLES / source.id / content).read_bytes() if isinstance(content, str) else content
    reader = source.reader(replace(OPTIONS, **options))
    assert reader.whole(content, True) == len(content)
    return list(reader.read(content))


def told(item: Item) -> dict[str, Any]:
    """What an item says, without what it leaves open."""
    return {name: value for name, value in item._asdict().items() if value is not None and value is not False}


def places(source: Source, content: bytes) -> list[int]:
    """Where it may be cut in two: everywhere, but of long ones only about ends of lines and quotes, and here and
    there."""
    if source.shape is Shape.DOCUMENT:
        return [len(content) // 2]
    if len(content) < 2000:
        return list(range(len(content) + 1))
    marks = [at for at, byte in enumerate(content) if byte in b'\n"']
    return sorted({*range(0, len(content), 29), *(at + near for at in marks for near in (0, 1))})


def faults(item: Item) -> list[str]:
    """What is wrong with an item, whatever it was read from."""
    return list(_faults(item))


def shows_somebody(item: Item) -> bool:
    return SOMEBODY in repr(item._replace(reply=None) if isinstance(item, DeliveryEvent) else item)


def is_nobodys(content: bytes) -> bool:
    """Whether spoiling has cut somebody's local part from its "@", by which alone it can be known."""
    return _NO_ADDRESS.search(content) is not None


def _faults(item: Item) -> Iterator[str]:
    match item:
        case DeliveryEvent():
            yield from _of_event(item)
        case Measure():
            yield from _of_measure(item)
        case Signal():
            if not (item.provider and item.subject):
                yield "names no provider or subject"
            if item.value is not None and not math.isfinite(item.value):
                yield "value"
        case Rejection():
            if item.line < 1 or not item.why or visible(item.why, _MOST_WHY) != item.why:
                yield "line or why"


def _of_event(event: DeliveryEvent) -> Iterator[str]:
    yield from _of_names(event)
    yield from (name for name in _DOMAINS if not _is_domain(getattr(event, name)))
    if not _is_time(event.at):
        yield "at"
    if type(event.outcome) is not DeliveryOutcome or type(event.speaker) is not Speaker:
        yield "outcome or speaker"
    if event.retry not in (None, True, False) or type(event.expired) is not bool:
        yield "retry or expired"
    if event.reply is not None and not 0 < len(event.reply) <= values.MOST_REPLY:
        yield "reply"
    if event.event_id is not None and not 0 < len(event.event_id) <= 256:
        yield "event_id"


def _of_measure(measure: Measure) -> Iterator[str]:
    yield from _of_names(measure)
    if not _is_domain(measure.domain):
        yield "domain"
    if not _is_time(measure.starts_at) or not timedelta(0) < measure.lasts_for <= timedelta(days=366):
        yield "period"
    for name in _COUNTS:
        count = getattr(measure, name)
        if count is not None and (type(count) is not int or count < 0):
            yield name


def _of_names(item: DeliveryEvent | Measure) -> Iterator[str]:
    if item.ip is not None and str(ip_address(item.ip)) != item.ip:
        yield "ip"
    for name in _NAMES:
        value = getattr(item, name)
        if value is not None and (not value or _LOCAL_PART.search(value) or visible(value, 200) != value):
            yield name


def _is_domain(name: str | None) -> bool:
    return name is None or (values.domain(name) == name and "@" not in name)


def _is_time(at: datetime) -> bool:
    return at.utcoffset() == timedelta(0) and 2000 <= at.year <= 2100


_DEEP = "[" * 3000
_ODD_BYTES = (
    b"\0", b"\x1b[2J", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\n", b"\r\n", b'"', b",", b"\\", b"{", _DEEP.encode(),
    b"9" * 400, b"-1", b"1e999", b"\xe2\x80\xae", b"\xef\xbb\xbf", b" ", b"x" * 9000, b"<>", b"status=sent (", b"; ",
)  # fmt: skip
_ODD_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 5, 10**30, 1e308, 1.5, "", " ", "x" * 9000, "9" * 400, "1e999", "-", "\0\x1b[2J\u202e", "\ud800",
    "<>", "a@b", "@", [], {}, [[]], [None, 5, {}], {"a": {"b": []}}, "1970-01-01", "2026-02-30T25:00:00", "999.1.1.1",
)  # fmt: skip


def spoilt(source: Source, sample: bytes, chance: Random) -> bytes:
    """A sample with something wrong in it; of a file of lines, its first line and a few others."""
    if source.shape is Shape.DOCUMENT:
        return _spoilt(sample, chance)
    head, *rest = sample.splitlines(keepends=True) or [b""]
    lines = [head, *chance.sample(rest, min(3, len(rest)))]
    at = chance.randrange(len(lines)) if chance.random() < 0.3 else len(lines) - 1
    lines[at] = _spoilt(lines[at], chance)
    return b"".join(lines)


def _spoilt(record: bytes, chance: Random) -> bytes:
    if record[:1] in b"[{" and chance.random() < 0.5:
        record = _spoilt_json(record, chance)
    elif record.count(b",") > 3 and chance.random() < 0.4:
        record = _spoilt_cells(record, chance)
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        record = _spoilt_bytes(record, chance)
    return record


def _spoilt_bytes(record: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(record) + 1)
    until = min(len(record), at + chance.choice((1, 1, 3, 20, 200)))
    match chance.randrange(6):
        case 0:
            return record[:at] + bytes([chance.randrange(256)]) + record[at + 1 :]
        case 1:
            return record[:at] + record[until:]
        case 2:
            return record[:until] + record[at:]
        case 3:
            return record[:at]
        case 4:
            return record[:at] + chance.choice(_ODD_BYTES) + record[at:]
        case _:
            return record[:at] + chance.choice(_ODD_BYTES) + record[until:]


def _spoilt_cells(record: bytes, chance: Random) -> bytes:
    cells = record.split(b",")
    at = chance.randrange(len(cells))
    match chance.randrange(3):
        case 0:
            del cells[at]
        case 1:
            cells.insert(at, cells[at])
        case _:
            cells[at] = str(chance.choice(_ODD_VALUES)).encode("utf-8", "surrogatepass")
    return b",".join(cells)


def _spoilt_json(record: bytes, chance: Random) -> bytes:
    try:
        tree = json.loads(record)
    except ValueError:
        return record
    slots = list(_slots(tree))
    if not slots:
        return record
    for _ in range(chance.choice((1, 1, 2, 3))):
        holder, key = chance.choice(slots)
        if chance.random() < 0.25 and isinstance(holder, dict):
            holder.pop(key, None)
        else:
            holder[key] = chance.choice(_ODD_VALUES)
    content = json.dumps(tree)
    if chance.random() < 0.1 and content[1:2] == '"':
        content = content.replace("{", "{" + content[1:].partition(",")[0] + ",", 1)  # the first field twice
    return content.encode() + b"\n"


def _slots(tree: Any) -> Iterator[tuple[Any, Any]]:
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in entries:
        yield tree, key
        yield from _slots(value)

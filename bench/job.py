"""What is looked up: addresses of the benchmark space 198.18.0.0/15 (RFC 2544 §C.2.2) on twenty ip4set zones of 20,000
entries each. About two in a hundred look-ups are listed; which, follows from their numbers alone, so that every answer
of every engine can be checked."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from deliverwatch.core.blocklist import (
    Access,
    AccessTerms,
    Blocklist,
    Confidence,
    Impact,
    Removal,
    RemovalWay,
    ReturnCode,
    Scope,
    TestPoint,
)
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.verdict import Answer, Reply

LISTS = 20
SUBJECTS = 5_000
MOST_SUBJECTS = 50_000
ENTRIES = 20_000
CODE = "127.0.0.2"
_LISTED_IN = 50


def address(number: int) -> str:
    return f"198.{18 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


def subjects(count: int = SUBJECTS) -> list[Subject]:
    return [Subject(SubjectKind.IPV4, address(number)) for number in range(count)]


def is_listed(subject: int, zone: int) -> bool:
    """The upper bits of a multiplicative hash: the lower ones repeat with the zones."""
    return ((subject * LISTS + zone) * 2_654_435_761 % 2**32 >> 12) % _LISTED_IN == 0


@cache
def blocklists() -> tuple[Blocklist, ...]:
    return tuple(_blocklist(number) for number in range(LISTS))


def zone_name(number: int) -> str:
    return f"bl{number:02}.example"


def write_zones(folder: Path) -> list[str]:
    """Zone files, and how rbldnsd is told of them."""
    specs = []
    for number in range(LISTS):
        path = folder / zone_name(number)
        path.write_text("\n".join(_zone_lines(number)) + "\n")
        specs.append(f"{zone_name(number)}:ip4set:{path.name}")
    return specs


def write_names(path: Path, count: int = SUBJECTS) -> None:
    """The same job as dnsperf reads it."""
    with path.open("w") as out:
        for number in range(LISTS):
            for subject in range(count):
                reverse = ".".join(reversed(address(subject).split(".")))
                out.write(f"{reverse}.{zone_name(number)} A\n")


def count_wrong(answers: Sequence[Answer], zone: int) -> int:
    """Answers that say something else than the zone does. No answer at all is not wrong."""
    return sum(
        answer.values != (CODE,) if is_listed(number, zone) else answer.reply is not Reply.NXDOMAIN
        for number, answer in enumerate(answers)
        if answered(answer)
    )


def answered(answer: Answer) -> bool:
    return answer.reply in (Reply.ANSWER, Reply.NXDOMAIN) and answer.asked


def _zone_lines(zone: int) -> Iterator[str]:
    yield "$SOA 300 ns.invalid. hostmaster.invalid. 1 600 300 86400 300"
    yield "$NS 300 ns.invalid."
    yield "$TTL 300"
    yield f":{CODE}:listed"
    yield CODE
    listed = [address(number) for number in range(MOST_SUBJECTS) if is_listed(number, zone)]
    yield from listed
    for number in range(ENTRIES - len(listed) - 1):
        spread = number * 193 + zone
        yield f"10.{spread >> 16 & 255}.{spread >> 8 & 255}.{spread & 255}"


def _blocklist(number: int) -> Blocklist:
    """Test points of RFC 5782 §5, so that whole rounds believe it."""
    return Blocklist(
        id=f"bl{number:02}",
        name=f"BL {number:02}",
        zone=zone_name(number),
        kinds=frozenset({SubjectKind.IPV4}),
        scope=Scope.ADDRESS,
        codes=(ReturnCode(CODE, "listed", Impact.HIGH),),
        access=Access(AccessTerms.OPEN, "made for the benchmark"),
        removal=Removal(RemovalWay.AUTOMATIC),
        test_points=(
            TestPoint(SubjectKind.IPV4, CODE, (CODE,)),
            TestPoint(SubjectKind.IPV4, "127.0.0.1"),
        ),
        source="made for the benchmark",
        checked_on=date(2026, 11, 24),
        confidence=Confidence.HIGH,
    )

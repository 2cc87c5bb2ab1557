"""What happened to one customer in two years, as values of the core: from luck that follows from the number alone.

The events are made by the folds that make real ones, so that every page finds the facts it tells of.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from deliverwatch.core.block import Episode, EpisodeEnd, EpisodeKind, episode_key
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.events import Event
from deliverwatch.core.inventory import Asset, Customer, Language, ServiceZone, Tam
from deliverwatch.core.listing import Watch
from deliverwatch.core.reconcile import Change, events_of
from deliverwatch.core.remediation.draft import (
    Action,
    Blocker,
    Draft,
    DraftField,
    DraftKind,
    DraftState,
    DraftStep,
    Evidence,
    Missing,
    RequestOutcome,
)
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import DomainRole, Subject, SubjectKind, parse_subject
from report_store import NOW, listing_events

CUSTOMERS, TAMS, POOLS = 500, 25, 20
RANGES, SINGLE, DOMAINS = 5, 40, 20
SENDING = 4
"""Addresses of a customer that send now."""
RECEIVERS = ("google", "microsoft_consumer", "yahoo")
DAYS = 730
_LISTINGS, _EPISODES, _MORE = 40, 28, 4
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_ENDS = (DraftState.CLOSED, DraftState.CLOSED, DraftState.CLOSED, DraftState.ANSWERED)
_REPLY = "550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. (S3140)"


@dataclass
class Happened:
    events: list[Event] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)
    drafts: list[tuple[Draft, list[DraftStep]]] = field(default_factory=list)


def customer(number: int) -> Customer:
    """Every TAM has twenty."""
    zones, languages, tam = tuple(ServiceZone), tuple(Language), number % TAMS
    return Customer(
        id_of(number),
        f"Customer {number} Ltd",
        zones[number % len(zones)],
        Tam(f"Robin {tam}", tam_email(tam), "+1 555 0100"),
        (f"mail@customer{number}.example",),
        languages[number % len(languages)],
    )


def id_of(number: int) -> str:
    return f"customer-{number:04}"


def tam_email(number: int) -> str:
    return f"robin{number}@esp.example"


def address(number: int, which: int) -> str:
    """Of the benchmark space 198.18.0.0/15 (RFC 2544, appendix C.2.2): 128 for each customer, 80 of them in use."""
    first = number * 128 + which
    return f"198.{18 + (first >> 16)}.{first >> 8 & 255}.{first & 255}"


def domain(number: int, which: int) -> str:
    return f"news{which}.customer{number}.example"


def pool_range(pool: int) -> str:
    return f"203.0.113.{pool * 8}/29"


def assets(number: int) -> Iterator[Asset]:
    """A hundred subjects: forty addresses in ranges, forty alone, twenty domains."""
    owner = id_of(number)
    for each in range(RANGES):
        yield Asset(f"{address(number, each * 8)}/29", owner, pool=f"pool-{each}", stream="newsletter")
    for each in range(SINGLE):
        yield Asset(address(number, RANGES * 8 + each), owner, pool="receipts", stream="receipts")
    for each in range(DOMAINS):
        yield Asset(domain(number, each), owner, roles=(DomainRole.FROM, DomainRole.LINK))


def pools() -> Iterator[Asset]:
    """The ESP's own, each shared by 25 customers."""
    for pool in range(POOLS):
        yield Asset(pool_range(pool), None, sharers(pool), pool=f"shared-{pool}")


def sharers(pool: int) -> tuple[str, ...]:
    return tuple(id_of(number) for number in range(pool, CUSTOMERS, POOLS))


def history(number: int, lists: list[Blocklist]) -> Happened:
    """One customer in ten has four times as much of it."""
    luck, told = Random(number), Happened()
    times = _MORE if number % 10 == 0 else 1
    for each in range(_LISTINGS * times):
        _list_one(number, each, luck, lists, told)
    for each in range(_EPISODES * times):
        _block_one(number, each, luck, told)
    return told


def shared_history(pool: int, lists: list[Blocklist]) -> Happened:
    """What happens to a shared pool concerns all who share it."""
    luck, told = Random(1_000 + pool), Happened()
    for each in range(20):
        subject = parse_subject(f"203.0.113.{pool * 8 + each % 8}")
        watch, at = Watch(lists[each % len(lists)].id, subject), _time(luck, each, 20)
        found = listing_events(watch, lists[each % len(lists)], at, is_over=each < 19)
        told.events += [_naming(event, sharers(pool)) for event in found]
    return told


def _time(luck: Random, which: int, of: int) -> datetime:
    """Spread over the two years, in order."""
    days = DAYS * (which + luck.random()) / of
    return NOW - timedelta(days=DAYS - days) - _DAY


def _naming(event: Event, parties: tuple[str, ...]) -> Event:
    return replace(event, facts={**event.facts, "parties": list(parties), "mail_share": None})


def _list_one(number: int, which: int, luck: Random, lists: list[Blocklist], told: Happened) -> None:
    times = _MORE if number % 10 == 0 else 1
    blocklist = luck.choice(lists)
    watch = Watch(blocklist.id, _subject(number, which, blocklist))
    at = _time(luck, which, _LISTINGS * times)
    is_over = which < _LISTINGS * times - 1 - number % 3
    found = [_naming(event, (id_of(number),)) for event in listing_events(watch, blocklist, at, is_over=is_over)]
    told.events += found
    if which % 4 == 0 or not is_over:
        told.drafts.append(_draft(number, f"l{which}", found[0], blocklist.id, DraftKind.LISTING, is_over))


def _subject(number: int, which: int, blocklist: Blocklist) -> Subject:
    if SubjectKind.IPV4 in blocklist.kinds:
        return parse_subject(address(number, which * 7 % 80))
    return parse_subject(domain(number, which % DOMAINS))


def _block_one(number: int, which: int, luck: Random, told: Happened) -> None:
    times = _MORE if number % 10 == 0 else 1
    kind = (EpisodeKind.BLOCK, EpisodeKind.THROTTLE, EpisodeKind.WARNING, EpisodeKind.BLOCK)[which % 4]
    at, is_over = _time(luck, which, _EPISODES * times), which < _EPISODES * times - 1 - number % 2
    opened = _episode(number, which, kind, at, luck)
    events = events_of(Change(None, opened), at)
    if is_over:
        how = EpisodeEnd.MENDED if kind is EpisodeKind.WARNING else EpisodeEnd.ACCEPTED
        closed = replace(opened, closed_at=at + 20 * _HOUR, ended=how)
        events += events_of(Change(opened, closed), at + 21 * _HOUR)
        opened = closed
    names = {"provider_name": opened.provider, "postmaster_url": None}
    told.events += [replace(event, facts={**event.facts, **names, "parties": [id_of(number)]}) for event in events]
    told.episodes.append(opened)
    if kind is EpisodeKind.BLOCK and which % 3 == 0:
        told.drafts.append(_draft(number, f"b{which}", events[0], opened.provider, DraftKind.BLOCK, is_over))


def _episode(number: int, which: int, kind: EpisodeKind, at: datetime, luck: Random) -> Episode:
    subject, provider = parse_subject(address(number, which % SENDING)), luck.choice(RECEIVERS)
    is_warning = kind is EpisodeKind.WARNING
    what = "snds_colour" if is_warning else str(ReplyClass.IP_BLOCK)
    counts = {"replies": 120, "deferred": 20, "bounced": 100, "expired": 0, "attempted": 900, "delivered": 700}
    evidence = {"rule": "microsoft/s3140", "samples": [_REPLY], "level": "notice", "urgent": False, "told": True}
    days = [{"on": at.date().isoformat(), "text": "yellow"}]
    return Episode(
        key=episode_key(kind, provider, subject, what, at),
        kind=kind,
        provider=provider,
        subject=subject,
        what=what,
        class_=None if is_warning else ReplyClass.IP_BLOCK,
        opened_at=at,
        last_seen_at=at + 6 * _HOUR,
        mail_share=round(luck.random(), 4),
        evidence={**evidence, **({"days": days} if is_warning else counts)},
    )


def _draft(
    number: int, which: str, event: Event, provider: str, kind: DraftKind, is_over: bool
) -> tuple[Draft, list[DraftStep]]:
    """Of one that goes on every other waits."""
    assert event.subject is not None
    created_at, waits = event.at + _HOUR, not is_over and number % 2 == 0
    state = DraftState.PREPARED if waits else _ENDS[number % len(_ENDS)] if is_over else DraftState.SUBMITTED
    id_, at = f"d-{number}-{which}", created_at + 3 * _HOUR
    answered = None if state in (DraftState.PREPARED, DraftState.SUBMITTED) else at + _DAY
    draft = Draft(
        id=id_,
        customer=id_of(number),
        form="postmaster-letter",
        form_digest="0" * 64,
        provider=provider,
        kind=kind,
        channel=FormChannel.WEB_FORM,
        url="https://lists.example/remove",
        to=None,
        subjects=(event.subject.value,),
        state=state,
        text="We ask you to look again at the address below. " * 20,
        fields=tuple(DraftField(f"field_{each}", f"Field {each}", "a value " * 6, 500, "a look") for each in range(8)),
        missing=(Missing("what_changed", "The customer has not said yet what they changed."),),
        blockers=(Blocker("SPF", "no record is published", "publish one", event.subject.value),),
        evidence=tuple(Evidence(created_at.isoformat(), "answered 127.0.0.2") for _ in range(6)),
        created_at=created_at,
        changed_at=created_at if waits else answered or at,
        due_at=created_at + 8 * _HOUR,
        episodes=(event.key,),
        cause=event.key,
        addressee=provider,
        facts={f"fact_{each}": "a value that was looked up" for each in range(12)},
        submitted_by=None if waits else "robin",
        submitted_at=None if waits else at,
        reference=None if waits else f"case {number}-{which}",
        answered_at=answered,
        outcome=RequestOutcome.GRANTED if answered else None,
        follow_up_at=None if waits else at + 7 * _DAY,
    )
    return draft, list(_steps(draft))


def _steps(draft: Draft) -> Iterator[DraftStep]:
    yield DraftStep(draft.created_at, DraftState.PREPARED, "deliverwatch")
    if draft.submitted_at is not None:
        yield DraftStep(draft.submitted_at - _HOUR, DraftState.PULLED, "robin", None, Action.PULLED)
        yield DraftStep(draft.submitted_at, DraftState.SUBMITTED, "robin", None, Action.SUBMITTED)
    if draft.answered_at is not None:
        yield DraftStep(draft.answered_at, DraftState.ANSWERED, "robin", "Delisted.", Action.ANSWERED)
    if draft.state is DraftState.CLOSED:
        yield DraftStep(draft.changed_at, DraftState.CLOSED, "deliverwatch", None, Action.CLOSED)


def in_order(happened: list[Happened]) -> list[Event]:
    """Of all, as they were written down; each once."""
    return sorted({event.key: event for each in happened for event in each.events}.values(), key=lambda event: event.at)

"""What the store's tests are made from: looks through the real fold, so that events are those of production."""

from datetime import UTC, datetime, timedelta

from deliverwatch.core import listing
from deliverwatch.core.alerting import Audience, Notification, notification_id
from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.blocklist import Impact, Polarity
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.doubt import doubt
from deliverwatch.core.inventory import Customer, Language, ServiceZone, Tam
from deliverwatch.core.listing import ListingPolicy, ListingState, Look, Watch
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
)
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.verdict import Outcome, Verdict
from deliverwatch.flows.ports import RoundResult

NOON = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LEASE = timedelta(minutes=2)
IPV4, IPV6, DOMAIN = map(parse_subject, ("192.0.2.10", "2001:db8::10", "news.acme.example"))
WATCH = Watch("zen", IPV4)
ACME = Customer(
    "acme",
    "Acme Ltd",
    ServiceZone.EASTERN,
    Tam("Example TAM", "tam@esp.example", "+1 555 0100"),
    ("postmaster@acme.example", "abuse@acme.example"),
)
BRAVO = Customer("bravo", "Bravo", ServiceZone.UK, Tam("Other", "other@esp.example"), (), Language.DE, False)


def listed(at, path="192.0.2.53:53", codes=("127.0.0.2",), reason="sends spam"):
    verdict = Verdict(
        Outcome.LISTED, codes, tuple(f"means {code}" for code in codes), Impact.HIGH, polarity=Polarity.BLOCK
    )
    return Look(at, path, verdict, reason=reason)


def clear(at):
    return Look(at, "192.0.2.53:53", Verdict(Outcome.CLEAR))


def silent(at):
    return Look(at, "192.0.2.53:53", Verdict(Outcome.UNREACHABLE, detail="no answer in time"))


def fold(state, looks, watch=WATCH):
    """(state, events) after some looks."""
    events = []
    for look in looks:
        state, happened = listing.fold(state, watch, look, ListingPolicy())
        events += happened
    return state, events


def opening(at, watch=WATCH, codes=("127.0.0.2",)):
    """(state, events) of a listing that two resolvers confirmed."""
    return fold(ListingState(), [listed(at, codes=codes), listed(at + MINUTE, "192.0.2.54:53", codes)], watch)


def closing(state, at, watch=WATCH):
    return fold(state, [clear(at), clear(at + HOUR), clear(at + 2 * HOUR)], watch)


def in_doubt(states):
    """Those that opened lately, after their list was caught lying."""
    return doubt(states, frozenset(SubjectKind), NOON - DAY, NOON + 30 * MINUTE)


def cycle(at=NOON, list_id="zen", verified=True, full=True, detail=None):
    return Cycle(
        list_id,
        "192.0.2.53:53",
        at,
        at + MINUTE,
        verified,
        tuple(SubjectKind) if verified else (),
        full,
        at + 60 * MINUTE,
        100,
        listed=1,
        clear=99,
        detail=detail,
    )


async def commit(store, at=NOON, list_id="zen", **changes):
    """One round under a slot of its own; its result."""
    job, key = f"scan/{list_id}", at.isoformat()
    await store.add_slot(job, key, at)
    claim = await store.claim_slot(job, key, at, LEASE)
    parts = {"cycle": cycle(at, list_id), "zones": {}, "states": {}, **changes}
    result = RoundResult(claim, **parts)
    await store.commit_round(result)
    return result


def alert(event, recipient="tam@esp.example"):
    identity = notification_id("alert", event.key, recipient)
    return Notification(identity, identity, Audience.TAM, "email", recipient, ("acme",), event.at, event_key=event.key)


async def open_listing(store, at=NOON, watch=WATCH):
    """Commits a round that opens one and alerts of it; its state and opening event."""
    state, events = opening(at, watch)
    await commit(
        store,
        at,
        watch.list_id,
        states={watch.subject: state},
        events=events,
        notifications=[alert(event) for event in events],
    )
    return state, events[0]


def block(number=1, **changes):
    values = {
        "key": f"block/microsoft/{number}",
        "kind": EpisodeKind.BLOCK,
        "provider": "microsoft",
        "subject": IPV4,
        "what": "",
        "class_": ReplyClass.IP_BLOCK,
        "opened_at": NOON + number * MINUTE,
        "last_seen_at": NOON + HOUR,
        "evidence": {"samples": ["550 5.7.1 ... (S3140)"], "bounced": 40},
    }
    return Episode(**{**values, **changes})


def draft(episode_key, number=1, **changes):
    values = {
        "id": f"d-{number}",
        "customer": None,
        "form": "psbl",
        "form_digest": "abc",
        "provider": "zen",
        "kind": DraftKind.LISTING,
        "channel": FormChannel.WEB_FORM,
        "url": "https://lists.example/remove",
        "to": None,
        "subjects": ("192.0.2.10",),
        "state": DraftState.PREPARED,
        "text": "Please remove 192.0.2.10.",
        "fields": (DraftField("ip", "IP address", "192.0.2.10", 39, "look at noon"),),
        "missing": (Missing("what_changed", "ask the customer"),),
        "blockers": (Blocker("PTR", "none", "set one"),),
        "evidence": (Evidence("2026-11-24T12:00:00+00:00", "answered 127.0.0.2"),),
        "created_at": NOON + number * MINUTE,
        "changed_at": NOON + number * MINUTE,
        "due_at": NOON + DAY,
        "episodes": (episode_key,),
        "cause": "zen",
    }
    return Draft(**{**values, **changes})


def step(state=DraftState.PREPARED, by="deliverwatch", at=NOON, note=None, action=None, **facts):
    """`action`: what is named as the state is, unless it says otherwise."""
    return DraftStep(at, state, by, note, action or Action(state), facts)

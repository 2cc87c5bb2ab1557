"""Why somebody was told of an event, or was not, in plain sentences.

Everything said here is read from what was written when it was decided: the route (`because`), the silence, the event
that inhibits it, the message that tells it. Of an event that nobody was to be told of its facts say why, and where they
do not, that is said.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from deliverwatch.core.alerting import LATE_DATA, LISTING_EVENTS, SENDER_EVENTS, Audience, NotificationState, is_void
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.instants import instant
from deliverwatch.core.silences import Silence
from deliverwatch.core.visible import visible
from deliverwatch.core.zone_health import Health
from deliverwatch.flows.alert_ports import AlertLine, AlertTrail, NumberedEvent
from deliverwatch.flows.ports import OutboxLine

_MOST = 300
_EMAIL = "email"

Titled = Callable[[Event], str]
"""The line by which an event is known: the subject of its alert."""

State = NotificationState


def standing(line: OutboxLine, now: datetime) -> str:
    """How one message stands, in a few words."""
    note = line.notification
    match line.state:
        case State.PENDING:
            return _waits(line, now)
        case State.SENT:
            return f"sent {_at(line.sent_at)}"
        case State.DEAD:
            return f"given up after {_attempts(line)}: {_error(line)}"
        case State.COLLECTED:
            return f"waits for the digest of {_at(note.digest_at)}"
        case State.SILENCED:
            return f"silenced by {_id(note.about)}"
        case State.INHIBITED:
            return f"told already by {_id(note.about)}"
        case State.JOINED:
            return f"told within message {_id(note.about)}"
    return _PLAIN[line.state]


_PLAIN: Mapping[NotificationState, str] = {
    State.HELD: "held back while what it says is doubted",
    State.SENDING: "being sent",
    State.DROPPED: "dropped: it was not so",
}


def sentences(
    trail: AlertTrail, titled: Titled, lists: Mapping[str, Blocklist], customers: Mapping[str, str], now: datetime
) -> Iterator[str]:
    """`customers`: names by id."""
    event = trail.alert.numbered.event
    if not trail.alert.lines:
        yield _why_nobody(event, trail.leads, titled, lists)
    for line in trail.alert.lines:
        yield _of(line, trail, titled, now)
    if trail.leads is not None:
        for line in trail.leads.lines:
            yield _of(line, trail, titled, now)
    if event.kind in LISTING_EVENTS | SENDER_EVENTS:
        for party in event.facts.get("parties", ()):
            name = visible(customers.get(party, party), 100)
            yield f"{name} was sent no alert: customers get none, and the weekly report tells it."


def _of(line: OutboxLine, trail: AlertTrail, titled: Titled, now: datetime) -> str:
    who, how = _who(line), _how(line)
    note = line.notification
    why = f" ({visible(note.because, _MOST)})" if note.because else " (by which route was not recorded)"
    match line.state:
        case State.SENT:
            what = "was told that it was not so," if note.corrects else "was told"
            return f"{who} {what} {_at(line.sent_at)} {how}{why}."
        case State.SILENCED:
            silence = _silence(note.about, trail.silences)
            return f"{who} was not told: {silence}. Otherwise it would have gone {how}{why}."
        case State.INHIBITED:
            return f"{who} was not told: {_inhibitor(note.about, trail.inhibitors, titled)} tells the cause of it."
        case State.JOINED:
            return f"{who} is told within another message, its end or a digest: {_id(note.about)}{why}."
        case State.DROPPED:
            return f"{who} was not told: what it says turned out not to be so before it was sent."
        case State.HELD:
            return f"{who} is not told yet: it is held back while what it says is doubted{why}."
        case State.COLLECTED:
            return f"{who} will be told in the digest of {_at(note.digest_at)} {how}{why}."
        case State.DEAD:
            return (
                f"{who} was not told: {how} it was given up after {_attempts(line)}: {_error(line)}. To try again: "
                f"deliverwatch alerts resend {note.id}"
            )
        case _:
            return f"{who} is not told yet: {standing(line, now)}; it goes {how}{why}."


def _waits(line: OutboxLine, now: datetime) -> str:
    note = line.notification
    if line.attempts:
        again = f", again {_at(line.next_attempt_at)}" if line.next_attempt_at is not None else ""
        return f"not accepted in {_attempts(line)}{again}: {_error(line)}"
    if note.not_before is not None and now < note.not_before:
        hours = " for service hours," if "in service hours" in note.because else ""
        return f"waits{hours} until {_at(note.not_before)}"
    return "due now"


def _why_nobody(event: Event, leads: AlertLine | None, titled: Titled, lists: Mapping[str, Blocklist]) -> str:
    if leads is not None:
        lead = leads.numbered
        return f"Nobody was told of it by itself: it is a part of {_named(lead, titled)}, which speaks for all of it."
    if event.facts.get("quiet"):
        return f"Nobody was told: {_why_quiet(event, lists)}."
    if is_void(event):
        return "Nobody was told: it takes back a listing that never was, and nobody had been told of that."
    if (why := _NOT_TOLD.get(event.kind)) is not None and why[0](event):
        return f"Nobody was told: {why[1]}."
    return "Nobody was told: no route takes it, or nobody is set up who could be told ([alerts] in the settings)."


_NOT_TOLD: Mapping[EventKind, tuple[Callable[[Event], bool], str]] = {
    EventKind.LIST_FAILING: (lambda _: True, "one bad round of a list is shown, and only what lasts is sent"),
    EventKind.LIST_RECOVERED: (
        lambda event: event.facts["was"] == Health.FAILING,
        "that it failed had been told to nobody either",
    ),
    EventKind.WARMUP_RELEASED: (
        lambda event: event.facts.get("why") != LATE_DATA,
        "a person released it, and knows",
    ),
}


def _why_quiet(event: Event, lists: Mapping[str, Blocklist]) -> str:
    if event.kind in LISTING_EVENTS:
        blocklist = lists.get(event.list_id)
        if blocklist is not None and not blocklist.leads:
            return f"{visible(blocklist.name, 80)} only informs, and makes no alerts"
        if event.kind is EventKind.LISTING_CHANGED:
            return "its codes changed without making it better or worse, or it comes and goes"
        return "it comes and goes, which was told once; what it settles to will be told"
    return _QUIET.get(event.kind, "it was kept quiet, and why is not recorded")


_HISTORY = "it was over or long past when it was learnt of, or hits too little of the mail to be told"
_QUIET: Mapping[EventKind, str] = {
    EventKind.BLOCK_OPENED: _HISTORY,
    EventKind.THROTTLE_STARTED: _HISTORY,
    EventKind.FINDING_OPENED: _HISTORY,
    EventKind.WARNING_STARTED: _HISTORY,
    EventKind.BLOCK_CLOSED: "nobody had been told of its beginning",
    EventKind.THROTTLE_ENDED: "it goes on as a block, which is told by itself, or nobody was told of its beginning",
    EventKind.FINDING_CLOSED: "nobody had been told of its beginning",
    EventKind.WARNING_ENDED: "nobody had been told of its beginning",
}


def _silence(id_: str | None, silences: tuple[Silence, ...]) -> str:
    found = next((each for each in silences if each.id == id_), None)
    if found is None:
        return f"silence {_id(id_)} covered it"
    until = f"until {_at(found.ended_at or found.until_at)}"
    return f'silence {_id(found.id)} by {visible(found.by, 80)} covered it {until}: "{visible(found.reason, _MOST)}"'


def _inhibitor(key: str | None, inhibitors: tuple[NumberedEvent, ...], titled: Titled) -> str:
    found = next((each for each in inhibitors if each.event.key == key), None)
    return _named(found, titled) if found is not None else f"the event {_id(key)}"


def _named(numbered: NumberedEvent, titled: Titled) -> str:
    return f'{numbered.id} "{titled(numbered.event)}"'


def _who(line: OutboxLine) -> str:
    note = line.notification
    if note.channel != _EMAIL:
        return f"The channel {visible(note.recipient, 80)}"
    as_what = {
        Audience.OPERATOR: "who reads of all customers",
        Audience.TAM: "the account manager or their deputy",
        Audience.CUSTOMER: "a contact of the customer",
    }[note.audience]
    return f"{visible(note.recipient, 254)}, {as_what},"


def _how(line: OutboxLine) -> str:
    channel = line.notification.channel
    return "by mail" if channel == _EMAIL else f"by {visible(channel, 80)}"


def _attempts(line: OutboxLine) -> str:
    return "1 attempt" if line.attempts == 1 else f"{line.attempts} attempts"


def _error(line: OutboxLine) -> str:
    return visible(line.last_error or "why was not recorded", _MOST)


def _id(text: str | None) -> str:
    return visible(text or "unknown", 200)


def _at(at: datetime | None) -> str:
    return instant(at) if at is not None else "at a time that was not recorded"

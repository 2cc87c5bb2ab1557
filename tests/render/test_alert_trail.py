"""Why somebody was told, or was not: every state and every quiet event has its sentence."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.alerting import Audience, Notification, NotificationState, Told, notification_id
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.silences import Silence
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.alert_ports import AlertLine, AlertTrail, NumberedEvent
from deliverwatch.flows.ports import OutboxLine
from deliverwatch.render.alert_trail import sentences, standing
from samples import NOON, SAMPLE_LIST

HOUR = timedelta(hours=1)
HOSTILE = "x\r\n\x1b[2J\u202ey"


def event(kind=EventKind.LISTING_OPENED, key="one", **facts):
    return Event(key, kind, NOON, "sample", parse_subject("192.0.2.10"), {"parties": ["acme"], **facts})


def line(state=NotificationState.SENT, recipient="tam@esp.example", audience=Audience.TAM, **changes):
    own = {
        name: changes.pop(name) for name in ("attempts", "next_attempt_at", "sent_at", "last_error") if name in changes
    }
    id_ = notification_id("alert", recipient)
    given = {"event_key": "one", "because": "route 'the rest', in service hours: it can wait", **changes}
    note = Notification(id_, id_, audience, given.pop("channel", "email"), recipient, ("acme",), NOON, **given)
    values = {"attempts": 0, "next_attempt_at": None, "sent_at": None, "last_error": None, **own}
    return OutboxLine(note, state, event_kind=EventKind.LISTING_OPENED, **values)


def why(*lines, about=None, leads=None, inhibitors=(), silences=(), leading=True):
    trail = AlertTrail(AlertLine(NumberedEvent(7, about or event()), lines), leads, tuple(inhibitors), tuple(silences))
    lists = {"sample": replace(SAMPLE_LIST, leads=leading)}
    return list(sentences(trail, lambda each: f"TITLE of {each.key}", lists, {"acme": "Acme"}, NOON))


@pytest.mark.parametrize("state", NotificationState)
def test_every_state_is_said(state):
    told = line(state, sent_at=NOON, attempts=2, last_error=HOSTILE, digest_at=NOON + HOUR, about=HOSTILE)
    short, (long, *_) = standing(told, NOON), why(told)
    assert long.startswith("tam@esp.example, the account manager or their deputy, ")
    assert ("was told" in long) == (state is NotificationState.SENT)
    for text in (short, long):
        assert not {"\r", "\n", "\x1b", "\u202e"} & set(text)


def test_who_was_told_when_how_and_why():
    assert why(line(sent_at=NOON))[0] == (
        "tam@esp.example, the account manager or their deputy, was told 2026-11-18 12:00 UTC by mail "
        "(route 'the rest', in service hours: it can wait)."
    )
    chat = line(recipient="chat", channel="chat", audience=Audience.OPERATOR, sent_at=NOON, because="")
    assert why(chat)[0] == "The channel chat was told 2026-11-18 12:00 UTC by chat (by which route was not recorded)."


def test_what_waits_says_until_when():
    later = line(NotificationState.PENDING, not_before=NOON + HOUR)
    assert standing(later, NOON) == "waits for service hours, until 2026-11-18 13:00 UTC"
    assert standing(replace(later, notification=replace(later.notification, because="")), NOON) == (
        "waits until 2026-11-18 13:00 UTC"
    )
    assert standing(later, NOON + HOUR) == "due now"
    tried = line(NotificationState.PENDING, attempts=1, last_error="421 later", next_attempt_at=NOON + HOUR)
    assert standing(tried, NOON) == "not accepted in 1 attempt, again 2026-11-18 13:00 UTC: 421 later"


def test_a_correction_is_told_for_what_it_is():
    assert "was told that it was not so, 2026" in why(line(sent_at=NOON, corrects=Told("x", NOON)))[0]


def test_a_silence_is_named_with_its_reason():
    silence = Silence("s-1", NOON, NOON + HOUR, "ann", f"we know {HOSTILE}")
    (sentence, *_) = why(line(NotificationState.SILENCED, about="s-1"), silences=[silence])
    assert "silence s-1 by ann covered it until 2026-11-18 13:00 UTC" in sentence
    assert "we know x\\r\\n" in sentence
    assert "silence s-2 covered it" in why(line(NotificationState.SILENCED, about="s-2"))[0]


def test_what_tells_the_cause_is_named():
    trouble = NumberedEvent(3, event(EventKind.RESOLVER_TROUBLE, "trouble", path="p", trouble="dead"))
    (sentence, *_) = why(line(NotificationState.INHIBITED, about="trouble"), inhibitors=[trouble])
    assert '3 "TITLE of trouble" tells the cause of it' in sentence
    assert "the event gone tells the cause" in why(line(NotificationState.INHIBITED, about="gone"))[0]


def test_a_part_of_an_incident_names_what_speaks_for_it_and_who_heard_that():
    leads = AlertLine(NumberedEvent(6, event(key="lead")), (line(sent_at=NOON),))
    told = why(about=event(quiet=True, incident="lead"), leads=leads)
    assert told[0].endswith('it is a part of 6 "TITLE of lead", which speaks for all of it.')
    assert "was told" in told[1]


@pytest.mark.parametrize(
    ("about", "leading", "said"),
    [
        (event(quiet=True), False, "Sample list only informs, and makes no alerts"),
        (event(quiet=True), True, "it comes and goes"),
        (event(EventKind.LISTING_CHANGED, quiet=True), True, "without making it better or worse"),
        (event(EventKind.LISTING_CLOSED, ended="void"), True, "a listing that never was"),
        (event(EventKind.FINDING_OPENED, quiet=True), True, "hits too little of the mail"),
        (event(EventKind.THROTTLE_ENDED, quiet=True), True, "goes on as a block"),
        (event(EventKind.BLOCK_CLOSED, quiet=True), True, "nobody had been told of its beginning"),
        (event(EventKind.LIST_QUARANTINED, quiet=True), True, "why is not recorded"),
        (event(EventKind.LIST_FAILING), True, "one bad round of a list is shown"),
        (event(EventKind.LIST_RECOVERED, was="failing"), True, "had been told to nobody either"),
        (event(EventKind.LIST_RECOVERED, was="quarantined"), True, "no route takes it"),
        (event(EventKind.WARMUP_RELEASED, by="ann"), True, "a person released it, and knows"),
        (event(EventKind.WARMUP_RELEASED, why="late_data"), True, "no route takes it"),
        (event(), True, "no route takes it, or nobody is set up"),
    ],
)
def test_why_nobody_was_told(about, leading, said):
    (sentence, *_) = why(about=about, leading=leading)
    assert sentence.startswith("Nobody was told")
    assert said in sentence


def test_customers_get_no_alerts():
    assert why(line(sent_at=NOON))[-1].startswith("Acme was sent no alert: customers get none")
    assert len(why(line(sent_at=NOON), about=event(EventKind.LIST_BLIND))) == 1

"""Postfix's log lines, as syslog writes them.

    Nov 26 10:00:00 mx1 postfix-192.0.2.10/smtp[123]: 4ABC: to=<a@example.com>, relay=mx.example[198.51.100.1]:25,
    delay=1, delays=0/0/1/0, dsn=4.7.0, status=deferred (host mx.example[198.51.100.1] said: 421 4.7.0 ... (in reply to
    RCPT TO command))

One line of smtp or lmtp per recipient and attempt; lines without `status=` tell the same earlier. "said" and "refused
to talk to me" introduce the receiver's words, which may be a 5xx greeting although the mail is only deferred; anything
else in the brackets is Postfix itself. Replies of several lines are joined with spaces.

The sending IP is not in the line: an instance may be named after it, else the settings map instances or hosts. The
sender stands in a line of qmgr, remembered by queue id. A hand-over on the same machine (a content filter, a mailbox)
is no delivery and would count the mail twice. `error` speaks for mail that was not tried. When qmgr gives up, it names
no recipient: those whose last attempt was deferred have expired, with the reply they got then.

(Logs of Postfix 2.3 to 3.8, seen November 2026.)
"""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Item, Speaker
from deliverwatch.flows.source_ports import ReaderOptions, Shape, Source
from deliverwatch.sources import values
from deliverwatch.sources.kept import Kept
from deliverwatch.sources.lines import LineReader
from deliverwatch.sources.log_times import LogTimes

_LINE = re.compile(
    r"(?:<\d{1,3}>)?((?:[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+)) (\S+) "
    r"([^\s\[/]+)/(?:[^\s\[/]+/)*([a-z-]+)\[\d+\]: ([0-9A-Za-z]{1,30}): (.*)",
    re.DOTALL,
)
_ADDRESS = r'<((?:"(?:[^"\\]|\\.)*"|[^">])*)>'
_ATTEMPT = re.compile(
    rf"to={_ADDRESS}, (?:orig_to={_ADDRESS}, )?relay=([^\s,]+), (?:[a-z_]+=[^\s,]*, )*status=([a-z]+)(?: \((.*)\))?",
    re.DOTALL,
)
_QUEUED = re.compile(rf"from={_ADDRESS}, (.*)", re.DOTALL)
_SAID = re.compile(r"host (\S+?)\[[^\]\s]*\](?::\d+)? (?:said|refused to talk to me): (.*)", re.DOTALL)
_IN_REPLY_TO = re.compile(r" \(in reply to [^()]*\)\s*$")
_OUTCOMES = {
    "sent": DeliveryOutcome.DELIVERED,
    "deferred": DeliveryOutcome.DEFERRED,
    "bounced": DeliveryOutcome.BOUNCED,
    "expired": DeliveryOutcome.BOUNCED,
}
_ATTEMPTING = frozenset({"smtp", "lmtp"})
_MOST_QUEUED = 100_000
_MOST_WAITING = 20_000
_MOST_RECIPIENTS = 50
_MOST_KEPT_REPLY = 512


class PostfixReader(LineReader):
    def __init__(self, options: ReaderOptions) -> None:
        super().__init__(options)
        self._instances = values.addresses(options.instances)
        self._times = LogTimes(options.now, options.zone)
        self._senders: Kept[str | None] = Kept(_MOST_QUEUED)
        self._waiting: Kept[dict[int, DeliveryEvent]] = Kept(_MOST_WAITING)

    def items(self, line: str) -> Iterable[Item]:
        found = _LINE.match(line)
        if found is None:
            return ()
        time, host, instance, service, queue_id, rest = found.groups()
        if service in _ATTEMPTING:
            return self._attempt(time, self._sending_ip(instance, host), queue_id, rest)
        return self._queue(time, queue_id, rest) if service == "qmgr" else ()

    def _queue(self, time: str, queue_id: str, rest: str) -> Iterable[Item]:
        if rest == "removed":
            self._senders.take(queue_id)
            self._waiting.take(queue_id)
            return ()
        found = _QUEUED.match(rest)
        if found is None:
            return ()
        sender = values.domain_of(found[1])
        self._senders.put(queue_id, sender)
        return self._expired(queue_id, sender, self._times.at(time)) if found[2].startswith("status=expired") else ()

    def _expired(self, queue_id: str, sender: str | None, at: datetime) -> Iterable[Item]:
        """Those that still waited, with the reply they got last."""
        last = (self._waiting.take(queue_id) or {}).values()
        gave_up = DeliveryOutcome.BOUNCED
        return [each._replace(at=at, outcome=gave_up, domain=sender, retry=None, expired=True) for each in last]

    def _attempt(self, time: str, ip: str | None, queue_id: str, rest: str) -> Iterable[Item]:
        found = _ATTEMPT.fullmatch(rest)
        if found is None:
            if " status=" in rest and rest.startswith("to="):
                raise ValueError("expected to=<...>, relay=..., ..., status=... (...)")
            return ()
        recipient, _, relay, status, text = found.groups()
        outcome = _OUTCOMES.get(status)
        if outcome is None or _is_local(relay):
            return ()
        speaker, host, reply = _said(relay, outcome, text or "")
        waiting = self._waiting.get(queue_id) or {}
        event = DeliveryEvent(
            self._times.at(time),
            outcome,
            ip,
            values.domain_of(recipient),
            host,
            domain=self._senders.get(queue_id),
            retry=True if hash(recipient) in waiting else None,
            speaker=speaker,
            reply=reply,
            expired=status == "expired",
        )
        self._keep(queue_id, waiting, hash(recipient), event)
        return (event,)

    def _keep(self, queue_id: str, waiting: dict[int, DeliveryEvent], recipient: int, event: DeliveryEvent) -> None:
        """Of recipients a number stays, by which they are known again."""
        if event.outcome is not DeliveryOutcome.DEFERRED:
            waiting.pop(recipient, None)
        elif recipient in waiting or len(waiting) < _MOST_RECIPIENTS:
            waiting[recipient] = event._replace(reply=event.reply and event.reply[:_MOST_KEPT_REPLY])
            self._waiting.put(queue_id, waiting)

    def _sending_ip(self, instance: str, host: str) -> str | None:
        named = self._instances.get(instance) or self._instances.get(host)
        return named or _ip_in(instance) or self.options.ip


@lru_cache(1 << 10)
def _ip_in(instance: str) -> str | None:
    """Of "postfix-192.0.2.10"."""
    try:
        return values.address(instance.partition("-")[2])
    except ValueError:
        return None


def _is_local(relay: str) -> bool:
    """Handed over on the same machine: to a content filter, a mailbox, a socket."""
    host, _, rest = relay.partition("[")
    address = rest.partition("]")[0]
    return host in {"local", "virtual", "localhost"} or "/" in relay or address.startswith("127.") or address == "::1"


def _said(relay: str, outcome: DeliveryOutcome, text: str) -> tuple[Speaker, str | None, str | None]:
    """Who speaks, which host answered, and its words."""
    host = None if relay == "none" else values.host(relay)
    if outcome is DeliveryOutcome.DELIVERED:
        return Speaker.RECEIVER, host, None
    text = text[: values.MOST_REPLY]
    said = _SAID.search(text)
    if said is None:
        return Speaker.OWN, host, values.reply(text)
    return Speaker.RECEIVER, values.host(said[1]) or host, values.reply(_IN_REPLY_TO.sub("", said[2]))


SOURCE = Source(
    id="postfix",
    title="Postfix logs",
    shape=Shape.LINES,
    space="postfix",
    reader=PostfixReader,
    not_measured=frozenset({"complaints"}),
    followable=True,
)

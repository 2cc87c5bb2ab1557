"""Exim's main log.

    2026-11-26 10:00:00 1vO1aB-000000001Ab-2Cd5 <= news@example.com H=... P=esmtpsa S=2345
    2026-11-26 10:00:01 1vO1aB-000000001Ab-2Cd5 => a@example.net R=dnslookup T=remote_smtp H=mx.example.net [192.0.2.1]
    2026-11-26 10:00:01 1vO1aB-000000001Ab-2Cd5 == b@example.net R=dnslookup T=remote_smtp defer (-44) H=... [...]: text
    2026-11-26 10:00:01 1vO1aB-000000001Ab-2Cd5 ** c@example.net R=dnslookup T=remote_smtp H=... [...]: text
    2026-11-26 10:00:02 1vO1aB-000000001Ab-2Cd5 Completed

"=>", "->" (one more recipient of the same delivery) and ">>" (cut-through) were accepted, "==" was deferred, "**"
failed. "SMTP error from remote mail server after ...:" introduces the receiver's words, with a literal \\n between the
lines of a reply. "retry timeout exceeded" behind them: the queue gave up. "retry time not reached" says that nothing
was tried.

A delivery without a host is a local one. The sending IP stands there as I=[ip]:port only if `outgoing_interface` is
logged; the sender as F=<...> or, remembered by the message's id, on its "<=" line. Times are local unless they carry
their offset (`log_timezone`). (Exim specification 4.97, chapter "Log files", as of November 2026.)
"""

import re
from collections.abc import Iterable

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Item, Speaker
from deliverwatch.flows.source_ports import ReaderOptions, Shape, Source
from deliverwatch.sources import values
from deliverwatch.sources.kept import Kept
from deliverwatch.sources.lines import LineReader

_LINE = re.compile(
    r"(?:\S.{0,100}? exim\d?\[\d+\]: (?:\[\d+(?:[\\/]\d+)?\] )?)?"  # through syslog
    r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: [+-]\d{4})?) (?:\[\d+\] )?"
    r"([0-9A-Za-z]{6}-(?:[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{11}-[0-9A-Za-z]{4})) (\S+)(?: (.*))?",
    re.DOTALL,
)
_ADDRESS = re.compile(r'((?:"(?:[^"\\]|\\.)*"|[^\s"<])+)?(?: ?<((?:"(?:[^"\\]|\\.)*"|[^">])*)>)?')
_HOST = re.compile(r" H=(\S+)(?: \([^)]*\))? \[([0-9A-Fa-f.:]+)\]")
_INTERFACE = re.compile(r" I=\[([0-9A-Fa-f.:]+)\]")
_SENDER = re.compile(r" F=<([^>]*)>")
_TRANSPORT = re.compile(r" T=([^\s:]+)")
_SAID = re.compile(
    r"SMTP error from remote mail(?:er| server) after .*?: (?:host (\S+) \[([^\]\s]*)\]: )?(?=[245]\d\d(?:[ -]|$))(.*)",
    re.DOTALL,
)
_GAVE_UP = re.compile(r":? *retry time(?:out exceeded| not reached for any host after a long failure period)\s*$")
_NOT_TRIED = "retry time not reached"
_OUTCOMES = {
    "=>": DeliveryOutcome.DELIVERED,
    "->": DeliveryOutcome.DELIVERED,
    ">>": DeliveryOutcome.DELIVERED,
    "==": DeliveryOutcome.DEFERRED,
    "**": DeliveryOutcome.BOUNCED,
}
_MOST_QUEUED = 100_000


class EximReader(LineReader):
    def __init__(self, options: ReaderOptions) -> None:
        super().__init__(options)
        self._instances = values.addresses(options.instances)
        self._senders: Kept[str | None] = Kept(_MOST_QUEUED)

    def items(self, line: str) -> Iterable[Item]:
        found = _LINE.match(line)
        if found is None:
            return ()
        time, message_id, flag, rest = found.groups()
        outcome = _OUTCOMES.get(flag)
        if outcome is not None:
            return self._delivery(time, message_id, outcome, rest or "")
        if flag == "<=":
            self._senders.put(message_id, values.domain_of((rest or "").partition(" ")[0]))
        elif flag == "Completed":
            self._senders.take(message_id)
        return ()

    def _delivery(self, time: str, message_id: str, outcome: DeliveryOutcome, rest: str) -> Iterable[Item]:
        address = _ADDRESS.match(rest)
        if address is None or not address[0]:
            raise ValueError("expected a recipient's address")
        fields = rest[address.end() :]
        facts, text = _parted(fields, outcome)
        speaker, said_host, said_ip, reply, expired = _said(outcome, text)
        host = _HOST.search(facts)
        if _is_local(outcome, facts, host[2] if host else said_ip) or (_NOT_TRIED in text and not expired):
            return ()
        sender, transport = _SENDER.search(facts), _TRANSPORT.search(facts)
        interface = _INTERFACE.search(facts)
        return (
            DeliveryEvent(
                values.at_iso(time[:11] + time[11:].replace(" ", ""), self.options.zone),
                outcome,
                values.address(interface[1]) if interface else self._known(transport[1] if transport else ""),
                values.domain_of(address[1] or "") or values.domain_of(address[2] or ""),
                (values.host(host[1]) if host else None) or said_host,
                domain=values.domain_of(sender[1]) if sender else self._senders.get(message_id),
                speaker=speaker,
                reply=reply,
                expired=expired,
            ),
        )

    def _known(self, transport: str) -> str | None:
        return self._instances.get(transport, self.options.ip)


def _parted(fields: str, outcome: DeliveryOutcome) -> tuple[str, str]:
    """What Exim says of the attempt, and the words that follow. Behind X= and C= stand the receiver's own."""
    facts, text = (fields, "") if outcome is DeliveryOutcome.DELIVERED else fields.partition(": ")[::2]
    return facts.partition(" X=")[0].partition(' C="')[0], text


def _is_local(outcome: DeliveryOutcome, facts: str, address: str | None) -> bool:
    """To a mailbox, a pipe or a filter on the same machine."""
    if address is not None:
        return address.startswith("127.") or address == "::1"
    transport = _TRANSPORT.search(facts)
    if outcome is DeliveryOutcome.DELIVERED:
        return True
    return transport is not None and "smtp" not in transport[1].lower()


def _said(outcome: DeliveryOutcome, text: str) -> tuple[Speaker, str | None, str | None, str | None, bool]:
    """Who speaks, the host and address that the words name, the words, and whether the queue gave up."""
    if outcome is DeliveryOutcome.DELIVERED:
        return Speaker.RECEIVER, None, None, None, False
    text = text[: values.MOST_REPLY]
    expired = outcome is DeliveryOutcome.BOUNCED and _GAVE_UP.search(text) is not None
    words = _GAVE_UP.sub("", text) if expired else text
    said = _SAID.search(words)
    if said is None:
        return Speaker.OWN, None, None, None if expired else values.reply(words), expired
    host = values.host(said[1]) if said[1] else None
    return Speaker.RECEIVER, host, said[2], values.reply(said[3].replace("\\n", "\n")), expired


SOURCE = Source(
    id="exim",
    title="Exim main logs",
    shape=Shape.LINES,
    space="exim",
    reader=EximReader,
    not_measured=frozenset({"complaints"}),
    followable=True,
)

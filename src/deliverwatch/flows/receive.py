"""Webhook calls, kept as they come and read later.

A platform gives a call a few seconds and tries again for hours, then the data are lost. So a genuine call is stored
whole and committed before it is answered, and what it says is worked out afterwards (`flows.collect`). A call that is
not genuine changes nothing. A source without a secret takes nothing: whoever knows the address could write to it.
"""

from collections.abc import Mapping
from typing import Any

from deliverwatch.flows.delivery_ports import IngestStore, RawBody
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.source_ports import Receipt, ReceiptKind, Receiver, Source

_NO_SECRETS = frozenset({"user", "header"})
"""Settings that a receiver may need beside its secret, and that prove nothing."""
_KEPT_HEADERS = ("content-type",)


class WebhookInbox:
    """`settings`: by source, as plain values."""

    def __init__(
        self,
        store: IngestStore,
        clock: Clock,
        sources: Mapping[str, Source],
        settings: Mapping[str, Mapping[str, Any]],
        max_body: int,
    ) -> None:
        self.max_body = max_body
        self._store = store
        self._clock = clock
        self._receivers = {id_: source.receiver for id_, source in sources.items() if source.receiver is not None}
        self._secrets = {
            id_: {name: str(settings[id_][name]) for name in receiver.secrets if settings.get(id_, {}).get(name)}
            for id_, receiver in self._receivers.items()
        }

    def closed(self, source_id: str) -> Receipt | None:
        receiver = self._receivers.get(source_id)
        if receiver is None:
            return Receipt(ReceiptKind.UNKNOWN, f"no source {source_id[:40]!r} sends webhooks")
        if not self._secrets[source_id].keys() - _NO_SECRETS:
            return Receipt(ReceiptKind.NOT_SET_UP, _no_secret(source_id, receiver))
        return None

    async def take(self, source_id: str, headers: Mapping[str, str], body: bytes) -> Receipt:
        if (closed := self.closed(source_id)) is not None:
            return closed
        receiver, now = self._receivers[source_id], self._clock.now()
        why = receiver.refusal(headers, body, self._secrets[source_id], now)
        if why is not None:
            return Receipt(ReceiptKind.REFUSED, why)
        kept = {name: headers[name] for name in _KEPT_HEADERS if name in headers}
        raw = RawBody(0, source_id, receiver.identity(headers, body), now, kept, body)
        is_new = await self._store.keep_raw(raw)
        return Receipt(ReceiptKind.KEPT, "" if is_new else "is here already")


def _no_secret(source_id: str, receiver: Receiver) -> str:
    names = " or ".join(name for name in receiver.secrets if name not in _NO_SECRETS)
    return f"nothing is taken for {source_id}: set {names} in [sources.{source_id}]"

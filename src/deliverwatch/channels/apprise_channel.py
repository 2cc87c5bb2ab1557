"""Whatever the library Apprise can reach: Teams, Telegram, Matrix, ntfy, SMS gateways and a hundred more.

Its addresses come from the operator's settings alone, and are called by the library itself: the guard of
`channels.guard` is not in its way, and it may call our own network. It says no more than whether all addresses took a
message; so one that did not means that all are told again. It is slow to import and blocks, so both happen in a thread
of their own, and only when there is something to say. It writes its addresses, tokens and all, to its log, which is
therefore closed.
"""

import asyncio
import json
import logging
from dataclasses import dataclass, field
from datetime import timedelta

from deliverwatch.core.errors import ChannelFailed
from deliverwatch.flows.ports import OutgoingMail


@dataclass(frozen=True, slots=True)
class AppriseChannel:
    """`called`: what people call it. `timeout_for`: for all addresses together."""

    urls: tuple[str, ...] = field(repr=False)
    called: str = "apprise"
    timeout_for: timedelta = timedelta(seconds=60)

    async def deliver(self, mail: OutgoingMail) -> None:
        document = json.loads(mail.content)
        try:
            async with asyncio.timeout(self.timeout_for.total_seconds()):
                was_taken = await asyncio.to_thread(_notify, self.urls, document)
        except TimeoutError:
            limit = self.timeout_for.total_seconds()
            raise ChannelFailed(f"{self.called} was not done in {limit:g} s", permanent=False) from None
        if was_taken is None:
            raise ChannelFailed(f"{self.called} has an address that Apprise does not know", permanent=False)
        if not was_taken:
            raise ChannelFailed(f"{self.called} was not reached, or refused the message", permanent=False)


def _notify(urls: tuple[str, ...], document: dict[str, str]) -> bool | None:
    """None: an address that it cannot read."""
    import apprise

    _close_logs()
    asset = apprise.AppriseAsset(
        app_id="deliverwatch",
        app_desc="deliverwatch",
        app_url="",
        async_mode=False,
        http_redirects=False,
        allow_templates=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    library = apprise.Apprise(asset=asset)
    if not all([library.add(url) for url in urls]):
        return None
    return bool(
        library.notify(
            title=document["title"],
            body=document["body"],
            notify_type=document["type"],
            body_format=apprise.NotifyFormat.TEXT,
        )
    )


def _close_logs() -> None:
    """Importing it opens its own; urllib3, by which it calls, writes paths."""
    logging.getLogger("apprise").disabled = True
    logging.getLogger("urllib3").setLevel(logging.ERROR)

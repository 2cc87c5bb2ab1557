"""An incoming webhook as Slack has it, and Mattermost, Rocket.Chat and Zulip take it too.

The document is whole as it was made (`render.alert_documents`). Slack has no key by which it would know a message it
was sent before: one whose answer was lost appears twice.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from deliverwatch.channels.addresses import Network
from deliverwatch.channels.poster import Poster
from deliverwatch.flows.ports import OutgoingMail


@dataclass(frozen=True, slots=True)
class SlackChannel:
    """`called`, `inside`, `timeout_for`: as of a `Poster`."""

    url: str = field(repr=False)
    timeout_for: timedelta = timedelta(seconds=10)
    inside: tuple[Network, ...] = ()
    called: str = "chat"

    async def deliver(self, mail: OutgoingMail) -> None:
        await Poster(self.url, self.called, self.inside, self.timeout_for).post(mail.content, {})

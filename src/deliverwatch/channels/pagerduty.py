"""Events that open and resolve incidents, as PagerDuty's Events API v2 has them and others take them.

The document lacks one thing when it is made: the routing key, which is a secret, and messages are kept in the database.
It joins here. What is sent twice has the same `dedup_key`, and is one incident.
https://developer.pagerduty.com/docs/send-alert-event
"""

import json
from dataclasses import dataclass, field
from datetime import timedelta

from deliverwatch.channels.addresses import Network
from deliverwatch.channels.poster import Poster
from deliverwatch.flows.ports import OutgoingMail


@dataclass(frozen=True, slots=True)
class PagerDutyChannel:
    """`url`: https://events.pagerduty.com/v2/enqueue, or one that takes the same. `called`, `inside`, `timeout_for`: as
    of a `Poster`."""

    url: str = field(repr=False)
    routing_key: str = field(repr=False)
    timeout_for: timedelta = timedelta(seconds=10)
    inside: tuple[Network, ...] = ()
    called: str = "pager"

    async def deliver(self, mail: OutgoingMail) -> None:
        document = json.dumps({"routing_key": self.routing_key, **json.loads(mail.content)}).encode("ascii")
        await Poster(self.url, self.called, self.inside, self.timeout_for).post(document, {})

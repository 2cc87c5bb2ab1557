"""The notification channels by the name that a notification carries."""

from collections.abc import Callable, Mapping

from deliverwatch.channels.email import EmailChannel
from deliverwatch.channels.webhook import WebhookChannel
from deliverwatch.flows.ports import Channel

CHANNELS: Mapping[str, Callable[..., Channel]] = {"email": EmailChannel, "webhook": WebhookChannel}

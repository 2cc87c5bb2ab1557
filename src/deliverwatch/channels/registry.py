"""The notification channels by their kind, and how one is opened from the settings."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from deliverwatch.channels.addresses import Network
from deliverwatch.channels.apprise_channel import AppriseChannel
from deliverwatch.channels.email import EmailChannel
from deliverwatch.channels.pagerduty import PagerDutyChannel
from deliverwatch.channels.slack import SlackChannel
from deliverwatch.channels.webhook import WebhookChannel
from deliverwatch.core.routing import ChannelKind
from deliverwatch.flows.ports import Channel

CHANNELS: Mapping[str, Callable[..., Channel]] = {
    ChannelKind.EMAIL: EmailChannel,
    ChannelKind.SLACK: SlackChannel,
    ChannelKind.PAGERDUTY: PagerDutyChannel,
    ChannelKind.WEBHOOK: WebhookChannel,
    ChannelKind.APPRISE: AppriseChannel,
}


def open_channel(
    kind: ChannelKind,
    name: str,
    urls: Sequence[str],
    now: Callable[[], datetime],
    *,
    key: str | None = None,
    secret: str | None = None,
    inside: Sequence[Network] = (),
) -> Channel:
    """One of `[alerts.channels]`, whose settings are whole: `name` is its own, `urls` are several for Apprise alone,
    `key` is a pager's, `secret` signs a webhook."""
    called, networks = f"channel {name}", tuple(inside)
    match kind:
        case ChannelKind.SLACK:
            return SlackChannel(urls[0], inside=networks, called=called)
        case ChannelKind.PAGERDUTY:
            return PagerDutyChannel(urls[0], key or "", inside=networks, called=called)
        case ChannelKind.WEBHOOK:
            return WebhookChannel(urls[0], secret, now, inside=networks, called=called)
        case ChannelKind.APPRISE:
            return AppriseChannel(tuple(urls), called=called)
        case ChannelKind.EMAIL:
            raise ValueError(f"{called}: mail goes through the relay of [mail]")

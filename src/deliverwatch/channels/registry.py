"""The notification channels by the name that a notification carries."""

from collections.abc import Mapping

from deliverwatch.channels.email import EmailChannel

CHANNELS: Mapping[str, type[EmailChannel]] = {"email": EmailChannel}

"""Makes a silence of what a person asks for: covered by something, for a time, with a reason."""

import secrets
from datetime import datetime

from deliverwatch.core.errors import NotPossible
from deliverwatch.core.silences import LONGEST, Cover, Silence, covered_name
from deliverwatch.flows.alert_ports import AlertStore


async def keep_silence(
    store: AlertStore, cover: Cover, until_at: datetime, who: str, reason: str, now: datetime
) -> Silence:
    """Raises NotPossible."""
    if cover == Cover():
        raise NotPossible("a silence covers something: give --customer, --subject, --place or --kind")
    if not reason.strip():
        raise NotPossible("a silence has a reason: give --reason TEXT")
    if until_at <= now:
        raise NotPossible(f"a silence ends later than now ({now:%Y-%m-%d %H:%M} UTC)")
    if until_at - now > LONGEST:
        raise NotPossible(f"a silence lasts {LONGEST.days} days at most: until {now + LONGEST:%Y-%m-%d %H:%M} UTC")
    subject = _normal(cover.subject) if cover.subject is not None else None
    id_ = f"s-{secrets.token_hex(4)}"
    silence = Silence(id_, now, until_at, who, reason, cover.customer, subject, cover.place, cover.family)
    await store.keep_silence(silence)
    return silence


def _normal(subject: str) -> str:
    try:
        return covered_name(subject)
    except ValueError as error:
        raise NotPossible(f"--subject: {error}") from None

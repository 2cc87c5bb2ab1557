"""The form that makes a silence: what a person wrote, and what of it cannot be, field by field.

The limits are those of the flow that keeps it (`App.silence`), which has the last word; here they are said beside the
field, in the language of the page.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from deliverwatch.core.access import Viewer
from deliverwatch.core.routing import Family
from deliverwatch.core.silences import LONGEST, Cover, covered_name
from deliverwatch.core.visible import visible
from deliverwatch.render.tongue import say

_DAY = timedelta(days=1)
_FIELDS = ("customer", "subject", "place", "kind", "until", "reason")
_MOST_REASON, _MOST_TEXT = 500, 1000


@dataclass(frozen=True, slots=True)
class SilenceForm:
    """As it was sent. `until`: as browsers write a local time ("2026-12-01T09:00"), taken as UTC."""

    customer: str = ""
    subject: str = ""
    place: str = ""
    kind: str = ""
    until: str = ""
    reason: str = ""

    @classmethod
    def empty(cls, now: datetime) -> "SilenceForm":
        return cls(until=f"{(now + _DAY):%Y-%m-%dT%H:%M}")

    @classmethod
    def sent(cls, values: Mapping[str, str]) -> "SilenceForm":
        return cls(**{name: visible(values.get(name, "").strip(), _MOST_TEXT) for name in _FIELDS})

    @property
    def cover(self) -> Cover:
        family = Family(self.kind) if self.kind else None
        return Cover(self.customer or None, self.subject or None, self.place or None, family)

    @property
    def until_at(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.until).replace(tzinfo=UTC)
        except ValueError:
            return None

    def faults(
        self, viewer: Viewer, customers: Collection[str], places: Collection[str], now: datetime
    ) -> dict[str, str]:
        """By field, in the order of the form. `customers`: those that the viewer sees."""
        found = {
            "customer": self._wrong_customer(viewer, customers),
            "subject": self._wrong_subject(),
            "place": say("There is no such list or mailbox provider.") if self.place not in {"", *places} else None,
            "kind": say("There is no such kind of alert.") if self.kind not in {"", *Family} else None,
            "until": self._wrong_end(now),
            "reason": self._wrong_reason(),
        }
        faults = {name: why for name, why in found.items() if why is not None}
        if not faults and self.cover == Cover():
            return {"customer": say("A silence covers something: choose a customer, a subject, a place or a kind.")}
        return faults

    def _wrong_customer(self, viewer: Viewer, customers: Collection[str]) -> str | None:
        if self.customer and self.customer not in customers:
            return say("There is no such customer.")
        if not self.customer and not viewer.sees_all:
            return say("Choose one of your customers.")
        return None

    def _wrong_subject(self) -> str | None:
        try:
            if self.subject:
                covered_name(self.subject)
        except ValueError:
            return say("This is no address, range or domain.")
        return None

    def _wrong_end(self, now: datetime) -> str | None:
        until_at = self.until_at
        if until_at is None:
            return say("Give a day and a time.")
        if until_at <= now:
            return say("It ends later than now.")
        if until_at - now > LONGEST:
            return say("It lasts {days} days at most.", days=LONGEST.days)
        return None

    def _wrong_reason(self) -> str | None:
        if not self.reason:
            return say("Say why: whoever asks later reads it.")
        if len(self.reason) > _MOST_REASON:
            return say("{most} characters at most.", most=_MOST_REASON)
        return None

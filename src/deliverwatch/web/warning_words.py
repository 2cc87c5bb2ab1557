"""What an early warning warns of, and the figures it stands on, as the desk says them."""

from collections.abc import Iterator, Mapping
from typing import Any

from deliverwatch.core.block import Episode
from deliverwatch.core.visible import visible
from deliverwatch.render.tongue import marked, percent, say

_WHATS: Mapping[str, str] = {
    "snds_colour": marked("Microsoft's SNDS shows it yellow or red"),
    "snds_trap_hits": marked("Microsoft counts mail to spam traps"),
    "snds_complaint_ratio": marked("Microsoft's recipients complain"),
    "snds_blocked": marked("Microsoft's SNDS says that it is blocked"),
    "spam_rate": marked("recipients mark its mail as spam"),
    "complaints": marked("recipients complain"),
    "delivery_error_ratio": marked("mail is refused for its reputation"),
    "compliance": marked("the provider says that its requirements are not met"),
    "deferrals": marked("more of its mail is put off than in the week before"),
    "ptr_gone": marked("its reverse name is gone"),
    "ptr_changed": marked("its reverse name has changed"),
    "spf_gone": marked("its SPF record is gone"),
    "spf_changed": marked("its SPF record has changed"),
    "dkim_gone": marked("a DKIM key of its is gone"),
    "dkim_changed": marked("a DKIM key of its has changed"),
    "dmarc_gone": marked("its DMARC record is gone"),
    "dmarc_changed": marked("its DMARC record has changed"),
}
_MOST_DAYS = 3


def what(warning: Episode) -> str:
    return what_of(warning.what)


def what_of(name: str) -> str:
    """`name`: of a warning, as it is kept."""
    kind, _, detail = name.partition(": ")
    told = say(_WHATS.get(kind, marked("something about it needs a look")))
    return f"{told} ({visible(detail, 120)})" if detail else told


def figures(warning: Episode) -> Iterator[str]:
    """Of its newest days; of records, what stands there now. Nothing where they are others' to know."""
    for day in (warning.evidence.get("days") or ())[-_MOST_DAYS:]:
        told = ", ".join(_figure(name, value) for name, value in day.items() if name != "on")
        yield f"{visible(str(day['on']), 10)}: {told}" if told else visible(str(day["on"]), 10)
    if "now" in warning.evidence:
        now = "; ".join(visible(str(each), 200) for each in warning.evidence["now"] or ())
        yield say("now: {records}", records=now or say("nothing"))


def _figure(name: str, value: Any) -> str:
    label = "" if name in ("value", "text") else f"{name.replace('_', ' ')} "
    if isinstance(value, float) and value < 1:
        return f"{label}{percent(value)}"
    return f"{label}{visible(str(value), 120)}"

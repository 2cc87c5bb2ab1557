"""Stories about the inventory: what the sending platform knows otherwise, and what mail leaves under that nobody
watches. The operator reads them, nobody else."""

from collections.abc import Sequence

from deliverwatch.core.alerting import AlertView
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import Story
from deliverwatch.render.words import at

_MOST_NAMED = 20
_ROLES = {
    "ip": "sending IP",
    "envelope": "envelope domain",
    "from": "From domain",
    "dkim": "DKIM d=",
    "link": "link domain",
}


def platform_differs(view: AlertView) -> Story:
    facts = view.event.facts
    done = facts["applied"]
    return Story(
        "INVENTORY",
        f"What {in_mail(facts['platform'])} sends from differs from the inventory"
        + (", and the inventory was changed." if done else "."),
        (
            ("Seen", at(view.event.at)),
            ("New there", _named(facts["added"])),
            ("Gone there", _named(facts["ended"])),
            ("Nobody's", _named(facts["unmapped"])),
        ),
        "What the inventory does not hold is on no watch: a listing or a block of it would be seen by nobody.",
        "New addresses go to the holder of their pool, new domains to the customer of their subaccount. What has no "
        "such holder is named here, and given to nobody.",
        "To see it: deliverwatch customers platform"
        + ("" if done else ". To take it over: deliverwatch customers platform --apply"),
        tail=" differs from the inventory",
        name=facts["platform"],
    )


def senders_unwatched(view: AlertView) -> Story:
    facts = view.event.facts
    names = [
        f"{name} ({_ROLES.get(role, role)}, {facts['counts'].get(name, 0):,} seen)" for role, name in facts["names"]
    ]
    return Story(
        "UNWATCHED",
        "Mail leaves under names that nobody watches.",
        (("Seen", at(view.event.at)), ("Names", _named(names))),
        "They are on no blocklist watch, and blocks of them are nobody's: what happens to them stays unseen.",
        "They were found in the sending data of the last seven days. Each name is told once.",
        "Add them to the inventory (deliverwatch customers import FILE), or find out who sends under them. All of "
        "them: deliverwatch sources unwatched",
        name=f"mail leaves under {len(names)} name{'s' if len(names) != 1 else ''} that nobody watches",
    )


def _named(names: Sequence[str]) -> str | None:
    shown = ", ".join(in_mail(name, 160) for name in names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return (f"{shown} and {more:,} more" if more > 0 else shown) or None

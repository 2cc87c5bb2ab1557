"""What a draft's raw values are called where people read them: its letter, its channel, its fields, what stands against
it, its subjects.

JSON keeps the values. One mapping for the command line, the Markdown and the evidence file, so that a draft is called
the same wherever it is met. A follow-up is named by what it does ("answer to a denial"): "denied" alone would read as
the fate of the draft itself. What the pages say of it as well is `marked`, for `say`.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence

from deliverwatch.core.incidents import ranges
from deliverwatch.core.remediation.draft import Blocker, Draft
from deliverwatch.core.remediation.facts import called
from deliverwatch.core.remediation.form import FormChannel, LetterKind
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.render.tongue import marked

LETTERS = {
    LetterKind.REQUEST: marked("request"),
    LetterKind.DENIED: marked("answer to a denial"),
    LetterKind.MORE_INFORMATION: marked("answer to their question"),
    LetterKind.NOTHING_FOUND: marked("answer to 'nothing found'"),
    LetterKind.NO_ANSWER: marked("question after no answer"),
    LetterKind.STILL_REFUSED: marked("no effect yet"),
}
CHANNELS = {
    FormChannel.WEB_FORM: marked("web form"),
    FormChannel.EMAIL: marked("e-mail"),
    FormChannel.PORTAL: marked("portal"),
    FormChannel.NONE: marked("nobody takes requests"),
}
_MOST_NAMED = 3
_PLAIN_WORD = re.compile(r"[a-z]+(?=[ ,:;.]|$)(?!\.\w)")


def asset_of(draft: Draft) -> str:
    return draft.customer or "shared, or our own"


def named_in_order(subjects: Iterable[str]) -> list[str]:
    """Addresses by number, then domains."""
    return sorted(subjects, key=_order)


def named_briefly(subjects: Sequence[str]) -> str:
    """As ranges; of many, how many they are."""
    names = ranges(_subject(name) for name in named_in_order(subjects))
    if len(names) <= _MOST_NAMED:
        return ", ".join(names)
    addresses = [network for name in names if (network := _network(name)) is not None]
    count = sum(network.num_addresses for network in addresses)
    domains = len(names) - len(addresses)
    said = [f"{count:,} addresses"] if addresses else []
    return " and ".join([*said, *([f"{domains:,} domain{'' if domains == 1 else 's'}"] if domains else [])])


def field_words(draft: Draft, name: str) -> str:
    """`name`: of a field of the form, of a question to the customer, or of a check."""
    label = next((field.label for field in draft.fields if field.name == name), None)
    return label or called(name)


def sentence(text: str) -> str:
    """With a capital where a plain word begins it (an address or a name stays as it is), and with a full stop."""
    text = text.strip()
    whole = text[:1].upper() + text[1:] if _PLAIN_WORD.match(text) else text
    return whole if whole.endswith((".", "!", "?")) else f"{whole}."


def blocker_words(blocker: Blocker) -> str:
    """By the name that overrules it."""
    said = f"{blocker.check}: {sentence(blocker.found)}"
    if blocker.stands:
        return f"{said} {sentence(blocker.fix)}"
    at = f" at {blocker.overruled_at}" if blocker.overruled_at else ""
    return f"{said} Overruled by {blocker.overruled_by}{at}: {blocker.overruled_because or 'no reason was kept'}"


def _subject(name: str) -> Subject:
    network = _network(name)
    if network is None:
        return Subject(SubjectKind.DOMAIN, name)
    return Subject(SubjectKind.IPV4 if network.version == 4 else SubjectKind.IPV6, name)


def _order(name: str) -> tuple[int, int, str]:
    network = _network(name)
    return (9, 0, name) if network is None else (network.version, int(network.network_address), name)


def _network(name: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(name, strict=False)
    except ValueError:
        return None

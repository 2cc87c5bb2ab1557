"""A language in which every sentence stands in brackets and is two fifths longer: what was never marked shows."""

from babel import Locale

from deliverwatch.core.inventory import Language
from deliverwatch.render import tongue

OPEN, CLOSE = "⟦", "⟧"


def pseudo_tongue(sentences):
    """To stand in for `tongue.tongue`; it writes numbers and dates as German does."""
    said = {_english(each): _wrapped(each) for each in sentences if each.id}
    spoken = tongue.Tongue(Language.DE, Locale.parse("de"), said, lambda number: int(number != 1))
    return lambda language: spoken


def _english(message):
    return message.id if isinstance(message.id, str) else message.id[0]


def _wrapped(message):
    forms = (message.id,) if isinstance(message.id, str) else message.id
    return tuple(f"{OPEN}{each}{'~' * (len(each) * 2 // 5)}{CLOSE}" for each in forms)


def outside(text):
    """What stands in no brackets."""
    depth, left = 0, []
    for character in text:
        depth += (character == OPEN) - (character == CLOSE)
        if not depth and character != CLOSE:
            left.append(character)
    assert depth == 0, "a sentence was cut"
    return "".join(left)

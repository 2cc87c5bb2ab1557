"""What is left to tell of what was kept back, once nothing keeps it back any more.

The difference between what a reader was told and what is true now: a beginning, if it still stands and nobody told it;
of changes the last, if it stands; an end, if the beginning was told, or is told now. The rest came and went.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from deliverwatch.core.joining import KEPT_BACK, Earlier, Part


class Word(StrEnum):
    """WAITS: something else of the same episode still is kept back, and this is told or not as that is."""

    TELL = "tell"
    NOTHING = "nothing"
    WAITS = "waits"


@dataclass(frozen=True, slots=True)
class Freed:
    """One notification that nothing keeps back any more. `episodes`: those it tells its reader of; `stands`: those of
    them that still are so, or, of what has no end, the event itself. `earlier`: what its reader was owed of them
    before, oldest first."""

    id: str
    part: Part
    episodes: frozenset[str] = frozenset()
    stands: frozenset[str] = frozenset()
    earlier: Sequence[Earlier] = ()


def left_to_tell(freed: Sequence[Freed]) -> dict[str, Word]:
    """All of one reader, oldest first."""
    ids = {each.id for each in freed}
    words: dict[str, Word] = {}
    for place, each in enumerate(freed):
        words[each.id] = _word(each, freed[place + 1 :], ids, words)
    return words


def _word(one: Freed, later: Sequence[Freed], freed: Collection[str], words: Mapping[str, Word]) -> Word:
    if one.part in (Part.CHANGES, Part.ENDS) and (unheard := _unheard(one, freed, words)) is not None:
        return unheard
    if one.part is Part.ENDS:
        return Word.TELL
    stands = one.stands
    if one.part is Part.CHANGES:
        stands = stands.difference(*(each.episodes for each in later if each.part is Part.CHANGES))
    return Word.TELL if stands else Word.NOTHING


def _unheard(one: Freed, freed: Collection[str], words: Mapping[str, Word]) -> Word | None:
    """Of what follows something that its reader has not heard of. None: they have, or were owed nothing of it."""
    heard = any(each.state not in KEPT_BACK or words.get(each.id) is Word.TELL for each in one.earlier)
    if heard or not one.earlier:
        return None
    return Word.NOTHING if all(each.id in freed for each in one.earlier) else Word.WAITS

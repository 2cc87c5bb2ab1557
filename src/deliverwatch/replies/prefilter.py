"""Which rules can match a text at all: those of which one literal occurs in it, all found in one pass (Aho-Corasick).

Sets of rules are whole numbers, one bit a rule, the first rule the lowest.
"""

from collections.abc import Iterator, Sequence

import ahocorasick


class Prefilter:
    def __init__(self, literals: Sequence[Sequence[str]]) -> None:
        """`literals`: of each rule, at least one."""
        rules: dict[str, int] = {}
        for number, some in enumerate(literals):
            for literal in some:
                rules[literal] = rules.get(literal, 0) | 1 << number
        self._automaton = ahocorasick.Automaton()
        for literal, bits in rules.items():
            self._automaton.add_word(literal, bits)
        self._automaton.make_automaton()

    def rules_in(self, text: str) -> int:
        found = 0
        if len(self._automaton):  # without a word it cannot be searched with
            for _, bits in self._automaton.iter(text):
                found |= bits
        return found


def in_order(rules: int) -> Iterator[int]:
    """Their numbers, the lowest first."""
    while rules:
        lowest = rules & -rules
        yield lowest.bit_length() - 1
        rules ^= lowest

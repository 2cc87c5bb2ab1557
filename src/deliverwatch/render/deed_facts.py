"""The facts of a line of the audit trail, in one line. They stay English, as they were written down."""

from collections.abc import Mapping
from typing import Any


def facts_in_line(facts: Mapping[str, Any]) -> str:
    """ "account: olga, customers: acme other, days: 30"; what is empty is left out."""
    return ", ".join(f"{name}: {_word(value)}" for name, value in facts.items() if value not in (None, "", [], {}))


def _word(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return " ".join(map(_word, value))
        case dict():
            return f"({facts_in_line(value)})"
        case _:
            return str(value)

"""Facts that concern others as well, without one customer who is forgotten."""

from collections.abc import Mapping
from typing import Any

NOBODY = "forgotten"


def forgotten_in(facts: Mapping[str, Any], customer: str, name: str) -> dict[str, Any]:
    """Its id and its name, wherever they stand as a whole: out of lists and keys, and elsewhere as `NOBODY`."""
    gone = {customer, name}
    return {key: _without(value, gone) for key, value in facts.items() if key not in gone}


def _without(value: Any, gone: set[str]) -> Any:
    match value:
        case str():
            return NOBODY if value in gone else value
        case Mapping():
            return {key: _without(each, gone) for key, each in value.items() if key not in gone}
        case list() | tuple():
            return [_without(each, gone) for each in value if not (isinstance(each, str) and each in gone)]
        case _:
            return value

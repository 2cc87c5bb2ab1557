"""Silences."""

from dataclasses import asdict
from typing import Any

from deliverwatch.core.routing import Family
from deliverwatch.core.silences import Silence
from deliverwatch.store.mapping.rows import AnyRow


def silence(row: AnyRow) -> Silence:
    values = dict(row._mapping)
    family = values.pop("family")
    return Silence(**values, family=Family(family) if family is not None else None)


def silence_values(value: Silence) -> dict[str, Any]:
    return {**asdict(value), "family": str(value.family) if value.family is not None else None}

"""A draft as a JSON document: what the command line prints, a help desk is told, and programs may rely on.

The promised keys keep their names; what is unknown is null, never an empty string; times are RFC 3339 in UTC. `version`
belongs in it: an edit names the version it was made to. Left out is what only the program can use: the digest of the
form, and what further episodes must share to join.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from deliverwatch.core.remediation.draft import Draft, DraftStep
from deliverwatch.render.plain_json import plain as plain_json

_INTERNAL = ("form_digest", "cause")


def document(draft: Draft, steps: Sequence[DraftStep] = ()) -> dict[str, Any]:
    """With `steps`, also its history, oldest first."""
    facts = asdict(draft)
    for name in _INTERNAL:
        del facts[name]
    if steps:
        facts["history"] = [asdict(step) for step in steps]
    plain: dict[str, Any] = plain_json(facts)
    return plain

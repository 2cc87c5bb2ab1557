"""What the groups of an identity provider make of a person: the widest role that one of them gives."""

from collections.abc import Collection, Mapping
from typing import Any

from deliverwatch.core.access import Role
from deliverwatch.settings.model import OidcSettings


def groups_of(claims: Mapping[str, Any], claim: str) -> frozenset[str]:
    """As the token names them; a single one may stand there without a list around it."""
    value = claims.get(claim)
    named = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return frozenset(each for each in named if isinstance(each, str))


def role_of(groups: Collection[str], oidc: OidcSettings) -> Role | None:
    """None: in no group that may come in."""
    of_groups = ((oidc.operators, Role.OPERATOR), (oidc.tams, Role.TAM), (oidc.readers, Role.READ_ONLY))
    return next((role for named, role in of_groups if not set(named).isdisjoint(groups)), None)


def sees_all(groups: Collection[str], oidc: OidcSettings) -> bool:
    return not set(oidc.see_all).isdisjoint(groups)

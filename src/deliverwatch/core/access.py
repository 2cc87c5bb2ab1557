"""Who may see and do what at the desk.

A role says what a person may do, and whose customers they see: all, or those whose technical account manager they are
(by the inventory's mail address, so that a customer who changes hands changes desks). A token may do no more than the
account that made it, and less where it was bounded. What one may not see does not exist for them: a foreign id is
answered like one that nobody has.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from deliverwatch.core.inventory import Customer, Language


class Role(StrEnum):
    """OPERATOR runs the installation, and sees all of it. TAM works for customers. READ_ONLY looks."""

    OPERATOR = "operator"
    TAM = "tam"
    READ_ONLY = "read-only"


class Act(StrEnum):
    """LOOK at what one sees. WORK on drafts, warm-ups, reports, silences. ADMINISTER: accounts, tokens, the inventory,
    lists, the audit trail."""

    LOOK = "look"
    WORK = "work"
    ADMINISTER = "administer"


class Scope(StrEnum):
    """Of a token."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


_OF_ROLE: Mapping[Role, frozenset[Act]] = {
    Role.OPERATOR: frozenset(Act),
    Role.TAM: frozenset({Act.LOOK, Act.WORK}),
    Role.READ_ONLY: frozenset({Act.LOOK}),
}
_OF_SCOPE: Mapping[Scope, frozenset[Act]] = {
    Scope.READ: frozenset({Act.LOOK}),
    Scope.WRITE: frozenset({Act.LOOK, Act.WORK}),
    Scope.ADMIN: frozenset(Act),
}


_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Account:
    """`name`: by which one signs in, and who is written down for what one does; lower case, unique. `email`: by which
    the inventory names a TAM. `sees_all`: all customers and what is the ESP's own; else those of `email`. An operator
    sees all. `language`: of the pages."""

    id: str
    name: str
    role: Role
    email: str
    sees_all: bool
    language: Language = Language.EN

    def customers(self, customers: Iterable[Customer]) -> frozenset[str] | None:
        """Whose it sees; None: all, and the ESP's own."""
        if self.sees_all or self.role is Role.OPERATOR:
            return None
        mine = self.email.casefold()
        return frozenset(each.id for each in customers if mine and each.tam.email.casefold() == mine)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks, now. `customers` None: all of them, and what is the ESP's own. `token`: the id of the API token; None:
    a person with a browser. `by`: what is written down as who did something."""

    account: str
    by: str
    acts: frozenset[Act]
    customers: frozenset[str] | None
    token: str | None = None

    @property
    def sees_all(self) -> bool:
        return self.customers is None

    def may(self, act: Act) -> bool:
        return act in self.acts

    def sees(self, customer: str | None) -> bool:
        """None: what is the ESP's own."""
        return self.customers is None or (customer is not None and customer in self.customers)

    def sees_any(self, parties: Collection[str]) -> bool:
        """Of what concerns several customers, or none."""
        return self.customers is None or not self.customers.isdisjoint(parties)


def viewer_of(account: Account, customers: Iterable[Customer]) -> Viewer:
    return Viewer(account.id, account.name, _OF_ROLE[account.role], account.customers(customers))


def viewer_by_token(
    account: Account, token: str, name: str, scope: Scope, bounds: frozenset[str] | None, customers: Iterable[Customer]
) -> Viewer:
    """`bounds`: customers that it was bounded to; None: those of the account."""
    seen = account.customers(customers)
    if bounds is not None:
        seen = bounds if seen is None else bounds & seen
    acts = _OF_ROLE[account.role] & _OF_SCOPE[scope]
    return Viewer(account.id, f"{account.name} ({name})", acts, seen, token)


def name_of(typed: str) -> str:
    """As it is kept: one name, however it was typed."""
    return typed.strip().casefold()


def is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None

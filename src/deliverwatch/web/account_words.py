"""What is said of accounts, tokens and languages on their pages."""

from collections.abc import Mapping

from deliverwatch.core.access import Account, Role, Scope
from deliverwatch.core.inventory import Language
from deliverwatch.render.tongue import marked, say

ROLES: Mapping[Role, str] = {
    Role.OPERATOR: marked("Operator"),
    Role.TAM: marked("Technical account manager"),
    Role.READ_ONLY: marked("Read only"),
}
SCOPES: Mapping[Scope, str] = {
    Scope.READ: marked("read"),
    Scope.WRITE: marked("read and write"),
    Scope.ADMIN: marked("everything its account may do"),
}
LANGUAGES: Mapping[Language, str] = {
    Language.EN: "English",
    Language.DE: "Deutsch",
    Language.ES: "Español",
    Language.ID: "Bahasa Indonesia",
}
"""Each in its own words, so that whoever is lost in another finds it."""


def sees(account: Account) -> str:
    if account.sees_all or account.role is Role.OPERATOR:
        return say("all customers")
    if not account.email:
        return say("no customers: it has no mail address")
    return say("customers whose account manager is {email}", email=account.email)

"""What must be known to name what is counted: who receives, what replies mean, which lists are on."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache

from deliverwatch.core.provider import ProviderDirectory
from deliverwatch.core.reply import Classification

Classify = Callable[[str, str | None, str | None], Classification]
"""A reply, the host that gave it, the recipient's domain."""

_REMEMBERED = 1 << 16


@dataclass(frozen=True, slots=True)
class TallyRules:
    """`lists_on`: a citation of these starts a look."""

    provider_of: Callable[[str | None, str | None, str | None], str | None]
    classify: Classify
    lists_on: frozenset[str]

    @classmethod
    def of(cls, directory: ProviderDirectory, classify: Classify, lists_on: Collection[str]) -> "TallyRules":
        ids = {provider.id for provider in directory.providers}

        @lru_cache(_REMEMBERED)
        def provider_of(host: str | None, recipient_domain: str | None, alias: str | None) -> str | None:
            found = directory.identify(host, recipient_domain)
            if found is None and alias is not None:
                found = alias if alias in ids else directory.of_alias(alias)
            return found

        return cls(provider_of, classify, frozenset(lists_on))

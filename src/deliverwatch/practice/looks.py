"""All looks at what one customer has published, in one go; the constructor is what the wiring calls."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta

from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.practice_alignment import Organisational, alignments
from deliverwatch.core.practice_policy import POLICY, PracticePolicy
from deliverwatch.core.practice_scope import PracticeScope
from deliverwatch.practice.dkim_keys import dkim_key, no_selector
from deliverwatch.practice.dmarc import dmarc_of
from deliverwatch.practice.host_names import helo_name, mail_hosts, no_helo, reverse_name
from deliverwatch.practice.message import results_of_message
from deliverwatch.practice.resolvers import Resolvers
from deliverwatch.practice.spf_records import spf_of


class PracticeLooks:
    """`paths`: the resolvers of the settings, "address:port". `organisational`: the registered domain of a name."""

    def __init__(
        self,
        paths: Sequence[str],
        timeout_for: timedelta,
        organisational: Organisational,
        policy: PracticePolicy = POLICY,
    ) -> None:
        self._paths, self._timeout_for = tuple(paths), timeout_for
        self._organisational, self._policy = organisational, policy

    async def __call__(self, scope: PracticeScope, at: datetime) -> list[CheckResult]:
        """What DNS and the inventory tell. Never raises for anything the network does."""
        resolvers = Resolvers(self._paths, self._timeout_for)
        looked = await asyncio.gather(*self._looks(scope, resolvers, at))
        return [*looked, *_not_looked(scope, at), *alignments(scope, self._organisational, at)]

    async def of_message(self, content: bytes, scope: PracticeScope, at: datetime) -> list[CheckResult]:
        """Raises NotPossible for what is no message of this customer's."""
        resolvers = Resolvers(self._paths, self._timeout_for)
        return await results_of_message(content, scope, self._organisational, resolvers, at)

    def _looks(self, scope: PracticeScope, resolvers: Resolvers, at: datetime) -> list[Awaitable[CheckResult]]:
        both = dict.fromkeys((*scope.from_domains, *scope.envelope_domains))
        return [
            *(spf_of(domain, scope, resolvers, at) for domain in scope.envelope_domains),
            *(
                dkim_key(selector, domain, resolvers, at, self._policy)
                for domain, selectors in scope.selectors.items()
                for selector in selectors
            ),
            *(dmarc_of(domain, self._organisational, resolvers, at) for domain in scope.from_domains),
            *(reverse_name(address, resolvers, at) for address in scope.addresses),
            *(helo_name(domain, scope, resolvers, at) for domain in scope.helo_domains),
            *(mail_hosts(domain, resolvers, at) for domain in both),
        ]


def _not_looked(scope: PracticeScope, at: datetime) -> list[CheckResult]:
    """What cannot be looked up as long as the inventory does not say where, and what was left out."""
    results = [no_selector(domain, at) for domain in scope.dkim_domains if domain not in scope.selectors]
    if not scope.dkim_domains:
        found = "no DKIM domain is recorded in the inventory"
        results.append(CheckResult(Check.DKIM, "", CheckOutcome.UNKNOWN, found, at, "inventory"))
    if not scope.envelope_domains:
        found = "no envelope domain is recorded in the inventory"
        results.append(CheckResult(Check.SPF, "", CheckOutcome.UNKNOWN, found, at, "inventory"))
    if not scope.from_domains:
        found = "no From domain is recorded in the inventory"
        results += [
            CheckResult(check, "", CheckOutcome.UNKNOWN, found, at, "inventory")
            for check in (Check.DMARC, Check.ALIGNMENT, Check.MX)
        ]
    if not scope.helo_domains:
        results.append(no_helo(at))
    if scope.left_out:
        found = f"{scope.left_out:,} of {len(scope.held):,} addresses are not looked at"
        results.append(CheckResult(Check.PTR, "", CheckOutcome.UNKNOWN, found, at, "inventory"))
    return results

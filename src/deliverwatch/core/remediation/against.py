"""What stands against sending a request now, each with the repair.

First whether anybody there takes it, and from us; then best practice, since the addressee's answer to what fails is
known beforehand; then etiquette (`etiquette`). A person may overrule any of it, with a reason. What could not be found
out is no blocker: it is said among what is missing.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta

from deliverwatch.core.instants import instant
from deliverwatch.core.practice import Check, CheckOutcome, CheckResult, holds
from deliverwatch.core.practice_register import covering
from deliverwatch.core.remediation.case import Case
from deliverwatch.core.remediation.draft import Blocker
from deliverwatch.core.remediation.etiquette import etiquette, expiry, waits_until
from deliverwatch.core.remediation.form import FollowUpWay, FormChannel, LetterKind, Sender

_SEEN_WITHIN = timedelta(days=1)

Repair = Callable[[CheckResult], str]
"""What to do about a check that failed, for the person who sends the draft."""


def against(case: Case, letter: LetterKind, way: FollowUpWay, repair: Repair) -> tuple[Blocker, ...]:
    ours = [*_channel(case), *_who_asks(case), *_requester(case), *_kinds(case), *_still_there(case)]
    return (*ours, *_practice(case, repair), *etiquette(case, letter, way))


def _channel(case: Case) -> Iterable[Blocker]:
    form = case.addressee.form
    if form.channel is FormChannel.NONE:
        until = waits_until(case)
        counted = f". Counted from what was seen here: {instant(until)}" if until is not None else ""
        found = f"{case.addressee.name} takes no requests{expiry(form)}{counted}"
        yield Blocker("channel", found, form.instead or "stop the cause and wait")
    if case.doubted:
        found = f"{case.addressee.name} cannot be believed at the moment"
        yield Blocker("doubt", found, "wait until it is well again: then the listing stands, or it never was")
    if case.addressee.doubt is not None:
        yield Blocker("addressee", case.addressee.doubt, "find out who answers for it before you send this")


def _who_asks(case: Case) -> Iterable[Blocker]:
    sender, name = case.addressee.form.sender, case.addressee.name
    if sender is Sender.REQUESTER:
        return
    if sender is Sender.NETWORK_OPERATIONS:
        found = f"{name} hears who runs the network"
        yield Blocker("who asks", found, "hand this to your network operations, who change the entry or ask for it")
        return
    owners = sorted({asset.network_owner for asset in case.assets if asset.network_owner})
    company = (case.requester.company or "").casefold()
    if not owners:
        fix = "set network_owner for the range in the inventory, and let that owner ask through your abuse desk"
        yield Blocker("who asks", f"{name} hears the owner of the network only, and none is recorded", fix)
    for owner in owners:
        if owner.casefold() != company:
            fix = f"have your abuse desk hand this to {owner}, who must ask"
            yield Blocker("who asks", f"{name} hears the owner of the network only: {owner}", fix, owner)


def _requester(case: Case) -> Iterable[Blocker]:
    if case.freemail:
        fix = "set mailbox in [requester] of the configuration to a role mailbox of your own domain"
        yield Blocker("requester", f"{case.requester.mailbox} is a freemail address, which nobody answers", fix)


def _kinds(case: Case) -> Iterable[Blocker]:
    form = case.addressee.form
    refused = sorted({str(each.kind) for each in case.subjects if not form.takes(each.kind)})
    if refused:
        fix = "ask for it by mail to the addressee's postmaster"
        yield Blocker("subjects", f"this form takes no {' or '.join(refused)}", fix)


def _still_there(case: Case) -> Iterable[Blocker]:
    """Silence closes no block, and proves none."""
    if not case.episodes:
        return
    last = max(episode.last_seen_at for episode in case.episodes)
    if case.now - last >= _SEEN_WITHIN:
        fix = "let some mail go there, and see whether it is refused"
        yield Blocker("still there", f"the last refusal was seen on {instant(last)}", fix)


def _practice(case: Case, repair: Repair) -> Iterable[Blocker]:
    for result in case.practice:
        if not _stands_against(case, result):
            continue
        found = f"{result.subject}: {result.found}" if result.subject not in result.found else result.found
        advice = covering(result, case.advice)
        word = advice if advice is not None and advice.overruled_at is not None else None
        yield Blocker(
            result.check,
            found,
            repair(result),
            f"{result.subject}/{result.problem}",
            word.overruled_by if word is not None else None,
            f"{word.overruled_at:%Y-%m-%dT%H:%M:%SZ}" if word is not None and word.overruled_at else None,
            word.overruled_because if word is not None else None,
        )


def _stands_against(case: Case, result: CheckResult) -> bool:
    """The listing that a request is about does not stand against it."""
    if result.outcome is not CheckOutcome.FAIL or result.check not in case.addressee.form.requires:
        return False
    own = result.check is Check.LISTINGS and result.facts.get("list") == case.addressee.id
    return not own and holds(result, case.now)

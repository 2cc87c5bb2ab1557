"""What was seen, with times: it travels with the draft, for whoever checks it or takes the case over."""

from datetime import datetime

from deliverwatch.core.block import Episode
from deliverwatch.core.instants import instant
from deliverwatch.core.listing import Listing
from deliverwatch.core.remediation.case import Case
from deliverwatch.core.remediation.draft import Evidence
from deliverwatch.core.remediation.facts import called


def evidence(case: Case) -> tuple[Evidence, ...]:
    own = [each for each in case.episodes if each.key not in case.inherited]
    lines = [*map(_of_listing, case.listings), *map(_of_episode, own)]
    found = [line for group in lines for line in group]
    for each in case.episodes:
        if each.key in case.inherited:
            found.append(
                Evidence(_iso(each.opened_at), f"{each.subject}: refused since before its holder of now had it")
            )
    if case.addressee.through is not None:
        found.append(Evidence(_iso(case.now), case.addressee.through))
    for quote in case.quotes:
        found.append(Evidence(_iso(case.now), f"{quote.provider} quoted it in {quote.replies} replies: {quote.sample}"))
    for result in case.practice:
        found.append(Evidence(_iso(result.at), f"{_words(result.check)} {_words(result.outcome)}: {result.found}"))
    for word in case.words:
        if word.answered_at is not None:
            said = "; ".join(f"{called(name)}: {value}" for name, value in word.answers.items())
            found.append(Evidence(_iso(word.answered_at), f"{word.answered_by} said: {said}"))
    return tuple(found)


def _of_listing(listing: Listing) -> list[Evidence]:
    answer = f"{listing.subject} answered {', '.join(listing.codes)}"
    found = [
        Evidence(_iso(listing.opened_at), f"first look: {answer}"),
        Evidence(_iso(listing.confirmed_at), f"second, independent look by {listing.path}: {answer}"),
    ]
    if listing.reason:
        found.append(Evidence(_iso(listing.confirmed_at), f"the list's reason: {listing.reason}"))
    return found


def _of_episode(episode: Episode) -> list[Evidence]:
    counts = episode.evidence
    share = f" of {counts['attempted']:,} attempts" if counts.get("attempted") is not None else ""
    until = instant(episode.last_seen_at)
    refused = f"{counts.get('replies', 0):,} replies{share} refused it until {until}"
    said = f"{episode.subject}: {refused} ({_words(episode.what)})"
    found = [Evidence(_iso(episode.opened_at), said)]
    found += [Evidence(_iso(episode.last_seen_at), f"reply: {sample}") for sample in counts.get("samples", ())]
    return found


def _words(name: str) -> str:
    return name.replace("_", " ")


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"

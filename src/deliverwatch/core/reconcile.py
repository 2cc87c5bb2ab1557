"""What is new in judged episodes, against those that are kept.

Overlapping episodes of one kind are the same one: late data may move where it would begin now, but its key and its
beginning are those that were told. What was told to have ended stays ended; verdicts after that end are judged by
themselves, and may open another. An episode that was told and that nobody would open any more, since late traffic made
its share small, goes on until its provider accepts (`core.judging` is given it as standing).

`told` in an episode's evidence: whether anybody was told of it. What nobody needs to be told of (a finding that hits
little, an old log's history) is kept quietly, and told when it comes to matter.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from deliverwatch.core.block import CLOSED, OPENED, Episode, EpisodeEnd, EpisodeKind, JudgingPolicy
from deliverwatch.core.events import Event


class Change(NamedTuple):
    """`before` None: it is new."""

    before: Episode | None
    after: Episode


def reconcile(
    stored: Iterable[Episode],
    judged: Iterable[Episode],
    judge_after: Callable[[datetime], Iterable[Episode]],
    now: datetime,
    policy: JudgingPolicy,
) -> list[Change]:
    """All of one provider and sender. `judge_after`: judges the hours later than that alone."""
    kept = {each.key: each for each in stored}
    alike: dict[str, list[Episode]] = defaultdict(list)
    for each in judged:
        alike[each.what].append(each)
    told = list(kept.values())
    fresh = [piece for found in alike.values() for piece in _not_ended(found, told, judge_after)]
    changes: dict[str, Change] = {}
    for each in fresh:
        before = _same(each, kept.values())
        if before is not None and (before.closed_at is not None or before.kind is not each.kind):
            continue
        after = _carried_on(before, each) if before is not None else each
        if after == before:
            continue
        after = _heard_of(before, after, now, policy)
        kept[after.key] = after
        changes[after.key] = Change(changes[after.key].before if after.key in changes else before, after)
    for key, change in _overtaken(kept.values(), fresh).items():
        changes[key] = Change(changes[key].before if key in changes else change.before, change.after)
    return list(changes.values())


def ended(episode: Episode, at: datetime, how: EpisodeEnd) -> Change:
    """For another reason than what the hours say."""
    return Change(episode, replace(episode, closed_at=max(at, episode.opened_at), ended=how))


def events_of(change: Change, now: datetime) -> list[Event]:
    """What happened, with the facts that its words are made from. Of one that began and ended unseen only the end is
    told."""
    before, after = change
    over = after.closed_at is not None and (before is None or before.closed_at is None)
    events = []
    if before is None:
        events.append(_event(after, after.key, OPENED, now, quiet=over or not _is_told(after)))
    elif _is_told(after) and not _is_told(before) and not over:
        events.append(_event(after, f"{after.key}/told", OPENED, now, quiet=False))
    if over:
        kind = CLOSED[after.kind]
        key = f"{kind}/{after.key}"
        silent = not _is_told(after) or after.ended is EpisodeEnd.BECAME_BLOCK
        events.append(_event(after, key, CLOSED, now, quiet=silent))
    return events


def _not_ended(
    judged: Sequence[Episode], stored: Sequence[Episode], judge_after: Callable[[datetime], Iterable[Episode]]
) -> list[Episode]:
    """Those of one class, or warnings of one thing, as they are when what was told to have ended did end then."""
    cut, what = None, judged[0].what
    while True:
        ends = [each.closed_at for each in stored for found in judged if _outlives(found, each)]
        last = max((end for end in ends if end is not None), default=None)
        if last is None or (cut is not None and last <= cut):
            return list(judged)
        cut = last
        before = [each for each in judged if each.closed_at is not None and each.closed_at <= cut]
        judged = [*before, *(each for each in judge_after(cut) if each.what == what)]


def _outlives(found: Episode, told: Episode) -> bool:
    """It would go on beyond the end that was told."""
    return told.closed_at is not None and _overlap(told, found) and found.last_seen_at > told.closed_at


def _same(judged: Episode, stored: Iterable[Episode]) -> Episode | None:
    """The open one if there is one, else the newest; of another kind only where there is none of its own."""
    alike = [each for each in stored if _overlap(each, judged)]
    return max(alike, key=lambda each: (each.kind is judged.kind, each.closed_at is None, each.opened_at), default=None)


def _overlap(told: Episode, found: Episode) -> bool:
    """While a block was told to be there, a throttle is nothing new."""
    covers = told.kind is found.kind or (told.kind, found.kind) == (EpisodeKind.BLOCK, EpisodeKind.THROTTLE)
    if not covers or told.what != found.what:
        return False
    begins_in_time = found.closed_at is None or told.opened_at <= found.closed_at
    return begins_in_time and (told.closed_at is None or found.opened_at <= told.closed_at)


def _carried_on(stored: Episode, judged: Episode) -> Episode:
    facts: Mapping[str, Any] = {**judged.evidence, "told": stored.evidence.get("told", False)}
    if stored.evidence.get("urgent") and "urgent" in facts:
        facts = {**facts, "urgent": True}
    if judged.closed_at is None:
        seen_at, closed_at = max(stored.last_seen_at, judged.last_seen_at), None
    else:
        seen_at, closed_at = judged.last_seen_at, max(judged.closed_at, stored.opened_at)
    return replace(
        stored,
        last_seen_at=seen_at,
        closed_at=closed_at,
        ended=judged.ended,
        evidence=facts,
    )


def _heard_of(before: Episode | None, after: Episode, now: datetime, policy: JudgingPolicy) -> Episode:
    """Once told stays told."""
    news_for = policy.warning_is_news_for if after.kind is EpisodeKind.WARNING else policy.news_for
    is_news = now - after.last_seen_at <= news_for
    matters = after.kind is not EpisodeKind.FINDING or bool(after.evidence.get("urgent"))
    told = (before is not None and _is_told(before)) or (is_news and matters)
    return replace(after, evidence={**after.evidence, "told": told})


def _is_told(episode: Episode) -> bool:
    return bool(episode.evidence.get("told"))


def _overtaken(kept: Iterable[Episode], judged: Sequence[Episode]) -> dict[str, Change]:
    """Throttles that were told, where late data show that it was a block from the beginning."""
    blocks = [each for each in judged if each.kind is EpisodeKind.BLOCK]
    changes: dict[str, Change] = {}
    for each in kept:
        if (
            each.kind is not EpisodeKind.THROTTLE
            or each.closed_at is not None
            or any(_overlap(each, found) for found in judged)
        ):
            continue
        since = [block.opened_at for block in blocks if block.what == each.what and _reaches(block, each)]
        if since:
            changes[each.key] = ended(each, since[-1], EpisodeEnd.BECAME_BLOCK)
    return changes


def _reaches(block: Episode, throttle: Episode) -> bool:
    return block.closed_at is None or block.closed_at >= throttle.opened_at


def _event(episode: Episode, key: str, kinds: Mapping[EpisodeKind, Any], now: datetime, *, quiet: bool) -> Event:
    facts = facts_of(episode)
    return Event(key, kinds[episode.kind], now, "", episode.subject, {**facts, "quiet": True} if quiet else facts)


def facts_of(episode: Episode) -> dict[str, Any]:
    """What an event says of it."""
    return {
        "provider": episode.provider,
        "class": episode.class_,
        "what": episode.what,
        "opened_at": episode.opened_at.isoformat(),
        "last_seen_at": episode.last_seen_at.isoformat(),
        "closed_at": episode.closed_at.isoformat() if episode.closed_at is not None else None,
        "ended": episode.ended,
        "mail_share": episode.mail_share,
        **{name: value for name, value in episode.evidence.items() if name != "told"},
    }

"""Reads replies: the first rule that matches decides.

Replies repeat. The very same one is looked up; one that differs from an earlier one only in addresses and ids takes
over what was found out about that (a `_Reading`), and only the words that differ, the subject and the evidence, are
taken from its own. So each is read as if it were the only one, and most cost next to nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from deliverwatch.core.cited_list import Cited, ListFinder
from deliverwatch.core.masking import template, without_people
from deliverwatch.core.provider import ProviderDirectory
from deliverwatch.core.reply import (
    BLOCK_SIDE,
    Action,
    Classification,
    ReplyClass,
    ReplyRule,
    action_of,
    looks_like_block,
)
from deliverwatch.core.reply_subject import Place, find_subject, subject_at
from deliverwatch.core.reply_text import Words, read_reply, split_reply
from deliverwatch.replies.memory import Memory
from deliverwatch.replies.prefilter import Prefilter, in_order

_MOST_EVIDENCE = 200
_SAME_REPLIES = 20_000
_LIKE_REPLIES = 20_000
_SAME_EVIDENCE = 100
_CONCLUSIONS = 1_000
_LONGEST_KEPT = 1_000  # characters of a reply that is remembered
_ABOUT_A_DOMAIN = BLOCK_SIDE - {ReplyClass.POLICY, ReplyClass.CONTENT_BLOCK}
_CAUSED_BY_THE_DOMAIN = frozenset({"spf", "dkim", "dmarc", "arc", "domain"})


class _Match(NamedTuple):
    """`number`: the rule's. `begin`, `end`: of the words that matched, in the normalised text."""

    number: int
    rule: ReplyRule
    begin: int
    end: int


@dataclass(slots=True)
class _Reading:
    """`like`: what holds for all replies that are equal but for addresses and ids. `evidence`: its words.
    `people`: these words may name somebody. `found`: from the second one on, by evidence and the word that names the
    subject: few of them differ even there."""

    like: Classification
    subject: Place | None
    evidence: slice | None
    people: bool
    found: dict[tuple[str, str | None], Classification] | None = None

    def of(self, words: Sequence[str]) -> Classification:
        if self.evidence is None:
            return self.like
        quoted = " ".join(words[self.evidence])
        named = words[self.subject.word] if self.subject is not None else None
        if self.found is None:
            self.found = {}
            return self._with(quoted, words)
        known = self.found.get((quoted, named))
        if known is None:
            if len(self.found) >= _SAME_EVIDENCE:
                self.found.clear()
            known = self.found[quoted, named] = self._with(quoted, words)
        return known

    def _with(self, quoted: str, words: Sequence[str]) -> Classification:
        like = self.like
        subject = subject_at(words, self.subject) if self.subject is not None else None
        return Classification(
            like.class_,
            like.provider,
            like.blocklist,
            like.blocklist_cited,
            subject.value if subject else None,
            subject.kind if subject else None,
            like.rule,
            (without_people(quoted) if self.people else quoted)[:_MOST_EVIDENCE],
            like.confidence,
            like.action,
            like.action_for,
            like.cause,
        )


class Classifier:
    """`list_forms`, `provider_forms`: through which form each of them is asked, by id."""

    def __init__(
        self,
        rules: Sequence[ReplyRule],
        providers: ProviderDirectory,
        lists: ListFinder,
        list_forms: Mapping[str, str] | None = None,
        provider_forms: Mapping[str, str] | None = None,
    ) -> None:
        self._rules = tuple(rules)
        self.providers = providers
        self._forms = provider_forms or {}
        self.lists = lists
        self._list_forms = list_forms or {}
        self._prefilter = Prefilter([rule.has for rule in rules])
        self._matches = [re.compile(rule.match).search if rule.match else None for rule in rules]
        self._unless = [re.compile(rule.unless).search if rule.unless else None for rule in rules]
        self._for_anybody = sum(1 << n for n, rule in enumerate(rules) if rule.alone or not rule.providers)
        self._for_provider = {
            provider.id: self._for_anybody
            | sum(1 << n for n, rule in enumerate(rules) if provider.id in rule.providers)
            for provider in providers.providers
        }
        self._list_of = [lists.named(rule.list_) if rule.list_ is not None else None for rule in rules]
        self._words = Words()
        self._same: Memory[tuple[str, str | None, str | None], Classification] = Memory(_SAME_REPLIES)
        self._alike: Memory[tuple[str, str | None, str | None], _Reading] = Memory(_LIKE_REPLIES)
        self._concluded: Memory[tuple[int, str | None, Cited | None], Classification] = Memory(_CONCLUSIONS)

    def classify(self, reply: str, host: str | None = None, recipient_domain: str | None = None) -> Classification:
        """`host`: that answered (MX or relay). Whatever the text, an answer: `unknown` is one.

        A reply with a word that never came before (somebody's address, an id) is not likely to come again as it is."""
        found = self._same.get((reply, host, recipient_domain))
        if found is None:
            words_before = len(self._words)
            found = self._classify(reply, host, recipient_domain)
            if len(reply) <= _LONGEST_KEPT and len(self._words) == words_before:
                self._same.put((reply, host, recipient_domain), found)
        return found

    def _classify(self, reply: str, host: str | None, recipient_domain: str | None) -> Classification:
        words = split_reply(reply)
        joined = self._words.joined(words)
        reading = self._alike.get((joined, host, recipient_domain))
        if reading is None:
            reading = self._study(words, joined, host, recipient_domain)
            if len(joined) <= _LONGEST_KEPT:
                self._alike.put((joined, host, recipient_domain), reading)
        return reading.of(words)

    def _study(self, words: Sequence[str], joined: str, host: str | None, recipient_domain: str | None) -> _Reading:
        reply = read_reply(joined)
        provider = self.providers.identify(host or reply.host, recipient_domain)
        match = self._first_match(reply.text, provider)
        if match is None:
            unknown = Classification(
                ReplyClass.UNKNOWN,
                provider,
                template=template(without_people(reply.text)),
                looks_like_block=looks_like_block(reply.text),
            )
            return _Reading(unknown, None, None, False)
        rule, text, places = match.rule, reply.text, reply.places
        first = text.count(" ", 0, match.begin)
        last = first + text.count(" ", match.begin, match.end)
        evidence = slice(places[first], places[last] + 1)
        subject = None
        if rule.class_ in BLOCK_SIDE:
            domain_first = rule.class_ is ReplyClass.DOMAIN_BLOCK or rule.cause in _CAUSED_BY_THE_DOMAIN
            subject = find_subject(text, places, domain_first, rule.class_ in _ABOUT_A_DOMAIN)
        quoted = " ".join(words[evidence])
        people = "@" in quoted or "%40" in quoted or without_people(quoted) != quoted
        return _Reading(self._conclude(match, text, provider), subject, evidence, people)

    def _conclude(self, match: _Match, text: str, provider: str | None) -> Classification:
        rule = match.rule
        provider = provider or rule.names_provider
        cited = self._list_of[match.number]
        if cited is None and rule.class_ is ReplyClass.DNSBL_CITED:
            cited = self.lists.find(text)
        key = match.number, provider, cited
        concluded = self._concluded.get(key)
        if concluded is None:
            concluded = self._of_rule(rule, provider, cited)
            self._concluded.put(key, concluded)
        return concluded

    def _of_rule(self, rule: ReplyRule, provider: str | None, cited: Cited | None) -> Classification:
        action = action_of(rule.class_, rule.reputation)
        return Classification(
            class_=rule.class_,
            provider=provider,
            blocklist=cited.list_id if cited else None,
            blocklist_cited=cited.name if cited else None,
            rule=rule.id,
            confidence=rule.confidence,
            action=action,
            action_for=self._form(rule, provider, cited) if action is Action.DRAFT else None,
            cause=rule.cause,
        )

    def _form(self, rule: ReplyRule, provider: str | None, cited: Cited | None) -> str | None:
        """A list is asked for itself; a dead one, or one that nobody knows, is not."""
        if rule.class_ is ReplyClass.DNSBL_CITED:
            return self._list_forms.get(cited.list_id) if cited and cited.list_id else None
        return self._forms.get(provider) if provider else None

    def _first_match(self, text: str, provider: str | None) -> _Match | None:
        allowed = self._for_provider.get(provider, self._for_anybody) if provider else self._for_anybody
        for number in in_order(self._prefilter.rules_in(text) & allowed):
            search, unless = self._matches[number], self._unless[number]
            found = search(text) if search is not None else None
            if search is not None and found is None:
                continue
            if unless is None or unless(text) is None:
                begin, end = found.span() if found is not None else _literal_span(self._rules[number].has, text)
                return _Match(number, self._rules[number], begin, max(begin, end - 1))
        return None


def _literal_span(literals: Sequence[str], text: str) -> tuple[int, int]:
    """Of the first that occurs: one does."""
    begin, length = min((found, len(each)) for each in literals if (found := text.find(each)) != -1)
    return begin, begin + length

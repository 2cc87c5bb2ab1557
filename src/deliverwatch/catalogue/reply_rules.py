"""reply_rules.yaml -> `core.reply.ReplyRule` and `core.cited_list.CitedName`.

Rules are tried in the order of the file, and the first that matches wins. Each carries an example that it must match
and a near twin that it must not: a rule that fails its own example is a fault like any other. Patterns that take more
than linear time on hostile text are refused as far as it can be seen from them: a gap says how wide it may be.

An overlay's own `reply_rules.yaml` is merged over the shipped file by id, key by key. Rules that only the overlay has
are tried first: whoever writes one knows better.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from deliverwatch.catalogue.entries import Raw, checked, merged, overlay_file, read_entries
from deliverwatch.catalogue.mailbox_providers import ProviderId
from deliverwatch.catalogue.schema import IsoDate, KebabId, Strict, Text, choice, in_file_order
from deliverwatch.catalogue.shipped import shipped
from deliverwatch.catalogue.strict_yaml import Place
from deliverwatch.core.cited_list import CitedName
from deliverwatch.core.errors import CatalogueError, Fault
from deliverwatch.core.reply import ReplyClass, ReplyRule
from deliverwatch.core.reply_text import normalised

_FILE = "reply_rules.yaml"
_LISTS = [("rules", "id"), ("cited_lists", "name")]
_SHORTEST = 2
_SPACES = re.compile(r"\s+")
_WIDE_GAP = re.compile(r"(?<!\\)(?:\\\\)*\.[*+]|[*+]\)[*+]|\}\)[*+]")


def _literal(text: str) -> str:
    if text != text.lower() or text != _SPACES.sub(" ", text) or len(text) < _SHORTEST:
        raise ValueError(
            f"{text[:80]!r} never occurs in a normalised reply: expected lower case, single spaces, "
            f"{_SHORTEST} characters or more"
        )
    return text


def _pattern(text: str) -> str:
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error.msg}") from None
    if _WIDE_GAP.search(text):
        raise ValueError("has a gap without an end: say how wide it may be, as in .{0,80}")
    if pattern.search("") is not None:
        raise ValueError("matches any text: expected words")
    return text


Literal = Annotated[str, AfterValidator(_literal)]
Pattern = Annotated[str, AfterValidator(_pattern)]


class _Rule(Strict):
    id: KebabId
    class_: Annotated[ReplyClass, choice(ReplyClass)] = Field(alias="class")
    has: list[Literal]
    match: Pattern | None = None
    unless: Pattern | None = None
    providers: list[ProviderId] = Field(default_factory=list)
    alone: bool = False
    names_provider: ProviderId | None = None
    list_: Text | None = Field(default=None, alias="list")
    reputation: bool = False
    cause: Text | None = None
    confidence: float = 0.9
    example: Text
    twin: Text
    source: Text | None = None
    checked_on: IsoDate | None = None


class _Cited(Strict):
    name: Text
    list_: KebabId | None = Field(default=None, alias="list")
    words: list[Literal]


class _File(Strict):
    """`source`, `checked_on`: of rules that do not give their own."""

    source: Text
    checked_on: IsoDate
    rules: list[dict[str, Any]] = Field(default_factory=list)
    cited_lists: list[dict[str, Any]] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReplyRules:
    rules: tuple[ReplyRule, ...]
    cited: tuple[CitedName, ...]


def load_reply_rules(path: Path | None = None, overlay: Path | None = None) -> ReplyRules:
    """The shipped rules, or those of `path`, under the overlay folder. Raises CatalogueError with every fault."""
    (rules, cited), faults = _read(path or shipped(_FILE))
    above, more = overlay_file(overlay, _FILE)
    faults += more
    if above is not None:
        (own_rules, own_cited), more = _read(above)
        rules, cited = merged(rules, own_rules, new_first=True), merged(cited, own_cited, new_first=True)
        faults += more
    sound_rules, more = checked(rules, _Rule)
    sound_cited, more_cited = checked(cited, _Cited)
    faults += [*more, *more_cited]
    faults += [raw.fault(place, problem) for raw, rule in sound_rules for place, problem in _contradictions(rule)]
    if faults:
        raise CatalogueError(*in_file_order(faults))
    return ReplyRules(
        tuple(_to_core(rule) for _, rule in sound_rules),
        tuple(CitedName(each.name, tuple(each.words), each.list_) for _, each in sound_cited),
    )


def _read(path: Path) -> tuple[list[list[Raw]], list[Fault]]:
    """Each rule with its file's source and date, where it gives none."""
    file, (rules, cited), faults = read_entries(path, _File, _LISTS)
    if file is not None:
        given = {"source": file.source, "checked_on": file.checked_on.isoformat()}
        rules = [Raw({**given, **raw.value}, raw.mark, raw.key) for raw in rules]
    return [rules, cited], faults


def _contradictions(rule: _Rule) -> Iterator[tuple[Place, str]]:
    if not rule.has:
        yield ("has",), "is empty: expected words of which at least one occurs in every such reply"
    if not 0 < rule.confidence <= 1:
        yield ("confidence",), f"{rule.confidence} is not a confidence: expected a number above 0 and up to 1"
    if rule.reputation and rule.class_ is not ReplyClass.RATE_LIMIT:
        yield ("reputation",), "stands only with class rate_limit"
    if rule.alone and not rule.providers:
        yield ("alone",), "says that the wording needs no provider, and no providers are given"
    if not matches(rule, rule.example):
        yield ("example",), "does not match its own rule"
    if matches(rule, rule.twin):
        yield ("twin",), "matches the rule: expected a text that looks alike and must not"


def matches(rule: _Rule | ReplyRule, reply: str) -> bool:
    """Whether the rule holds for a reply, whoever spoke and whatever other rules say."""
    text = normalised(reply).text
    return (
        any(literal in text for literal in rule.has)
        and (rule.match is None or re.search(rule.match, text) is not None)
        and (rule.unless is None or re.search(rule.unless, text) is None)
    )


def _to_core(rule: _Rule) -> ReplyRule:
    fields = rule.model_dump(exclude={"has", "providers", "checked_on"})
    checked_on = rule.checked_on.isoformat() if rule.checked_on else ""
    return ReplyRule(**fields, has=tuple(rule.has), providers=tuple(rule.providers), checked_on=checked_on)

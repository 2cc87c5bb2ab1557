"""Scores `classify` on labelled replies: make measure DATA=folder

The folder holds `replies.jsonl`, one object per line: `id`, `reply`, `class`, `also_defensible` (other classes that a
reader may hold as well), `blocklist` (the cited list, or null), `provider`. The reply's text is all the classifier
gets. Precision and recall of the block side are taken over those replies whose defensible classes agree on the side.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deliverwatch.core.errors import ConfigError
from deliverwatch.core.reply import BLOCK_SIDE, Action, Classification, ReplyClass
from deliverwatch.core.visible import visible
from deliverwatch.in_use import load_classifier
from deliverwatch.replies.classifier import Classifier
from deliverwatch.settings import load_settings

_NEVER_DRAFTED = {
    "recipient errors": {ReplyClass.UNKNOWN_RECIPIENT, ReplyClass.MAILBOX_FULL},
    "tenants' rules": {ReplyClass.POLICY},
    "authentication failures": {ReplyClass.AUTH_FAILURE},
}


@dataclass(frozen=True)
class Scored:
    id: str
    reply: str
    labels: tuple[ReplyClass, ...]
    blocklist: str | None
    found: Classification
    named: bool

    @property
    def label(self) -> ReplyClass:
        return self.labels[0]

    @property
    def sides(self) -> set[bool]:
        return {label in BLOCK_SIDE for label in self.labels}

    @property
    def is_block(self) -> bool:
        return self.found.class_ in BLOCK_SIDE


def score(classifier: Classifier, record: dict[str, Any]) -> Scored:
    found = classifier.classify(record["reply"])
    labels = tuple(map(ReplyClass, [record["class"], *record["also_defensible"]]))
    wanted = record["blocklist"]
    return Scored(
        record["id"],
        record["reply"],
        labels,
        wanted,
        found,
        wanted is not None and _same_list(classifier, wanted, found),
    )


def _same_list(classifier: Classifier, wanted: str, found: Classification) -> bool:
    """By the catalogue's id where it has the list, else by name."""
    if found.blocklist_cited is None:
        return False
    cited = classifier.lists.find(wanted.lower())
    if cited is not None and cited.list_id is not None:
        return found.blocklist == cited.list_id or (found.blocklist or "-").split("-")[0] == cited.list_id.split("-")[0]
    return wanted.lower() in found.blocklist_cited.lower() or found.blocklist_cited.lower() in wanted.lower()


def report(scored: Sequence[Scored]) -> Iterator[str]:
    clear = [each for each in scored if len(each.sides) == 1]
    hits = sum(each.is_block for each in clear if True in each.sides)
    blocks, called = sum(True in each.sides for each in clear), sum(each.is_block for each in clear)
    yield f"{len(scored)} replies, {len(clear)} of them clearly on one side"
    yield f"block side: precision {_share(hits, called)}, recall {_share(hits, blocks)}"
    strict, lenient = (sum(each.found.class_ in each.labels[:most] for each in scored) for most in (1, None))
    yield f"class: strict {_share(strict, len(scored))}, any defensible one {_share(lenient, len(scored))}"
    cited = [each for each in scored if each.blocklist is not None]
    yield f"cited list named: {_share(sum(each.named for each in cited), len(cited))}"
    false_names = sum(each.found.blocklist_cited is not None for each in scored if each.blocklist is None)
    yield f"list named where none is cited: {false_names}"
    for what, classes in _NEVER_DRAFTED.items():
        drafted = [each.id for each in scored if each.label in classes and each.found.action is Action.DRAFT]
        yield f"drafts for {what}: {len(drafted)} {' '.join(drafted)}".rstrip()
    yield from _confusion(scored)
    yield from _misses(scored)


def _confusion(scored: Sequence[Scored]) -> Iterator[str]:
    pairs = Counter((each.label, each.found.class_) for each in scored)
    yield "\nlabel -> found:"
    for label in ReplyClass:
        row = {found: count for (wanted, found), count in pairs.most_common() if wanted is label}
        if row:
            yield f"  {label} ({sum(row.values())}): " + ", ".join(f"{found} {count}" for found, count in row.items())


def _misses(scored: Sequence[Scored]) -> Iterator[str]:
    """Wrong side first, then wrong by every defensible class, then the lists not named."""
    yield "\nmisses:"
    for each in scored:
        wrong_side = each.sides != {True, False} and each.is_block not in each.sides
        no_name = each.blocklist is not None and not each.named
        if wrong_side or each.found.class_ not in each.labels or no_name:
            why = (
                "side" if wrong_side else "class" if each.found.class_ not in each.labels else f"list {each.blocklist}"
            )
            found = f"{each.found.class_} by {each.found.rule} ({each.found.blocklist_cited})"
            yield f"  {each.id} [{why}] {'/'.join(each.labels)} -> {found}: {visible(each.reply, 240)}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f} ({part} of {whole})" if whole else "nothing to measure"


def main() -> str | None:
    if len(sys.argv) != 2:
        return "expected one folder with replies.jsonl: make measure DATA=folder"
    path = Path(sys.argv[1]) / "replies.jsonl"
    if not path.is_file():
        return f"{path}: is not there: expected labelled replies, one JSON object per line"
    try:
        classifier = load_classifier(load_settings(None, {}))
    except ConfigError as wrong:
        return str(wrong)
    with path.open(encoding="utf-8") as lines:
        scored = [score(classifier, json.loads(line)) for line in lines if line.strip()]
    print("\n".join(report(scored)))
    return None


if __name__ == "__main__":
    sys.exit(main())

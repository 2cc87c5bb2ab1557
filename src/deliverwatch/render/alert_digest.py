"""What came together since the last digest, as one message: a line for each, the worst first, then each in full.

Corrections come before everything else: what we said that was not so must not be read of behind what we say now.
"""

from collections.abc import Sequence

from deliverwatch.core.alerting import AlertView
from deliverwatch.flows.ports import Words
from deliverwatch.render.alert_severity import Severity, severity
from deliverwatch.render.encode import in_header
from deliverwatch.render.words import counted

Parts = Sequence[tuple[AlertView, Words]]

_LONGEST_SUBJECT = 78
_RULE = "-" * 72
_SIGNATURE = "\n-- \n"  # RFC 3676 §4.3: who gets it and why, said once


def digest_words(parts: Parts) -> Words:
    """`parts`: one at least, in any order."""
    ordered = in_order(parts)
    first = ordered[0][1]
    subject = f"DIGEST: {counted(len(ordered), 'message')}, first {first.subject}"
    head = f"{counted(len(ordered), 'message')} since the last digest, corrections and the worst first."
    whole = [f"{_RULE}\n{words.subject}\n\n{_body(words)}" for _, words in ordered]
    signature = first.text.rpartition(_SIGNATURE)[2]
    text = "\n\n".join([head, "\n".join(digest_lines(ordered)), *whole])
    return Words(in_header(subject, _LONGEST_SUBJECT), f"{text}\n{_SIGNATURE}{signature}")


def in_order(parts: Parts) -> Parts:
    return sorted(parts, key=lambda part: _rank(part[0]))


def digest_lines(ordered: Parts) -> list[str]:
    return [f"{number}. {words.subject}" for number, (_, words) in enumerate(ordered, start=1)]


def worst(parts: Parts) -> Severity:
    return min((severity(view) for view, _ in parts), key=list(Severity).index)


def _body(words: Words) -> str:
    return words.text.rpartition(_SIGNATURE)[0].strip("\n") or words.text.strip("\n")


def _rank(view: AlertView) -> tuple[bool, int, float, str, str]:
    share = view.event.facts.get("mail_share") or 0.0
    order = list(Severity).index(severity(view))
    return view.corrects is None, order, -share, view.event.at.isoformat(), view.event.key

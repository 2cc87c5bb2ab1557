"""`deliverwatch classify`: what SMTP replies say of the sender, line by line, without configuration or memory."""

import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any, BinaryIO, NamedTuple

import typer

from deliverwatch.cli.options import ConfigFile, settings_of
from deliverwatch.cli.output import print_lines
from deliverwatch.core.errors import ConfigError, Fault
from deliverwatch.core.reply import Classification
from deliverwatch.core.visible import visible
from deliverwatch.in_use import load_classifier

_STANDARD_INPUT = Path("-")
_MOST_LINE = 1 << 20  # octets; of a reply, much less is read


class _Asked(NamedTuple):
    reply: str
    mx: str | None = None
    recipient_domain: str | None = None


def classify(
    file: Annotated[
        Path, typer.Argument(metavar="[FILE|-]", help="Replies, one per line; default: standard input.")
    ] = _STANDARD_INPUT,
    config: ConfigFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per reply, in order.")] = False,
) -> None:
    """Say what SMTP replies mean: plain text, or JSON objects with reply, mx, recipient_domain."""
    classifier = load_classifier(settings_of(config))
    name = "standard input" if file == _STANDARD_INPUT else str(file)
    with _opened(file) as lines:
        for number, line in enumerate(_lines(lines), start=1):
            asked = _asked(line, name, number)
            found = classifier.classify(*asked)
            if as_json:
                print(json.dumps(document(found)), flush=file == _STANDARD_INPUT)
            else:
                print_lines([_sentence(found, asked.reply)])


def document(found: Classification) -> dict[str, Any]:
    """The promised keys, and `cause`."""
    return {
        "class": found.class_,
        "provider": found.provider,
        "blocklist": found.blocklist,
        "blocklist_cited": found.blocklist_cited,
        "subject": found.subject,
        "subject_kind": found.subject_kind,
        "rule": found.rule,
        "evidence": found.evidence,
        "confidence": found.confidence,
        "action": found.action,
        "action_for": found.action_for,
        "cause": found.cause,
    }


def _sentence(found: Classification, reply: str) -> str:
    about = [found.provider or "provider not known"]
    about += [f"list {found.blocklist or found.blocklist_cited}"] if found.blocklist_cited else []
    about += [found.subject] if found.subject else []
    words = found.evidence or visible(reply, 120)
    return f"{found.class_:<17} {found.action:<6} {', '.join(about)}: {words}"


def _opened(file: Path) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if file == _STANDARD_INPUT else file.open("rb")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Of a line that is too long, the beginning."""
    while line := file.readline(_MOST_LINE):
        rest = line
        while not rest.endswith(b"\n") and (rest := file.readline(_MOST_LINE)):
            pass
        yield line


def _asked(line: bytes, name: str, number: int) -> _Asked:
    """A line that begins with a brace is meant as an object. Raises ConfigError: to read it as a reply, or to leave it
    out, would shift or falsify what comes out."""
    text = line.decode("utf-8", "replace").rstrip("\r\n").removeprefix("\ufeff" if number == 1 else "")
    if not text.lstrip().startswith("{"):
        return _Asked(text)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise _fault(name, number, "begins like a JSON object and is none") from None
    texts = [value.get(key) for key in _Asked._fields]
    wrong = next(
        (key for key, each in zip(_Asked._fields, texts, strict=True) if not isinstance(each, str | None)), None
    )
    if wrong is not None or texts[0] is None:
        raise _fault(name, number, f"{wrong or 'reply'!r} is not text")
    return _Asked(texts[0], texts[1] and _host(texts[1]), texts[2] or None)


def _host(mx: str) -> str | None:
    """ "mx.example.com[192.0.2.1]:25" is how logs write it."""
    return mx.partition("[")[0].strip() or None


def _fault(name: str, number: int, problem: str) -> ConfigError:
    expected = 'expected {"reply": "...", "mx": "...", "recipient_domain": "..."}, the last two optional, or plain text'
    return ConfigError(Fault(name, f"line {number}", f"{problem}: {expected}"))

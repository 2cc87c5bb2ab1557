"""Which subjects a command is about: those it was given, one by one or in a file."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from deliverwatch.core.errors import ConfigError, Fault
from deliverwatch.core.subjects import Subject, expand


def read_subjects(texts: Sequence[str], file: Path | None) -> list[Subject]:
    """All that was given, each once, in order; every fault at once."""
    found: dict[Subject, None] = {}
    faults: list[Fault] = []
    for place, text in [*(("", text) for text in texts), *_lines(file)]:
        try:
            found.update(dict.fromkeys(expand(text)))
        except ValueError as fault:
            faults.append(Fault(str(file) if place else "", place, str(fault)))
    if faults:
        raise ConfigError(*faults)
    return list(found)


def _lines(file: Path | None) -> Iterable[tuple[str, str]]:
    if file is None:
        return
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as failure:
        raise ConfigError(Fault(str(file), "", f"cannot be read: {failure.strerror}")) from None
    except UnicodeDecodeError:
        raise ConfigError(Fault(str(file), "", "is not UTF-8 text: expected one subject per line")) from None
    for number, line in enumerate(text.splitlines(), 1):
        if line := line.partition("#")[0].strip():
            yield f"line {number}", line

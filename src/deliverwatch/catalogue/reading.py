"""Bytes of a file that a person named, as text, or one sentence about why not.

Never more than a limit is read, whatever the name stands for: a device or a pipe that never ends is refused like a
file that is too large. Text is UTF-8; a byte order mark, which spreadsheets like to write, is dropped.
"""

from pathlib import Path

from deliverwatch.core.errors import ConfigError, Fault

CATALOGUE_LIMIT = 1 << 20
INVENTORY_LIMIT = 16 << 20


def read_text(path: Path, limit: int) -> str:
    """Raises ConfigError with one fault."""
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise _fault(path, f"cannot be read: {error.strerror}") from None
    if len(content) > limit:
        raise _fault(path, f"is larger than {limit >> 20} MiB: expected a smaller file, or several")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _fault(path, "is not UTF-8 text: save it as UTF-8", f"line {line}") from None


def _fault(path: Path, problem: str, place: str = "") -> ConfigError:
    return ConfigError(Fault(str(path), place, problem))

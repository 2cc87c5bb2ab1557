"""A file is replaced as a whole or not at all: written beside, forced to the disk, renamed (rename(2), fsync(2))."""

import os
from pathlib import Path


def replace_with(path: Path, content: bytes) -> None:
    """Raises OSError."""
    part = path.with_suffix(f"{path.suffix}.part")
    part.write_bytes(content)
    move_into_place(part, path)


def move_into_place(part: Path, path: Path) -> None:
    """Raises OSError."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

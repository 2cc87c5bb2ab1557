"""What people read, kept as files and reviewed as text. `make golden` writes them anew."""

import os
from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "golden"
_UPDATE = "DELIVERWATCH_UPDATE_GOLDEN" in os.environ


def check_golden(name, text):
    path = _FOLDER / name
    if _UPDATE:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"tests/golden/{name} is missing: `make golden` writes it"
    assert text == path.read_text(encoding="utf-8"), f"differs from tests/golden/{name}: `make golden`, then review"

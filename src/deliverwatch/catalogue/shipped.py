"""Where the files that come with the program are.

A wheel carries them in `deliverwatch/data/` (see pyproject.toml, `force-include`). In a source checkout, which an
editable install points to, they stand at the root of the repository, where people read and edit them.
"""

from importlib.resources import files
from pathlib import Path

from deliverwatch.core.errors import CatalogueError, Fault


def shipped(name: str) -> Path:
    """The path of a shipped file or folder: "blocklists.yaml", "forms", "warmup_plans", "reports"."""
    package = Path(str(files("deliverwatch")))
    packaged, in_checkout = package / "data" / name, package.parents[1] / name
    for path in (packaged, in_checkout):
        if path.exists():
            return path
    raise CatalogueError(Fault(str(packaged), "", "is missing from this installation: install deliverwatch again"))

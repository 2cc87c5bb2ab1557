"""Where the templates and translations of people's reports are: `reports/`, at the root of a source checkout or inside
the wheel."""

from importlib.resources import files
from pathlib import Path


def reports_folder() -> Path:
    package = Path(str(files("deliverwatch")))
    packaged = package / "data" / "reports"
    return packaged if packaged.exists() else package.parents[1] / "reports"

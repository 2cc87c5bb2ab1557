"""The two template environments, and where the templates are.

HTML is escaped automatically in every template, whatever its name (`select_autoescape` leaves ".html.j2" alone). Text
is not: what goes into a text template has been through `render.encode` before. Both refuse names that are not there.
Templates of people's reports stand in `reports/`, at the root of a source checkout or inside the wheel.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


@cache
def html_environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def text_environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=False,  # noqa: S701 - plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def reports_folder() -> Path:
    package = Path(str(files("deliverwatch")))
    packaged = package / "data" / "reports"
    return packaged if packaged.exists() else package.parents[1] / "reports"

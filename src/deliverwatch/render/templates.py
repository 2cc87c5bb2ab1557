"""The two template environments.

HTML is escaped automatically in every template, whatever its name (`select_autoescape` leaves ".html.j2" alone). Text
is not: what goes into a text template has been through `render.encode` before. Both refuse names that are not there.
Both say sentences in the language that is spoken (`render.tongue`).
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from deliverwatch.render.tongue import say, say_n

_SAID = {"say": say, "say_n": say_n}


@cache
def html_environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= _SAID
    return environment


@cache
def text_environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=False,  # noqa: S701 - plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= _SAID
    return environment

"""What all templates of the desk have: sentences, ways to write values, and addresses of files that name a version.

Everything is escaped by the environment. Foreign text goes through `seen` first, which shows what hides in it. What is
not known is said so, and never written as a zero.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from deliverwatch.core.visible import MOST, visible
from deliverwatch.render.encode import in_lines
from deliverwatch.render.templates import html_environment
from deliverwatch.render.tongue import number as number_of
from deliverwatch.render.tongue import percent, say, say_n
from deliverwatch.render.words import at, lasting_days

STATIC = Path(__file__).parent / "static"


@cache
def templates() -> Environment:
    environment = html_environment(Path(__file__).parent / "templates")
    environment.filters |= {
        "begun": begun,
        "seen": seen,
        "seen_lines": in_lines,
        "instant": instant,
        "ago": ago,
        "lasting": lasting_days,
        "ratio": ratio,
        "number": number,
    }
    environment.globals |= {"say": said, "say_n": said_n, "static": static}
    return environment


def said(sentence: str, /, **values: object) -> str:
    """As `tongue.say`. A value that is HTML stays so, and the rest is escaped."""
    if not _holds_html(values):
        return say(sentence, **values)
    return _in_html(say(sentence), values)


def said_n(one: str, many: str, n: int, /, **values: object) -> str:
    if not _holds_html(values):
        return say_n(one, many, n, **values)
    return _in_html(say_n(one, many, n, **{name: f"{{{name}}}" for name in values}), values)


def _holds_html(values: Mapping[str, object]) -> bool:
    return any(isinstance(each, Markup) for each in values.values())


def _in_html(sentence: str, values: Mapping[str, object]) -> Markup:
    return Markup(escape(sentence)).format(**values)  # noqa: S704 - the sentence is ours, and is escaped


def seen(text: object, limit: int = MOST) -> str:
    return visible(str(text), limit)


def instant(moment: datetime | None, zone: tzinfo = UTC) -> str:
    if moment is None:
        return say("unknown")
    machine = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Markup('<time datetime="{}">{}</time>').format(machine, at(moment, zone))


@pass_context
def ago(context: Context, moment: datetime | None) -> str:
    """ "5 h 10 min ago", with the instant itself for who points at it."""
    if moment is None:
        return say("never")
    machine = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = say("{length} ago", length=lasting_days(max(context["now"] - moment, timedelta(0))))
    return Markup('<time datetime="{}" title="{}">{}</time>').format(machine, at(moment), told)


def begun(text: str) -> str:
    """With its first letter large; the rest as it was, since other languages write nouns so."""
    return text[:1].upper() + text[1:]


def ratio(value: float | None) -> str:
    return say("unknown") if value is None else percent(value)


def number(value: int | None) -> str:
    return say("unknown") if value is None else number_of(value)


@cache
def static(name: str) -> str:
    """Its address, which changes when it does."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:16]}"

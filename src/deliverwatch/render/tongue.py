"""The language that a text is written in: its sentences, plural forms, numbers and dates.

Sentences stand in the code and in the templates in English, and are looked up in `reports/locales/<language>.po` when
another language is spoken (GNU gettext's format, read by Babel). `say` takes a whole sentence with named places; a
sentence is never put together from halves, since other languages order them otherwise. `say_n` chooses the plural
form. What is not translated is said in English, and a test names it. `marked` marks a sentence that stands in a table
of the code and is said later.

Who writes a whole text says once in which language (`speaking`); alerts, drafts and the command line are in English.
Values are put into a sentence as they are: each is encoded for its place before it comes here (`render.encode`).
"""

import gettext
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cache

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from deliverwatch.core.inventory import Language
from deliverwatch.render.folders import reports_folder

KEYWORDS: Mapping[str, tuple[int, ...] | None] = {"say": None, "say_n": (1, 2), "marked": None}
"""Which calls hold sentences, for Babel's extractor."""

_LOCALES: Mapping[Language, str] = {
    Language.EN: "en",
    Language.DE: "de",
    Language.ES: "es",
    Language.ID: "id",
}
_LISTS_AS: Mapping[Language, str] = {Language.EN: "en_001"}
"""Where the general English of lists has no comma before "and"."""
_WITH_TIME: Mapping[Language, str] = {
    Language.EN: "EEE d MMM{year} HH:mm",
    Language.DE: "EEE d. MMM{year} HH:mm",
    Language.ES: "EEE d MMM{year} H:mm",
    Language.ID: "EEE d MMM{year} HH.mm",
}


@dataclass(frozen=True, slots=True)
class Tongue:
    """`sentences`: by what they are in English; for one with a number, all plural forms. `form`: which of them."""

    language: Language
    locale: Locale
    sentences: Mapping[str, tuple[str, ...]]
    form: Callable[[int], int]


def catalogue_of(language: Language) -> Catalog:
    """What is translated into a language. English has none: it is what stands in the code."""
    with (reports_folder() / "locales" / f"{language}.po").open("rb") as file:
        return read_po(file, locale=_LOCALES[language])


@cache
def tongue(language: Language) -> Tongue:
    locale = Locale.parse(_LOCALES[language])
    if language is Language.EN:
        return Tongue(language, locale, {}, lambda number: int(number != 1))
    catalogue = catalogue_of(language)
    sentences = {
        _key(message.id): _forms(message.string) for message in catalogue if message.id and all(_forms(message.string))
    }
    return Tongue(language, locale, sentences, gettext.c2py(catalogue.plural_expr))


def _key(id_: str | Sequence[str]) -> str:
    return id_ if isinstance(id_, str) else id_[0]


def _forms(string: str | Sequence[str] | None) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ("",))


_SPOKEN: ContextVar[Language] = ContextVar("spoken", default=Language.EN)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    before = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def speak(language: Language) -> None:
    """From now on, in whatever else this task says."""
    _SPOKEN.set(language)


def spoken() -> Language:
    return _SPOKEN.get()


def marked(sentence: str) -> str:
    """For `say` to translate when it is said."""
    return sentence


def say(sentence: str, /, **values: object) -> str:
    """ "{list} is not watched" with list="Spamhaus ZEN"."""
    forms = tongue(_SPOKEN.get()).sentences.get(sentence, (sentence,))
    return forms[0].format(**values) if values else forms[0]


def say_n(one: str, many: str, n: int, /, **values: object) -> str:
    """ "{n} subject", "{n} subjects": `n` is written as the language writes numbers."""
    speaker = tongue(_SPOKEN.get())
    forms = speaker.sentences.get(one)
    chosen = (one if n == 1 else many) if forms is None else forms[min(speaker.form(n), len(forms) - 1)]
    return chosen.format(n=number(n), **values)


def number(value: int | float) -> str:
    """ "1,234,567", or as the language parts thousands."""
    return format_decimal(value, locale=_locale())


def percent(ratio: float) -> str:
    """Cut to one decimal, so that 100% means all of it: "99.9%"."""
    return _percent(int(ratio * 1000) / 1000, "#,##0.#")


def percent_as_set(ratio: float) -> str:
    """A limit, with the decimals that somebody gave it: "0.15%"."""
    return _percent(ratio, "#,##0.####")


def _percent(ratio: float, digits: str) -> str:
    pattern = _locale().percent_formats[None].pattern.replace("#,##0", digits)
    return format_percent(ratio, pattern, locale=_locale())


def listed(names: Sequence[str]) -> str:
    """ "A, B and C"."""
    return format_list(names, locale=_LISTS_AS.get(_SPOKEN.get(), _locale()))


def day_and_time(moment: datetime, zone: tzinfo, *, with_year: bool) -> str:
    """ "Mon 16 Nov 2026 09:41": without the zone's name."""
    pattern = _WITH_TIME[_SPOKEN.get()].format(year=" yyyy" if with_year else "")
    return format_datetime(moment.astimezone(zone), pattern, locale=_locale())


def on(day: date, pattern: str) -> str:
    """A date by a pattern of the Unicode locale data (UTS 35), such as "d MMM yyyy"."""
    return format_date(day, pattern, locale=_locale())


def _locale() -> Locale:
    return tongue(_SPOKEN.get()).locale

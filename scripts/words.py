"""Brings `reports/locales/*.po` up to date with what the code and the templates say, of reports and pages alike.

Sentences that are new come in without a translation, and those that nobody says any more go. What is translated stays
as it is: a sentence whose English changed is a new one, and none is guessed from one that resembles it. The files hold
no dates and no places in the code, so that a difference is a sentence.
"""

import ast
import io
import sys
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from deliverwatch.core.inventory import Language
from deliverwatch.render.tongue import KEYWORDS

ROOT = Path(__file__).parents[1]
LOCALES = ROOT / "reports" / "locales"


def said_in_python(
    file: IO[bytes], keywords: Collection[str], *_: Any, **__: Any
) -> Iterator[tuple[int, str, Any, Any]]:
    """A method of Babel's. Its own misses calls inside calls and f-strings."""
    for call in ast.walk(ast.parse(file.read())):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in keywords:
            literals = [each.value if isinstance(each, ast.Constant) else None for each in call.args]
            yield call.lineno, call.func.id, literals, ()


_SOURCE = ROOT / "src" / "deliverwatch"
_METHODS = {
    said_in_python: [*sorted((_SOURCE / "render").glob("*.py")), *sorted((_SOURCE / "web").rglob("*.py"))],
    babel_extract: [
        *sorted((ROOT / "reports" / "weekly").glob("*.j2")),
        *sorted((_SOURCE / "web" / "templates").rglob("*.j2")),
    ],
}
_OPTIONS = {"trimmed": "false", "silent": "false"}
"""Of Jinja's extractor: a template that cannot be read is a fault."""
_HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plural_forms}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
_WIDTH = 100
_GUESSED = {"python-format", "python-brace-format"}
"""What Babel takes a sentence for: of new ones only, and wrongly where one has a "%"."""


@cache
def sentences() -> Catalog:
    """All that the code and the templates say, in English."""
    found = Catalog()
    for sentence in _extracted():
        found.add(sentence)
    return found


def _extracted() -> Iterator[str | tuple[str, ...]]:
    for method, paths in _METHODS.items():
        for path in paths:
            with path.open("rb") as file:
                for _, sentence, _, _ in extract(method, file, keywords=KEYWORDS, options=_OPTIONS):
                    yield sentence


def translations(language: Language) -> Catalog:
    path = LOCALES / f"{language}.po"
    return read_po(io.BytesIO(path.read_bytes() if path.exists() else b""), locale=str(language))


def updated(language: Language) -> Catalog:
    catalogue = translations(language)
    catalogue.update(sentences(), no_fuzzy_matching=True)
    for each in catalogue:
        each.flags -= _GUESSED
    return catalogue


def as_file(language: Language, catalogue: Catalog) -> bytes:
    body = io.BytesIO()
    write_po(body, catalogue, _WIDTH, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    header = _HEADER.format(language=language, plural_forms=Catalog(locale=str(language)).plural_forms)
    return header.encode() + body.getvalue().rstrip(b"\n") + b"\n"


def main() -> int:
    for language in Language:
        if language is not Language.EN:
            catalogue = updated(language)
            missing = sum(1 for each in catalogue if each.id and not _is_translated(each.string))
            (LOCALES / f"{language}.po").write_bytes(as_file(language, catalogue))
            print(f"words: {language}: {len(catalogue)} sentences, {missing} not translated")
    return 0


def _is_translated(string: str | tuple[str, ...]) -> bool:
    return bool(string) and all((string,) if isinstance(string, str) else string)


if __name__ == "__main__":
    sys.exit(main())

"""The text of a draft: a form's letter, filled from recorded facts.

Letters are data that an operator may change, so they run in Jinja2's sandbox and see nothing but each other. Facts come
in as plain values under their names, one line each: a list's reason cannot add a paragraph to our request. A fact that
is not recorded counts as false in `{% if %}`; printed, it leaves a mark for the person who completes the draft, and
never a guess.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jinja2 import DictLoader, TemplateError, TemplateNotFound, TemplateSyntaxError, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from deliverwatch.core.errors import CatalogueError, Fault
from deliverwatch.core.remediation.facts import FACTS, Facts
from deliverwatch.core.remediation.form import Form, LetterKind
from deliverwatch.core.visible import visible

ENGLISH = "en"
_MOST = 2000  # characters of a value: a customer's answer may be a paragraph
_BLANK_LINES = re.compile(r"\n{3,}")
_WRONG = (TemplateError, ArithmeticError, LookupError, RecursionError, TypeError, ValueError)
"""What the expressions of a template can raise."""


class _NotRecorded(Undefined):
    def __str__(self) -> str:
        return f"[to be completed: {str(self._undefined_name).replace('_', ' ')}]"


class Letters:
    """All letters of `forms`, compiled. `shared`: those that others extend, source by file name ("request.de.txt.j2",
    `catalogue.forms.load_letters`).

    Raises CatalogueError with every fault: what does not compile."""

    def __init__(self, forms: Iterable[Form], shared: Mapping[str, str]) -> None:
        self._names = {
            (form.id, *letter): _name(form, *letter, text, shared)
            for form in forms
            for letter, text in form.bodies.items()
        }
        texts = {self._names[form.id, *letter]: text for form in forms for letter, text in form.bodies.items()}
        self._environment = ImmutableSandboxedEnvironment(
            loader=DictLoader({**shared, **texts}),
            autoescape=False,
            undefined=_NotRecorded,
            trim_blocks=True,
            lstrip_blocks=True,
            cache_size=-1,
            auto_reload=False,
        )
        faults = [fault for name in {**shared, **texts} for fault in self._faults_of(name)]
        if faults:
            raise CatalogueError(*faults)

    def __call__(self, form: Form, facts: Facts, letter: LetterKind, language: str, brief: bool = False) -> str:
        """In English where there is no text in `language`. Raises CatalogueError when the letter cannot be filled."""
        name = self._names.get((form.id, letter, language)) or self._names[form.id, letter, ENGLISH]
        try:
            text = self._environment.get_template(name).render(_values(facts), brief=brief)
        except _WRONG as wrong:
            raise CatalogueError(_fault(name, wrong)) from None
        lines = "\n".join(line.rstrip() for line in text.split("\n"))
        return _BLANK_LINES.sub("\n\n", lines).strip() + "\n"

    def _faults_of(self, name: str) -> Iterator[Fault]:
        try:
            self._environment.get_template(name)
        except TemplateError as wrong:
            yield _fault(name, wrong)


def _name(form: Form, kind: LetterKind, language: str, text: str, shared: Mapping[str, str]) -> str:
    """Of its file among the forms, or among the shared letters."""
    ending = ".txt.j2" if language == ENGLISH else f".{language}.txt.j2"
    if shared.get(f"{kind}{ending}") == text:
        return f"{kind}{ending}"
    return f"{form.id}/{'body' if kind is LetterKind.REQUEST else kind}{ending}"


def _values(facts: Facts) -> dict[str, Any]:
    every = {name: [visible(value, _MOST) for value in facts[name].values if value] for name in FACTS if name in facts}
    one = {name: ", ".join(values) for name, values in every.items() if values}
    return {**one, "all": {name: tuple(every.get(name, ())) for name in FACTS}}


def _fault(name: str, wrong: Exception) -> Fault:
    place = ""
    if isinstance(wrong, TemplateSyntaxError):
        name, place = wrong.name or name, f"line {wrong.lineno}"
    file = f"forms/{name}" if "/" in name else f"forms/letters/{name}"
    problem = f"there is no letter {wrong}" if isinstance(wrong, TemplateNotFound) else str(wrong).partition("\n")[0]
    return Fault(file, place, problem)

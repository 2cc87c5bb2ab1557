"""The text of a draft: a form's body, filled from recorded facts.

Bodies are data that an operator may change, so they run in Jinja2's sandbox. Facts come in as plain values under their
names, one line each: a list's reason cannot add a paragraph to our request. In `{% if reason %}` a fact that is not
recorded counts as false; printed, it leaves a mark for the person who completes the draft, and never a guess.
"""

from collections.abc import Mapping
from typing import Any

from jinja2 import DictLoader, TemplateError, TemplateSyntaxError, Undefined
from jinja2.sandbox import SandboxedEnvironment

from deliverwatch.core.blocklist import RemovalWay
from deliverwatch.core.errors import CatalogueError, Fault
from deliverwatch.core.remediation import Fact, Form
from deliverwatch.core.visible import visible


class _NotRecorded(Undefined):
    def __str__(self) -> str:
        return f"[to be completed: {str(self._undefined_name).replace('_', ' ')}]"


_ENVIRONMENT = SandboxedEnvironment(
    loader=DictLoader({}),
    autoescape=False,
    undefined=_NotRecorded,
)


def render_draft(form: Form, facts: Mapping[str, Fact], way: RemovalWay) -> str:
    """Raises CatalogueError when the form's body is not a usable template."""
    values: dict[str, Any] = {name: visible(fact.value) for name, fact in facts.items()}
    try:
        return _ENVIRONMENT.from_string(form.body).render(values, way=str(way)).strip() + "\n"
    except TemplateError as fault:
        place = f"line {fault.lineno}" if isinstance(fault, TemplateSyntaxError) else ""
        raise CatalogueError(Fault(f"forms/{form.id}/body.txt.j2", place, str(fault.message))) from None

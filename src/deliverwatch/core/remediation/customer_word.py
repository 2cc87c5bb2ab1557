"""What only the customer knows: asked in their language, kept with name and time.

An action request asks exactly what a form needs and the facts do not hold: what was the cause, what was cleaned, when,
by whom. Questions and answers go by the names of `facts.FROM_CUSTOMER`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from deliverwatch.core.inventory import Language


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """`customer` None: about what several share; somebody of the ESP said it. `questions`: names of
    `facts.FROM_CUSTOMER`. `sent_to`: contacts it was mailed to; empty: asked by other means. `advice`: ids of the
    advice that it repeats. `answers`: by question, in the customer's words; `answered_by`: who at the customer said so;
    `kept_by`: who on our side wrote it down."""

    id: str
    customer: str | None
    draft: str
    asked_at: datetime
    asked_by: str
    language: Language
    questions: tuple[str, ...]
    sent_to: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    answer_language: Language | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None
    kept_by: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer said: `answers` by question; `by`: who at the customer."""

    answers: Mapping[str, str]
    by: str
    language: Language

"""Results of practice checks, the advice that came of them, and what customers were asked and said."""

from typing import Any

from deliverwatch.core.inventory import Language
from deliverwatch.core.practice import Advice, Check, CheckOutcome, CheckResult
from deliverwatch.core.remediation.customer_word import ActionRequest
from deliverwatch.store.mapping.rows import AnyRow


def result(row: AnyRow) -> CheckResult:
    return CheckResult(
        check=Check(row.check),
        subject=row.subject,
        outcome=CheckOutcome(row.outcome),
        found=row.found,
        at=row.at,
        source=row.source,
        problem=row.problem,
        facts=row.facts,
    )


def result_values(customer: str, value: CheckResult) -> dict[str, Any]:
    return {
        "customer": customer,
        "check": str(value.check),
        "subject": value.subject,
        "outcome": str(value.outcome),
        "found": value.found,
        "at": value.at,
        "source": value.source,
        "problem": value.problem,
        "facts": dict(value.facts),
    }


def advice(row: AnyRow) -> Advice:
    return Advice(
        id=row.id,
        customer=row.customer,
        check=Check(row.check),
        subject=row.subject,
        problem=row.problem,
        facts=row.facts,
        found=row.found,
        opened_at=row.opened_at,
        told_at=row.told_at,
        mended_at=row.mended_at,
        overruled_by=row.overruled_by,
        overruled_at=row.overruled_at,
        overruled_because=row.overruled_because,
    )


def advice_values(value: Advice) -> dict[str, Any]:
    return {
        "id": value.id,
        "customer": value.customer,
        "check": str(value.check),
        "subject": value.subject,
        "problem": value.problem,
        "facts": dict(value.facts),
        "found": value.found,
        "opened_at": value.opened_at,
        "told_at": value.told_at,
        "mended_at": value.mended_at,
        "overruled_by": value.overruled_by,
        "overruled_at": value.overruled_at,
        "overruled_because": value.overruled_because,
    }


def action_request(row: AnyRow) -> ActionRequest:
    return ActionRequest(
        id=row.id,
        customer=row.customer,
        draft=row.draft,
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        language=Language(row.language),
        questions=tuple(row.questions),
        sent_to=tuple(row.sent_to),
        advice=tuple(row.advice),
        answers=row.answers,
        answer_language=Language(row.answer_language) if row.answer_language is not None else None,
        answered_at=row.answered_at,
        answered_by=row.answered_by,
        kept_by=row.kept_by,
    )


def action_request_values(value: ActionRequest) -> dict[str, Any]:
    return {
        "id": value.id,
        "customer": value.customer,
        "draft": value.draft,
        "asked_at": value.asked_at,
        "asked_by": value.asked_by,
        "language": str(value.language),
        "questions": list(value.questions),
        "sent_to": list(value.sent_to),
        "advice": list(value.advice),
        "answers": dict(value.answers),
        "answer_language": str(value.answer_language) if value.answer_language is not None else None,
        "answered_at": value.answered_at,
        "answered_by": value.answered_by,
        "kept_by": value.kept_by,
    }

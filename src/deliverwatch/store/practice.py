"""Best practice: the last result of each check, and the advice that came of it, which is kept for good.

Two may write one piece of advice: who checks, and who tells the customer of it or overrules it. So neither takes back
what they have not heard of: what was told once stays told, what was overruled stays overruled.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from deliverwatch.core.practice import Advice, Check, CheckResult
from deliverwatch.store.dialect import update_in, upsert
from deliverwatch.store.mapping import practice as mapping
from deliverwatch.store.merging import Merging, first_known, known, replaced
from deliverwatch.store.remediation_tables import AdviceRow, PracticeResultRow
from deliverwatch.store.tables import table_of

ADVICE = table_of(AdviceRow)
RESULT = table_of(PracticeResultRow)

_ORDER = {check: place for place, check in enumerate(Check)}
_KEEP_ADVICE = Merging(
    ADVICE,
    {
        **dict.fromkeys(("problem", "facts", "found", "mended_at"), replaced),
        "told_at": first_known,
        **dict.fromkeys(("overruled_by", "overruled_at", "overruled_because"), known),
    },
)
_DROP = delete(RESULT).where(
    RESULT.c.customer == bindparam("of"),
    RESULT.c.check == bindparam("of_check"),
    RESULT.c.subject == bindparam("about"),
)


def keep(
    connection: Connection, customer: str, results: Sequence[CheckResult], advice: Sequence[Advice], complete: bool
) -> None:
    """Rows in the order of their keys, so that two transactions lock them in the same one."""
    if complete:
        _drop_others(connection, customer, results)
    ordered = sorted(results, key=lambda result: (str(result.check), result.subject))
    upsert(connection, RESULT, [mapping.result_values(customer, result) for result in ordered])
    _KEEP_ADVICE.write(connection, [mapping.advice_values(each) for each in sorted(advice, key=lambda each: each.id)])


def _drop_others(connection: Connection, customer: str, results: Sequence[CheckResult]) -> None:
    of_customer = select(RESULT.c.check, RESULT.c.subject).where(RESULT.c.customer == customer)
    there = {(row.check, row.subject) for row in connection.execute(of_customer)}
    others = sorted(there - {(str(result.check), result.subject) for result in results})
    if others:
        connection.execute(_DROP, [{"of": customer, "of_check": check, "about": subject} for check, subject in others])


def results(connection: Connection, customer: str | None) -> dict[str, list[CheckResult]]:
    """In the order of the checks."""
    statement = select(RESULT) if customer is None else select(RESULT).where(RESULT.c.customer == customer)
    found: dict[str, list[CheckResult]] = defaultdict(list)
    for row in connection.execute(statement):
        found[row.customer].append(mapping.result(row))
    return {of: sorted(each, key=lambda result: (_ORDER[result.check], result.subject)) for of, each in found.items()}


def advice(connection: Connection, customer: str | None, open_only: bool) -> list[Advice]:
    """Newest first."""
    statement = select(ADVICE).order_by(ADVICE.c.opened_at.desc(), ADVICE.c.id)
    if customer is not None:
        statement = statement.where(ADVICE.c.customer == customer)
    if open_only:
        statement = statement.where(ADVICE.c.mended_at.is_(None))
    return [mapping.advice(row) for row in connection.execute(statement)]


def told(connection: Connection, advice_ids: Collection[str], at: datetime) -> None:
    """The customer reads of it for the first time."""
    update_in(connection, ADVICE, ADVICE.c.told_at.is_(None), ADVICE.c.id, advice_ids, {"told_at": at})

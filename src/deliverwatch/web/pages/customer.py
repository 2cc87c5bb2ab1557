"""`/customers/{id}`: how a customer stands, in one sentence; what is open, and what is being done about it.

Beside it `/customers/{id}/history.csv`: all their listings and blocks, for a spreadsheet.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from deliverwatch.core.access import Viewer
from deliverwatch.core.desk.subjects import vouched_for
from deliverwatch.core.inventory import kind_of
from deliverwatch.core.warmup.status import RunStatus
from deliverwatch.flows.desk_ports import MailOfDay
from deliverwatch.render.csv_export import CSV_TYPE, csv_lines
from deliverwatch.render.history_export import HISTORY_COLUMNS, history_rows
from deliverwatch.render.tongue import say
from deliverwatch.render.warmup_words import reason, state_words
from deliverwatch.web.charts import Chart
from deliverwatch.web.customer_desk import EVER, CustomerDesk, customer_desk
from deliverwatch.web.customer_open import open_rows
from deliverwatch.web.customer_verdict import Standing, verdict
from deliverwatch.web.doors import person
from deliverwatch.web.frame import page
from deliverwatch.web.mail_charts import mail_chart, senders
from deliverwatch.web.practice_rows import advice_rows
from deliverwatch.web.timeline_reads import Turn, timeline_page
from deliverwatch.web.timeline_words import timeline_lines
from deliverwatch.web.warmup_charts import charts_of

_LAST_REPORTS = 3
_TIMELINE_LINES = 8
_MOST_CHARTS = 3


def add(router: APIRouter) -> None:
    @router.api_route("/customers/{customer_id}", methods=["GET", "HEAD"])
    async def customer(
        customer_id: str, request: Request, viewer: Annotated[Viewer, Depends(person())]
    ) -> HTMLResponse:
        desk = await customer_desk(request, viewer, customer_id)
        return page(request, "customer/customer.html.j2", desk=desk, **await _view(desk))

    @router.api_route("/customers/{customer_id}/history.csv", methods=["GET", "HEAD"])
    async def history(
        customer_id: str, request: Request, viewer: Annotated[Viewer, Depends(person())]
    ) -> StreamingResponse:
        desk = await customer_desk(request, viewer, customer_id)
        rows = history_rows(await desk.listings(EVER), await desk.episodes(EVER))
        named = f'attachment; filename="{_file_name(customer_id)}-history.csv"'
        lines = csv_lines(HISTORY_COLUMNS, rows)
        return StreamingResponse(lines, media_type=CSV_TYPE, headers={"content-disposition": named})


def _file_name(customer_id: str) -> str:
    return "".join(each if each.isascii() and each.isalnum() else "-" for each in customer_id)


async def _view(desk: CustomerDesk) -> dict[str, Any]:
    store, id_ = desk.app.store, desk.customer.id
    standing = await _standing(desk)
    runs = await desk.app.warmups.seen_by(desk.only)
    timeline = await timeline_page(desk, Turn(), _TIMELINE_LINES)
    tone, sentence = verdict(standing)
    return {
        "tone": tone,
        "verdict": sentence,
        "standing": standing,
        "open": await open_rows(desk, standing.listings, standing.episodes),
        "runs": [(each, state_words(each), reason(each, desk.provider_names)) for each in runs],
        "warmup_charts": await _warmup_charts(desk, runs),
        "mail": await _mail(desk),
        "advice": [each for each in advice_rows(await store.advice(id_, open_only=True)) if each.is_open],
        "is_checked": bool((await store.practice(id_)).get(id_)),
        "reports": await store.report_heads(desk.only, limit=_LAST_REPORTS),
        "timeline": timeline_lines(timeline.entries[:_TIMELINE_LINES], desk.names),
    }


async def _standing(desk: CustomerDesk) -> Standing:
    known = vouched_for(desk.leading, await desk.app.store.last_cycles(), desk.now)
    kinds = sorted({kind_of(asset.name) for asset in desk.assets})
    return Standing(
        await desk.listings(), await desk.episodes(), [known[kind] for kind in kinds], await desk.app.intake.health()
    )


async def _warmup_charts(desk: CustomerDesk, runs: Sequence[RunStatus]) -> list[Chart]:
    """Of those that go on; by provider on the page of each."""
    charts: list[Chart] = []
    for status in [each for each in runs if each.run.ended is None and not each.shared][:_MOST_CHARTS]:
        history = await desk.app.warmups.history_seen(status.run.ip, desk.only)
        if history is not None:
            charts += charts_of(history, desk.provider_names, by_provider=False)
    return charts


async def _mail(desk: CustomerDesk) -> tuple[Chart | None, str]:
    """With what is said of it."""
    today = desk.now.date()
    names = senders(desk.customer.id, desk.assets, desk.snapshot.holdings, today)
    if names is None:
        return None, say("What is theirs alone are too many addresses for a chart of their mail.")
    until = datetime.combine(today, time(), UTC)
    days: list[MailOfDay] = []
    for since, some in names.items():
        days += await desk.app.desk.mail_days(some, datetime.combine(since, time(), UTC), until)
    chart = mail_chart(days, today)
    if chart is None:
        return None, say("Nothing is known: no data source has told of mail from what is theirs alone.")
    return chart, say(
        "Of addresses and domains that are theirs alone. Mail that was deferred may have been delivered later, and "
        "counts in both."
    )

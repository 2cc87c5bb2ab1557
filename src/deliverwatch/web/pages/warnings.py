"""`/warnings`: what comes before a block, by customer: what is open, and what ended in the last two weeks;
page by page, the newest first.

A warning about a sender that several customers share stands under each of them that the viewer sees. Where others that
they do not see send from it as well, its figures are not theirs to know (`core.shared_sender`).
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from deliverwatch.app import App
from deliverwatch.core.access import Viewer
from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.inventory import Customer
from deliverwatch.core.shared_sender import without_others
from deliverwatch.render.tongue import say, say_n
from deliverwatch.web.customers_seen import customers_seen
from deliverwatch.web.doors import house, person
from deliverwatch.web.frame import page
from deliverwatch.web.places import place_of, written
from deliverwatch.web.warning_words import figures, what

Looker = Annotated[Viewer, Depends(person())]

_LATELY = timedelta(days=14)
_ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class ShownWarning:
    """`provider`: by name; None: no provider gives it (records in the DNS)."""

    warning: Episode
    what: str
    figures: tuple[str, ...]
    provider: str | None

    @property
    def urgent(self) -> bool:
        return bool(self.warning.evidence.get("urgent"))


def add(router: APIRouter) -> None:
    @router.api_route("/warnings", methods=["GET", "HEAD"])
    async def warnings(request: Request, viewer: Looker) -> HTMLResponse:
        app, seen = house(request).app, viewer.customers
        found = await _found(app, viewer, request.query_params.get("before", ""))
        shown, last = found[:_ON_A_PAGE], found[_ON_A_PAGE - 1] if len(found) > _ON_A_PAGE else None
        return page(
            request,
            "warnings.html.j2",
            groups=await _by_customer(app, viewer, shown),
            verdict=_verdict(await app.store.count_open_episodes(seen, [EpisodeKind.WARNING])),
            older=f"/warnings?{urlencode({'before': written((last.opened_at, last.key))})}" if last else None,
        )


async def _found(app: App, viewer: Viewer, before: str) -> list[Episode]:
    """A page of them, newest first, and one more if there are more."""
    return await app.store.episodes_of(
        viewer.customers,
        kinds=[EpisodeKind.WARNING],
        since=app.clock.now() - _LATELY,
        before=place_of(before),
        limit=_ON_A_PAGE + 1,
    )


async def _by_customer(
    app: App, viewer: Viewer, found: list[Episode]
) -> list[tuple[Customer | None, list[ShownWarning]]]:
    """None: our own, last. What is open and urgent first."""
    parties = await app.store.parties_of([each.key for each in found])
    snapshot = await app.desk.snapshot()
    groups: dict[Customer | None, list[ShownWarning]] = defaultdict(list)
    for each in found:
        concerned = parties.get(each.key, frozenset()) | set(snapshot.parties(each.subject))
        shown = _shown(each if viewer.sees_all or concerned <= (viewer.customers or set()) else _shared(each), app)
        for customer in customers_seen(snapshot, viewer, concerned) or (None,):
            groups[customer].append(shown)
    for rows in groups.values():
        rows.sort(
            key=lambda row: (row.warning.closed_at is not None, not row.urgent, -row.warning.opened_at.timestamp())
        )
    return sorted(groups.items(), key=_place)


def _place(group: tuple[Customer | None, list[ShownWarning]]) -> tuple[bool, bool, str]:
    customer, rows = group
    return customer is None, all(row.warning.closed_at for row in rows), customer.name.lower() if customer else ""


def _shared(warning: Episode) -> Episode:
    return replace(warning, mail_share=None, evidence=without_others(warning.evidence))


def _shown(warning: Episode, app: App) -> ShownWarning:
    provider = app.providers.get(warning.provider)
    name = provider.name if provider is not None else warning.provider or None
    return ShownWarning(warning, what(warning), tuple(figures(warning)), name)


def _verdict(stand: int) -> tuple[str, str]:
    if not stand:
        return "plain", say("No early warning that we know of is open.")
    return "unsure", say_n("{n} early warning is open.", "{n} early warnings are open.", stand)

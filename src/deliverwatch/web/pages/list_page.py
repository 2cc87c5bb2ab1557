"""`/lists/{id}`: one list: how it was on each path, what its answers mean, how it takes requests, and its listings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from deliverwatch.app import App
from deliverwatch.core.access import Act, Viewer
from deliverwatch.core.blocklist import Blocklist, Impact, ReturnCode, Scope
from deliverwatch.core.inventory import Customer
from deliverwatch.core.list_standing import ListStanding
from deliverwatch.core.listing import Listing
from deliverwatch.core.round_stretches import Stretch, stretches
from deliverwatch.render.tongue import marked, say, say_n
from deliverwatch.web import list_words as words
from deliverwatch.web.customers_seen import customers_seen
from deliverwatch.web.doors import house, not_found, person
from deliverwatch.web.frame import done, page
from deliverwatch.web.list_words import IMPACTS, why_off
from deliverwatch.web.request_ids import request_id
from deliverwatch.web.standings import standings
from deliverwatch.web.strips import strip

Looker = Annotated[Viewer, Depends(person())]
Operator = Annotated[Viewer, Depends(person(Act.ADMINISTER))]

_SHOWN_FOR = timedelta(days=7)
_MOST = 100
_DONE = {
    "asked": marked("It is asked again in its next round."),
    "not-stopped": marked("It was stopped nowhere: nothing to lift."),
}
_SCOPES: Mapping[Scope, str] = {
    Scope.ADDRESS: marked("one address"),
    Scope.NETWORK: marked("its network"),
    Scope.ASN: marked("the whole AS"),
    Scope.DOMAIN: marked("a registered domain"),
    Scope.HOST: marked("a host name"),
}


@dataclass(frozen=True, slots=True)
class ShownListing:
    """`customers`: those concerned today, as far as the viewer sees them."""

    listing: Listing
    customers: tuple[Customer, ...]


def add(router: APIRouter) -> None:
    @router.api_route("/lists/{list_id}", methods=["GET", "HEAD"])
    async def one_list(request: Request, list_id: str, viewer: Looker) -> HTMLResponse:
        app = house(request).app
        blocklist = _known(app, list_id)
        standing = (await standings(app)).get(list_id)
        return page(
            request,
            "list.html.j2",
            notice=done(request, _DONE),
            each=blocklist,
            standing=standing,
            words=words,
            codes=_codes(blocklist),
            listings=await _listings(app, viewer, list_id),
            most=_MOST,
            verdict=_verdict(app, blocklist, standing),
            **await _history(app, list_id),
        )

    @router.post("/lists/{list_id}/ask-now")
    async def ask_now(request: Request, list_id: str, viewer: Operator) -> Response:
        app = house(request).app
        _known(app, list_id)
        await app.access.record(viewer, "list.ask-now", list_id, {}, request_id(request))
        word = "asked" if await app.ask_list_now(list_id) else "not-stopped"
        return RedirectResponse(f"/lists/{list_id}?done={word}", 303)


def _known(app: App, list_id: str) -> Blocklist:
    found = next((each for each in app.catalogue.all if each.id == list_id), None)
    if found is None:
        raise not_found()
    return found


def _verdict(app: App, blocklist: Blocklist, standing: ListStanding | None) -> tuple[str, str]:
    if standing is None:
        disabled = blocklist.id in app.settings.lists.disable
        return "plain", why_off(blocklist, app.catalogue.state_of(blocklist), disabled=disabled)
    return words.tone(standing.believed), say(words.BELIEVED[standing.believed])


async def _history(app: App, list_id: str) -> dict[str, Any]:
    """Newest first in the table, as everywhere; oldest first in the strip, as time goes."""
    now: datetime = app.clock.now()
    found = stretches(await app.store.cycles_of(list_id, now - _SHOWN_FOR), now)
    verified = sum(each.rounds for each in found if each.verified)
    label = say(
        "Rounds of the last seven days: {verified} verified, {other} not.",
        verified=verified,
        other=sum(each.rounds for each in found) - verified,
    )
    picture = strip(found, now - _SHOWN_FOR, now, label) if found else None
    return {"stretches": _newest_first(found), "strip": picture, "begin": now - _SHOWN_FOR, "summary": label}


def _newest_first(found: list[Stretch]) -> list[tuple[Stretch, str]]:
    return [(each, say_n("{n} round", "{n} rounds", each.rounds)) for each in reversed(found)]


async def _listings(app: App, viewer: Viewer, list_id: str) -> list[ShownListing]:
    found = await app.store.listings_of(viewer.customers, open_only=True, list_id=list_id, limit=_MOST)
    snapshot = await app.desk.snapshot()
    return [ShownListing(each, customers_seen(snapshot, viewer, snapshot.parties(each.subject))) for each in found]


def _codes(blocklist: Blocklist) -> list[tuple[ReturnCode, str, str]]:
    """With its impact and what it accuses, in words; the gravest first."""
    ordered = sorted(blocklist.codes, key=lambda code: -Impact(code.impact).rank)
    return [(code, say(IMPACTS[code.impact]), say(_SCOPES[code.scope or blocklist.scope])) for code in ordered]

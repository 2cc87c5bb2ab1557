"""`/customers/{id}/subjects`: what a customer sends from, asset by asset, worst first, and what is open on each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from deliverwatch.core.access import Viewer
from deliverwatch.core.desk.subjects import AssetLine, asset_lines, vouched_for
from deliverwatch.core.visible import visible
from deliverwatch.core.week_listings import together
from deliverwatch.render.tongue import say, say_n
from deliverwatch.web.customer_desk import CustomerDesk, customer_desk
from deliverwatch.web.customer_open import names_of
from deliverwatch.web.doors import person
from deliverwatch.web.episode_words import KINDS, what
from deliverwatch.web.frame import page

_ON_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """`open`: a sentence for each thing that is. `checked`: how many lists were verified; `in_doubt`: not all."""

    tone: str
    line: AssetLine
    open: tuple[str, ...]
    checked: str
    in_doubt: bool


def add(router: APIRouter) -> None:
    @router.api_route("/customers/{customer_id}/subjects", methods=["GET", "HEAD"])
    async def subjects(
        customer_id: str, request: Request, viewer: Annotated[Viewer, Depends(person())]
    ) -> HTMLResponse:
        desk = await customer_desk(request, viewer, customer_id)
        asked, number = request.query_params.get("q", "").strip(), _number(request.query_params.get("page", ""))
        lines = [each for each in await subject_lines(desk) if _is_asked_for(each, asked)]
        first = (number - 1) * _ON_A_PAGE
        return page(
            request,
            "customer/subjects.html.j2",
            desk=desk,
            wanted=asked,
            count=len(lines),
            rows=[_row(each, desk) for each in lines[first : first + _ON_A_PAGE]],
            newer=_address(asked, number - 1) if number > 1 else None,
            older=_address(asked, number + 1) if first + _ON_A_PAGE < len(lines) else None,
        )


async def subject_lines(desk: CustomerDesk) -> list[AssetLine]:
    return asset_lines(
        desk.customer.id,
        desk.assets,
        desk.snapshot.holdings,
        await desk.listings(),
        await desk.episodes(),
        vouched_for(desk.leading, await desk.app.store.last_cycles(), desk.now),
        desk.now,
    )


def _number(told: str) -> int:
    return int(told) if told.isascii() and told.isdigit() and 0 < len(told) < 6 and int(told) else 1


def _address(asked: str, number: int) -> str:
    told = {"q": asked, "page": str(number)}
    return "?" + urlencode({name: value for name, value in told.items() if value})


def _is_asked_for(line: AssetLine, asked: str) -> bool:
    asset = line.asset
    words = (asset.name, asset.pool or "", asset.stream or "", *asset.roles)
    return not asked or any(asked.casefold() in word.casefold() for word in words)


def _row(line: AssetLine, desk: CustomerDesk) -> SubjectRow:
    is_bad = line.leading or any(each.kind == "block" for each in line.episodes)
    tone = "bad" if is_bad else "unsure" if line.episodes else "plain"
    return SubjectRow(tone, line, tuple(_open(line, desk)), _checked(line), not line.vouched.all)


def _open(line: AssetLine, desk: CustomerDesk) -> Iterable[str]:
    for listings in together(line.listings, desk.now):
        subjects, name = names_of([each.subject for each in listings]), visible(listings[0].list_name, 80)
        if listings[0].leads:
            yield say("{subjects}: listed on {where}", subjects=subjects, where=name)
        else:
            yield say("{subjects}: listed on {where}, for information", subjects=subjects, where=name)
    for episode in line.episodes:
        kind, subject = say(KINDS[episode.kind]), visible(episode.subject.value, 253)
        if episode.provider:
            where = desk.names.name(episode.provider)
            yield say(
                "{subject} at {provider}: {kind}, {what}",
                subject=subject,
                provider=where,
                kind=kind,
                what=what(episode),
            )
        else:
            yield say("{subject}: {kind}, {what}", subject=subject, kind=kind, what=what(episode))


def _checked(line: AssetLine) -> str:
    if not line.vouched.of:
        return say("on no important list that could tell of it")
    return say_n(
        "{verified} of {n} important list verified",
        "{verified} of {n} important lists verified",
        line.vouched.of,
        verified=line.vouched.verified,
    )

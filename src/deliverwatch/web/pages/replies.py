"""`/replies`: what receivers said and no rule explains, by what the replies have in common.

Templates are masked, and still words of strangers about anybody's mail: only who sees all customers sees them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from deliverwatch.app import App
from deliverwatch.core.delivery import Cluster
from deliverwatch.core.reply import Classification
from deliverwatch.core.source_condition import SourceHealth
from deliverwatch.render.tongue import say, say_n
from deliverwatch.web.doors import house, person
from deliverwatch.web.frame import page

_MOST = 100


@dataclass(frozen=True, slots=True)
class ShownCluster:
    """`now`: what the rules of today say of it. `provider`: by name, where its words tell."""

    cluster: Cluster
    now: Classification
    provider: str | None


def add(router: APIRouter) -> None:
    @router.api_route("/replies", methods=["GET", "HEAD"], dependencies=[Depends(person(everything=True))])
    async def replies(request: Request) -> HTMLResponse:
        app = house(request).app
        found = [_shown(app, each) for each in await app.store.clusters(_MOST)]
        return page(
            request, "replies.html.j2", found=found, most=_MOST, verdict=_verdict(found, await app.intake.health())
        )


def _shown(app: App, cluster: Cluster) -> ShownCluster:
    now = app.intake.desk.rules.classify(cluster.template, None, None)
    provider = app.providers.get(now.provider or "")
    return ShownCluster(cluster, now, provider.name if provider is not None else None)


def _verdict(found: list[ShownCluster], sources: Sequence[SourceHealth]) -> tuple[str, str]:
    blocks = sum(each.cluster.looks_like_block for each in found)
    if not found and not sources:
        return "unsure", say("No source is set up: blocks at mailbox providers are not seen.")
    if not found:
        return "good", say("Every reply that was read was explained.")
    if blocks:
        return "unsure", say_n(
            "{n} kind of reply that is not understood looks like a block.",
            "{n} kinds of reply that are not understood look like blocks.",
            blocks,
        )
    return "plain", say("None of the replies that are not understood looks like a block.")

"""`/lists`: every list of the catalogue; whether it can be believed now, and what the others would take."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from deliverwatch.app import App
from deliverwatch.core.blocklist import Blocklist, Impact
from deliverwatch.core.list_standing import Believed, ListStanding
from deliverwatch.render.tongue import marked, say
from deliverwatch.web.doors import house, person
from deliverwatch.web.frame import page
from deliverwatch.web.list_words import BELIEVED, HEALTH, IMPACTS, kinds_in_words, tone, why_off
from deliverwatch.web.standings import standings

SHOWN: Mapping[str, str] = {
    "on": marked("Watched"),
    "doubted": marked("Watched, and in doubt"),
    "off": marked("Not watched"),
    "dead": marked("Dead"),
    "all": marked("All"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What of the catalogue is shown; what is no choice of ours is as if it were not there."""

    shown: str = "on"
    impact: Impact | None = None

    @classmethod
    def of(cls, request: Request) -> "Choice":
        shown, impact = request.query_params.get("show", ""), request.query_params.get("impact", "")
        return cls(shown if shown in SHOWN else "on", Impact(impact) if impact in tuple(Impact) else None)

    @property
    def dead(self) -> bool:
        return self.shown in ("dead", "all") and self.impact is None

    def takes(self, blocklist: Blocklist, standing: ListStanding | None) -> bool:
        if self.impact is not None and blocklist.worst_impact is not self.impact:
            return False
        if self.shown == "doubted":
            return standing is not None and standing.believed.in_doubt
        return self.shown == "all" or (self.shown == "on" and standing is not None) or self.shown == _state(standing)


def _state(standing: ListStanding | None) -> str:
    return "on" if standing is not None else "off"


def add(router: APIRouter) -> None:
    @router.api_route("/lists", methods=["GET", "HEAD"], dependencies=[Depends(person())])
    async def lists(request: Request) -> HTMLResponse:
        app, choice = house(request).app, Choice.of(request)
        found = await standings(app)
        taken = [each for each in app.catalogue.all if choice.takes(each, found.get(each.id))]
        return page(
            request,
            "lists.html.j2",
            choice=choice,
            choices=SHOWN,
            impacts=IMPACTS,
            believed=BELIEVED,
            health=HEALTH,
            tone=tone,
            kinds=kinds_in_words,
            verdict=_verdict(found.values()),
            watched=_groups([found[each.id] for each in taken if each.id in found]),
            off=_off(app, [each for each in taken if each.id not in found]),
            dead=app.catalogue.dead if choice.dead else (),
            on_trial=app.catalogue.on_trial,
        )


def _groups(watched: Iterable[ListStanding]) -> list[tuple[str, list[ListStanding]]]:
    """The lists that lead first; in each group what is in doubt, then what costs most."""
    ordered = sorted(
        watched,
        key=lambda each: (not each.believed.in_doubt, -each.blocklist.worst_impact.rank, each.blocklist.name.lower()),
    )
    groups = (
        (say("Important lists"), [each for each in ordered if each.blocklist.leads]),
        (say("Lists watched for information"), [each for each in ordered if not each.blocklist.leads]),
    )
    return [group for group in groups if group[1]]


def _off(app: App, lists: Iterable[Blocklist]) -> list[tuple[Blocklist, str]]:
    """With why each is not asked, those that matter first."""
    ordered = sorted(lists, key=lambda each: (not each.leads, -each.worst_impact.rank, each.name.lower()))
    disabled = app.settings.lists.disable
    return [(each, why_off(each, app.catalogue.state_of(each), disabled=each.id in disabled)) for each in ordered]


def _verdict(found: Iterable[ListStanding]) -> tuple[str, str]:
    """The lists that lead decide it, as on the status page."""
    leading = [each for each in found if each.blocklist.leads and each.believed is not Believed.BEYOND_PROOF]
    verified = sum(each.believed is Believed.VERIFIED for each in leading)
    if not leading:
        return "unsure", say("No important list that can be verified is on.")
    words = say("{verified} of {all} important lists are verified.", verified=verified, all=len(leading))
    return "good" if verified == len(leading) else "unsure", words

"""A page: a template with values, in its frame and in the language of whoever reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from deliverwatch.access import Entered
from deliverwatch.core.access import Act, Viewer
from deliverwatch.render.tongue import marked, say, spoken
from deliverwatch.web.doors import house
from deliverwatch.web.templating import templates


@dataclass(frozen=True, slots=True)
class Place:
    """One of the menu. `act`: for whom; `everything`: only who sees all customers. `key`: which takes one there after
    a "g"."""

    path: str
    name: str
    key: str = ""
    act: Act = Act.LOOK
    everything: bool = False


MENU: tuple[tuple[str, tuple[Place, ...]], ...] = (
    (
        marked("My work"),
        (
            Place("/", marked("Start"), "s"),
            Place("/customers", marked("Customers"), "c"),
            Place("/drafts", marked("Drafts"), "d"),
            Place("/warmups", marked("Warm-ups"), "w"),
            Place("/warnings", marked("Early warnings"), "e"),
            Place("/alerts", marked("Alerts"), "a"),
            Place("/silences", marked("Silences"), "i"),
        ),
    ),
    (
        marked("What we know"),
        (
            Place("/lists", marked("Lists"), "l"),
            Place("/sources", marked("Sources"), "o"),
            Place("/replies", marked("Replies not understood"), "r", everything=True),
        ),
    ),
    (
        marked("This installation"),
        (
            Place("/status", marked("Status"), "t", Act.ADMINISTER),
            Place("/accounts", marked("Accounts"), "u", Act.ADMINISTER),
            Place("/audit", marked("Audit trail"), "h", Act.ADMINISTER),
        ),
    ),
)


def page(request: Request, template: str, status: HTTPStatus = HTTPStatus.OK, **values: Any) -> HTMLResponse:
    """`template`: its file in `templates/`, which extends "frame.html.j2" and fills the blocks `title` and `main`. It
    has `say`, `say_n`, `viewer` (None: nobody is signed in), `may(act)`, `path`, `now`, `static(name)`, and the filters
    `seen` (foreign text made visible), `instant` (an aware UTC time as <time>), `ago`, `lasting`, `ratio`, `number`.
    `notice`, where it is given and not empty, is announced above the page."""
    entered: Entered | None = getattr(request.state, "entered", None)
    viewer = entered.viewer if entered is not None else None
    shared = {
        "viewer": viewer,
        "may": viewer.may if viewer is not None else _nothing,
        "menu": _menu(viewer),
        "path": request.url.path,
        "asked": "",
        "language": spoken(),
        "now": house(request).app.clock.now(),
        "notice": "",
    }
    text = templates().get_template(template).render({**shared, **values})
    return HTMLResponse(text, status)


def done(request: Request, sentences: Mapping[str, str]) -> str:
    """The notice after something was done: of `?done=<word>` the sentence, if it is one of these (`marked`)."""
    return say(sentences.get(request.query_params.get("done", ""), ""))


def _nothing(_: Act) -> bool:
    return False


def _menu(viewer: Viewer | None) -> list[tuple[str, list[Place]]]:
    if viewer is None:
        return []
    groups = [(title, [each for each in places if _is_for(each, viewer)]) for title, places in MENU]
    return [(title, places) for title, places in groups if places]


def _is_for(place: Place, viewer: Viewer) -> bool:
    return viewer.may(place.act) and (viewer.sees_all or not place.everything)

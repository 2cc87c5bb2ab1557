"""The place in a list that is newest first from which a page of it goes on, as an address holds it."""

from datetime import datetime
from http import HTTPStatus

from starlette.exceptions import HTTPException

from deliverwatch.flows.desk_ports import Place
from deliverwatch.render.tongue import say


def written(place: Place) -> str:
    return f"{place[0].isoformat()}~{place[1]}"


def place_of(told: str) -> Place | None:
    """None: the beginning. Raises HTTPException for what is none."""
    if not told:
        return None
    at, parted, key = told.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not parted or "\0" in key:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, say("There is no such place in this list."))
    return moment, key

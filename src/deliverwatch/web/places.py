"""The place in a list that is newest first from which a page of it goes on, as an address holds it."""

from datetime import datetime
from http import HTTPStatus

from starlette.exceptions import HTTPException

from deliverwatch.flows.desk_ports import Place
from deliverwatch.render.tongue import say


def is_meant(moment: datetime) -> bool:
    """Whether a page of ours may have given this time: it has a zone, and no zone takes it out of the calendar."""
    return moment.tzinfo is not None and 1900 < moment.year < 3000


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
    if moment is None or not is_meant(moment) or not parted or "\0" in key:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, say("There is no such place in this list."))
    return moment, key

"""`/sign-in` by name and password, and `/sign-out`. Whether both are right is `Access`'s to say."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from deliverwatch.access import NotSignedIn
from deliverwatch.web.doors import house, signed_in, take_cookie
from deliverwatch.web.posted import posted
from deliverwatch.web.signin.form import come_in, refused_page, sign_in_page, where_from
from deliverwatch.web.signin.own_path import START, own_path


def add(router: APIRouter) -> None:
    router.get("/sign-in")(ask)
    router.post("/sign-in")(sign_in)
    router.post("/sign-out")(sign_out)


async def ask(request: Request, next: str = START) -> Response:
    if await signed_in(request) is not None:
        return Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": own_path(next)})
    return sign_in_page(request, next, nobody_yet=not await house(request).app.access.accounts())


async def sign_in(request: Request) -> Response:
    form = await posted(request)
    name, password, next_ = form.get("name", ""), form.get("password", ""), form.get("next", START)
    found = await house(request).app.access.sign_in(name, password, *where_from(request))
    if isinstance(found, NotSignedIn):
        return refused_page(request, next_, name, found)
    return come_in(request, next_, found)


async def sign_out(request: Request) -> Response:
    """Works as well where the session is over already."""
    found = await signed_in(request)
    if found is not None:
        await house(request).app.access.sign_out(found)
    answer = Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": "/sign-in?done=signed-out"})
    take_cookie(answer, house(request))
    return answer

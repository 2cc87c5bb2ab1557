"""Who comes in by which door. Every route names what it lets in; nothing is decided by looking at a path.

Pages know a person by the session cookie, the API a program by its token, and neither takes the other's. Who is not
signed in is sent to sign in; what one may not do is 403; what one may not see is 404, as if it were not there.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from deliverwatch.access import Entered, SignedIn
from deliverwatch.core.access import Act, Viewer
from deliverwatch.render.tongue import marked, speak
from deliverwatch.web.house import House

NOT_FOUND = marked("There is nothing here, or nothing that you may see.")
_NOT_YOURS = marked("You are signed in, and may not do this.")
_FOR_ALL = marked("This is for those who see all customers.")
_SIGN_IN = marked("You are not signed in, or not any more: sign in and try again.")
_WANTED = "expected Authorization: Bearer, with an API token that is not expired or revoked"
_SAFE = ("GET", "HEAD")
_BEARER = HTTPBearer(auto_error=False, bearerFormat="dw_...", description="An API token")

Token = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]


def house(request: Request) -> House:
    found: House = request.app.state.house
    return found


def entered(request: Request) -> Entered:
    """By whichever door it was."""
    found: Entered = request.state.entered
    return found


def person(act: Act = Act.LOOK, *, everything: bool = False) -> Callable[[Request], Awaitable[Viewer]]:
    """A dependency of page routes: the viewer behind the cookie. `everything`: only who sees all customers."""

    async def behind_the_cookie(request: Request) -> Viewer:
        came = await signed_in(request)
        if came is None:
            raise _to_sign_in(request)
        return _let_in(request, came, act, everything)

    return behind_the_cookie


async def signed_in(request: Request) -> Entered | None:
    """Who the cookie says it is, for pages that others may open too."""
    secret = request.cookies.get(cookie_name(house(request)))
    return await house(request).app.access.by_session(secret) if secret else None


def program(act: Act = Act.LOOK, *, everything: bool = False) -> Callable[..., Awaitable[Viewer]]:
    """A dependency of API routes: the viewer behind the token."""

    async def behind_the_token(request: Request, token: Token) -> Viewer:
        came = await house(request).app.access.by_token(token.credentials) if token is not None else None
        if came is None:
            raise HTTPException(HTTPStatus.UNAUTHORIZED, _WANTED, {"WWW-Authenticate": "Bearer"})
        return _let_in(request, came, act, everything)

    return behind_the_token


def _let_in(request: Request, came: Entered, act: Act, everything: bool) -> Viewer:
    request.state.entered = came
    if came.session is not None:
        speak(came.account.language)
    if not came.viewer.may(act):
        raise HTTPException(HTTPStatus.FORBIDDEN, _NOT_YOURS)
    if everything and not came.viewer.sees_all:
        raise HTTPException(HTTPStatus.FORBIDDEN, _FOR_ALL)
    return came.viewer


def _to_sign_in(request: Request) -> HTTPException:
    """A form that was sent after the session ended is not sent again by itself."""
    if request.method not in _SAFE:
        return HTTPException(HTTPStatus.FORBIDDEN, _SIGN_IN)
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    headers = {"Location": f"/sign-in?{urlencode({'next': wanted})}"}
    return HTTPException(HTTPStatus.SEE_OTHER, _SIGN_IN, headers)


def not_found() -> HTTPException:
    return HTTPException(HTTPStatus.NOT_FOUND, NOT_FOUND)


def cookie_name(known: House) -> str:
    """A browser takes one with that prefix from the host itself alone, and over TLS (RFC 6265bis §4.1.3.2)."""
    return "__Host-deliverwatch" if known.is_secure else "deliverwatch"


def give_cookie(response: Response, known: House, came: SignedIn) -> None:
    response.set_cookie(
        cookie_name(known),
        came.secret,
        max_age=int((came.session.ends_at - came.session.began_at).total_seconds()),
        path="/",
        secure=known.is_secure,
        httponly=True,
        samesite="lax",
    )


def take_cookie(response: Response, known: House) -> None:
    response.delete_cookie(cookie_name(known), path="/", secure=known.is_secure, httponly=True, samesite="lax")

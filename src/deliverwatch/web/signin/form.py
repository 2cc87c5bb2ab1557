"""The page to sign in: by name and password, and by the identity provider where there is one."""

from http import HTTPStatus

from fastapi import Request, Response

from deliverwatch.access import NotSignedIn, SignedIn
from deliverwatch.render.tongue import marked, say
from deliverwatch.render.words import lasting_days
from deliverwatch.web.doors import give_cookie, house
from deliverwatch.web.frame import done, page
from deliverwatch.web.signin.own_path import own_path

_DONE = {
    "signed-out": marked("You are signed out."),
    "password": marked("Your password is changed, and all your sessions are over: sign in with the new one."),
}
_LONGEST_AGENT = 200


def sign_in_page(
    request: Request,
    next_: str,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    name: str = "",
    wrong: str = "",
    error: str = "",
    nobody_yet: bool = False,
) -> Response:
    """`wrong`: about name and password; `error`: about the way by the provider. `nobody_yet`: there is no account."""
    oidc = house(request).app.settings.web.oidc
    return page(
        request,
        "signin.html.j2",
        status,
        next=own_path(next_),
        name=name,
        wrong=wrong,
        error=error,
        provider=oidc.name if oidc is not None else None,
        nobody_yet=nobody_yet,
        notice=done(request, _DONE),
    )


def refused_page(request: Request, next_: str, name: str, refusal: NotSignedIn) -> Response:
    """What was typed as a name is there again; which of the two was wrong is not said."""
    if refusal.again_at is None:
        wrong = say("The name or the password is wrong.")
        return sign_in_page(request, next_, HTTPStatus.FORBIDDEN, name=name, wrong=wrong)
    left = refusal.again_at - house(request).app.clock.now()
    wrong = say("Too many attempts: try again in {length}.", length=lasting_days(left))
    answer = sign_in_page(request, next_, HTTPStatus.TOO_MANY_REQUESTS, name=name, wrong=wrong)
    answer.headers["Retry-After"] = str(max(int(left.total_seconds()) + 1, 1))
    return answer


def come_in(request: Request, next_: str, came: SignedIn) -> Response:
    answer = Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": own_path(next_)})
    give_cookie(answer, house(request), came)
    return answer


def where_from(request: Request) -> tuple[str, str]:
    """Address and browser, as the list of sessions shows them."""
    address = request.client.host if request.client is not None else ""
    return address, request.headers.get("user-agent", "")[:_LONGEST_AGENT]

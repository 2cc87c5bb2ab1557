"""`/sign-in/provider`: to the identity provider, and back from it.

A plain link leads there. What comes back counts only in the browser that went, and only once: its journey ends with the
first answer, whatever it is.
"""

from http import HTTPStatus

import structlog
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from deliverwatch.access import NotSignedIn
from deliverwatch.render.tongue import say
from deliverwatch.web.doors import NOT_FOUND, house
from deliverwatch.web.house import House
from deliverwatch.web.signin.asking import ProviderDown
from deliverwatch.web.signin.form import come_in, sign_in_page, where_from
from deliverwatch.web.signin.id_token import NotVouched
from deliverwatch.web.signin.journey import LASTS_FOR, Journey
from deliverwatch.web.signin.own_path import START, own_path
from deliverwatch.web.signin.provider import Provider

log = structlog.get_logger()

_WAY, _BACK = "/sign-in/provider", "/sign-in/provider/back"


def add(router: APIRouter) -> None:
    ways = _ByProvider()
    router.get(_WAY)(ways.go)
    router.get(_BACK)(ways.come_back)


class _ByProvider:
    """Knows the provider from the first who goes there."""

    def __init__(self) -> None:
        self._provider: Provider | None = None

    async def go(self, request: Request, next: str = START) -> Response:
        provider = self._of(house(request))
        journey = Journey.begin(own_path(next), house(request).app.clock.now())
        try:
            away = await provider.way_in(journey)
        except ProviderDown as failure:
            return _no_answer(request, provider, next, failure)
        answer = Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": away})
        _carry(request, answer, provider.seal.close(journey))
        return answer

    async def come_back(self, request: Request, code: str = "", state: str = "", error: str = "") -> Response:
        provider = self._of(house(request))
        journey = provider.seal.open(request.cookies.get(_cookie(request)))
        if journey is None or not journey.answers(state, house(request).app.clock.now()):
            sentence = say("This was not begun in this browser, or took longer than ten minutes: begin again.")
            return sign_in_page(request, START, HTTPStatus.BAD_REQUEST, error=sentence)
        if error or not code:
            log.info("identity_provider_refused", error=error[:80])
            sentence = say("{provider} did not sign you in.", provider=provider.name)
            answer = sign_in_page(request, journey.next, HTTPStatus.FORBIDDEN, error=sentence)
        else:
            answer = await _arrive(request, provider, journey, code)
        _carry(request, answer, "")
        return answer

    def _of(self, inside: House) -> Provider:
        oidc = inside.app.settings.web.oidc
        if oidc is None or inside.origin is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, NOT_FOUND)
        if self._provider is None:
            self._provider = Provider(oidc, inside.origin + _BACK)
        return self._provider


async def _arrive(request: Request, provider: Provider, journey: Journey, code: str) -> Response:
    access, now = house(request).app.access, house(request).app.clock.now()
    try:
        identity = await provider.vouched(code, journey, now)
    except ProviderDown as failure:
        return _no_answer(request, provider, journey.next, failure)
    except NotVouched as failure:
        log.warning("identity_not_vouched_for", why=str(failure))
        sentence = say("What {provider} says of you could not be verified: begin again.", provider=provider.name)
        return sign_in_page(request, journey.next, HTTPStatus.FORBIDDEN, error=sentence)
    found = await access.sign_in_by(identity, *where_from(request))
    if isinstance(found, NotSignedIn):
        sentence = say(
            "{provider} knows you, but you may not come in here: ask whoever runs this installation.",
            provider=provider.name,
        )
        return sign_in_page(request, journey.next, HTTPStatus.FORBIDDEN, error=sentence)
    return come_in(request, journey.next, found)


def _no_answer(request: Request, provider: Provider, next_: str, failure: ProviderDown) -> Response:
    log.warning("identity_provider_does_not_answer", why=str(failure))
    sentence = say(
        "{provider} does not answer as it should: try again later, or sign in by name and password.",
        provider=provider.name,
    )
    return sign_in_page(request, next_, HTTPStatus.SERVICE_UNAVAILABLE, error=sentence)


def _carry(request: Request, answer: Response, sealed: str) -> None:
    """Nothing: it is over."""
    answer.set_cookie(
        _cookie(request),
        sealed,
        max_age=int(LASTS_FOR.total_seconds()) if sealed else 0,
        path=_WAY,
        secure=house(request).is_secure,
        httponly=True,
        samesite="lax",
    )


def _cookie(request: Request) -> str:
    return "__Secure-deliverwatch-journey" if house(request).is_secure else "deliverwatch-journey"

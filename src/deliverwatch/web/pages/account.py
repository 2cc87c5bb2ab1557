"""`/account`: what one can change of oneself: language and password; and where one is signed in, and by which tokens.

A new password ends all sessions, this one too; whoever gave it is let in again at once.
"""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from deliverwatch.access import NotSignedIn
from deliverwatch.core.access import Viewer
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.inventory import Language
from deliverwatch.render.tongue import marked, say
from deliverwatch.web.account_words import LANGUAGES, ROLES, SCOPES, sees
from deliverwatch.web.doors import entered, give_cookie, house, not_found, person
from deliverwatch.web.frame import done, page
from deliverwatch.web.posted import Wrong, posted
from deliverwatch.web.signin.form import where_from

_Me = Annotated[Viewer, Depends(person())]
_DONE = {
    "language": marked("The pages speak your language now."),
    "password": marked("Your password is changed, and your other sessions are over."),
    "session": marked("The session is over."),
    "token": marked("The token is revoked."),
}


def add(router: APIRouter) -> None:
    router.api_route("/account", methods=["GET", "HEAD"])(show)
    router.post("/account/language")(speak)
    router.post("/account/password")(change_password)
    router.post("/account/sessions/{session_id}/end")(end_session)
    router.post("/account/tokens/{token_id}/revoke")(revoke)


async def show(request: Request, viewer: _Me) -> Response:
    return await _shown(request, viewer)


async def speak(request: Request, viewer: _Me) -> Response:
    wanted = (await posted(request)).get("language", "")
    if wanted not in tuple(Language):
        return await _shown(request, viewer, Wrong("language", "language", say("Choose one of these languages.")))
    account = entered(request).account
    await house(request).app.access.change_account(account.name, viewer.by, language=Language(wanted))
    return _back("language")


async def change_password(request: Request, viewer: _Me) -> Response:
    """The old one is tried as at the door, slowed down alike: who sits at a desk left open does not get to guess."""
    form, access, name = await posted(request), house(request).app.access, entered(request).account.name
    tried = await access.sign_in(name, form.get("current", ""), *where_from(request))
    if isinstance(tried, NotSignedIn):
        too_many = tried.again_at is not None
        why = say("Too many attempts: try again later.") if too_many else say("This is not your password.")
        return await _shown(request, viewer, Wrong("password", "current", why))
    try:
        await access.change_account(name, viewer.by, password=form.get("new", ""))
    except NotPossible as refusal:
        await access.end_sessions(tried.account.id, [tried.session.id], viewer.by)
        return await _shown(request, viewer, Wrong("password", "new", str(refusal)))
    answer = _back("password")
    again = await access.sign_in(name, form.get("new", ""), *where_from(request))
    if not isinstance(again, NotSignedIn):
        give_cookie(answer, house(request), again)
    return answer


async def end_session(request: Request, viewer: _Me, session_id: str) -> Response:
    if not await house(request).app.access.end_sessions(viewer.account, [session_id], viewer.by):
        raise not_found()
    return _back("session")


async def revoke(request: Request, viewer: _Me, token_id: str) -> Response:
    app = house(request).app
    if token_id not in {each.id for each in await app.store.tokens(viewer.account) if each.revoked_at is None}:
        raise not_found()
    await app.access.revoke_token(token_id, viewer.by)
    return _back("token")


async def _shown(request: Request, viewer: Viewer, wrong: Wrong | None = None) -> Response:
    app, here = house(request).app, entered(request).session
    kept = await app.store.account(viewer.account)
    if kept is None:
        raise not_found()
    return page(
        request,
        "account.html.j2",
        HTTPStatus.OK if wrong is None else wrong.status,
        account=kept.account,
        role=say(ROLES[kept.account.role]),
        sees=sees(kept.account),
        has_password=kept.password is not None,
        languages=LANGUAGES,
        sessions=await app.access.sessions(viewer.account),
        here=here.id if here is not None else None,
        tokens=await app.store.tokens(viewer.account),
        scopes=SCOPES,
        wrong=wrong,
        notice=done(request, _DONE),
    )


def _back(word: str) -> Response:
    return Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": f"/account?done={word}"})

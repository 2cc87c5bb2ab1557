"""`/accounts`, for operators: who may come in, and by which tokens; a form for one more account."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from deliverwatch.core.access import Account, Act, Role, Viewer
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.inventory import Language
from deliverwatch.render.tongue import marked, say
from deliverwatch.web.account_words import LANGUAGES, ROLES, SCOPES, sees
from deliverwatch.web.doors import house, person
from deliverwatch.web.frame import done, page
from deliverwatch.web.posted import Wrong, posted

_FOR_OPERATORS = Depends(person(Act.ADMINISTER))
_Operator = Annotated[Viewer, _FOR_OPERATORS]
_DONE = {"added": marked("The account is added."), "token": marked("The token is revoked.")}


def add(router: APIRouter) -> None:
    router.api_route("/accounts", methods=["GET", "HEAD"], dependencies=[_FOR_OPERATORS])(show)
    router.post("/accounts")(add_one)
    router.post("/accounts/tokens/{token_id}/revoke")(revoke)


async def show(request: Request) -> Response:
    return await _shown(request)


async def add_one(request: Request, viewer: _Operator) -> Response:
    form = await posted(request)
    account = _account(form)
    if isinstance(account, Wrong):
        return await _shown(request, account, form)
    try:
        await house(request).app.access.add_account(account, form.get("password", ""), viewer.by)
    except NotPossible as refusal:
        about = "password" if "password" in str(refusal) else "name"
        return await _shown(request, Wrong("account", about, str(refusal)), form)
    return _back("added")


async def revoke(request: Request, viewer: _Operator, token_id: str) -> Response:
    try:
        await house(request).app.access.revoke_token(token_id, viewer.by)
    except NotPossible as refusal:
        return await _shown(request, Wrong("tokens", "", str(refusal), HTTPStatus.NOT_FOUND))
    return _back("token")


def _account(form: Mapping[str, str]) -> Account | Wrong:
    role, language = form.get("role", ""), form.get("language", "")
    if role not in tuple(Role):
        return Wrong("account", "role", say("Choose one of these roles."))
    if language not in tuple(Language):
        return Wrong("account", "language", say("Choose one of these languages."))
    account = Account(
        "", form.get("name", ""), Role(role), form.get("email", ""), "sees_all" in form, Language(language)
    )
    return sees_something(account) or account


def sees_something(account: Account) -> Wrong | None:
    """What is wrong with one that sees nothing."""
    if account.role is Role.OPERATOR or account.sees_all or account.email.strip():
        return None
    return Wrong(
        "account",
        "email",
        say("It would see no customer: give the mail address by which the inventory names it, or let it see all."),
    )


async def _shown(request: Request, wrong: Wrong | None = None, form: Mapping[str, str] | None = None) -> Response:
    app = house(request).app
    accounts = await app.access.accounts()
    return page(
        request,
        "accounts.html.j2",
        HTTPStatus.OK if wrong is None else wrong.status,
        accounts=[(each, say(ROLES[each.account.role]), sees(each.account)) for each in accounts],
        owners={each.account.id: each.account.name for each in accounts},
        tokens=await app.store.tokens(),
        roles=ROLES,
        scopes=SCOPES,
        languages=LANGUAGES,
        wrong=wrong,
        form=form or {},
        notice=done(request, _DONE),
    )


def _back(word: str) -> Response:
    return Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": f"/accounts?done={word}"})

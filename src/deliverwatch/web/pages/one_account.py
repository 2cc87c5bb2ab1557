"""`/accounts/{id}`, for operators: what one account may do and see, its password, sessions and tokens.

Each change is written to the audit trail together with what it changes. A token's text is on the answer to the form
that made it, and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from deliverwatch.core.access import Act, Role, Scope, Viewer
from deliverwatch.core.errors import NotPossible
from deliverwatch.flows.access_ports import KeptAccount
from deliverwatch.render.tongue import marked, say
from deliverwatch.web.account_words import ROLES, SCOPES, sees
from deliverwatch.web.doors import house, not_found, person
from deliverwatch.web.frame import done, page
from deliverwatch.web.pages.accounts import sees_something
from deliverwatch.web.posted import Wrong, posted

_FOR_OPERATORS = Depends(person(Act.ADMINISTER))
_Operator = Annotated[Viewer, _FOR_OPERATORS]
_DAYS = 90
_DONE = {
    "changed": marked("The account is changed."),
    "password": marked("It has a new password, and its sessions are over."),
    "disabled": marked("The account is disabled, and its sessions are over."),
    "enabled": marked("The account is enabled."),
    "session": marked("The session is over."),
    "token": marked("The token is revoked."),
}


def add(router: APIRouter) -> None:
    router.api_route("/accounts/{id_}", methods=["GET", "HEAD"], dependencies=[_FOR_OPERATORS])(show)
    router.post("/accounts/{id_}")(change)
    router.post("/accounts/{id_}/password")(give_password)
    router.post("/accounts/{id_}/disable")(disable)
    router.post("/accounts/{id_}/enable")(enable)
    router.post("/accounts/{id_}/sessions/{session_id}/end")(end_session)
    router.post("/accounts/{id_}/tokens")(make_token)
    router.post("/accounts/{id_}/tokens/{token_id}/revoke")(revoke)


async def show(request: Request, id_: str) -> Response:
    return await _shown(request, await _found(request, id_))


async def change(request: Request, viewer: _Operator, id_: str) -> Response:
    kept, form = await _found(request, id_), await posted(request)
    if kept.subject is not None:
        raise not_found()
    role = form.get("role", "")
    if role not in tuple(Role):
        return await _shown(request, kept, Wrong("account", "role", say("Choose one of these roles.")))
    changes: dict[str, Any] = {"role": Role(role), "email": form.get("email", ""), "sees_all": "sees_all" in form}
    wrong = sees_something(replace(kept.account, **changes))
    return await (_shown(request, kept, wrong) if wrong else _changed(request, viewer, kept, "changed", **changes))


async def give_password(request: Request, viewer: _Operator, id_: str) -> Response:
    kept, form = await _found(request, id_), await posted(request)
    if kept.subject is not None:
        raise not_found()
    return await _changed(request, viewer, kept, "password", password=form.get("password", ""))


async def disable(request: Request, viewer: _Operator, id_: str) -> Response:
    kept = await _found(request, id_)
    if kept.account.id == viewer.account:
        why = say("This is your own account: another operator can disable it.")
        return await _shown(request, kept, Wrong("disable", "", why))
    return await _changed(request, viewer, kept, "disabled", disabled=True)


async def enable(request: Request, viewer: _Operator, id_: str) -> Response:
    return await _changed(request, viewer, await _found(request, id_), "enabled", disabled=False)


async def end_session(request: Request, viewer: _Operator, id_: str, session_id: str) -> Response:
    kept = await _found(request, id_)
    if not await house(request).app.access.end_sessions(kept.account.id, [session_id], viewer.by):
        raise not_found()
    return _back(kept, "session")


async def make_token(request: Request, viewer: _Operator, id_: str) -> Response:
    kept, form = await _found(request, id_), await posted(request)
    asked = _asked(form)
    if isinstance(asked, Wrong):
        return await _shown(request, kept, asked, form=form)
    try:
        _, text = await house(request).app.access.add_token(kept.account.name, *asked, viewer.by)
    except NotPossible as refusal:
        about = "customers" if "customer" in str(refusal) else "token-name" if "name" in str(refusal) else "days"
        return await _shown(request, kept, Wrong("token", about, str(refusal)), form=form)
    return await _shown(request, kept, made=text)


async def revoke(request: Request, viewer: _Operator, id_: str, token_id: str) -> Response:
    kept = await _found(request, id_)
    if token_id not in {each.id for each in await house(request).app.store.tokens(kept.account.id)}:
        raise not_found()
    try:
        await house(request).app.access.revoke_token(token_id, viewer.by)
    except NotPossible as refusal:
        return await _shown(request, kept, Wrong("tokens", "", str(refusal), HTTPStatus.CONFLICT))
    return _back(kept, "token")


def _asked(form: Mapping[str, str]) -> tuple[str, Scope, frozenset[str] | None, int] | Wrong:
    """Name, scope, customers (None: those of the account) and days of a token."""
    scope, days = form.get("scope", ""), form.get("days", "")
    if scope not in tuple(Scope):
        return Wrong("token", "scope", say("Choose what the token may do."))
    if not (days.isascii() and days.isdecimal() and len(days) < 5):
        return Wrong("token", "days", say("A number of days is expected."))
    customers = frozenset(form.get("customers", "").replace(",", " ").split())
    return form.get("token-name", "").strip(), Scope(scope), customers or None, int(days)


async def _changed(request: Request, viewer: Viewer, kept: KeptAccount, word: str, **changes: Any) -> Response:
    try:
        await house(request).app.access.change_account(kept.account.name, viewer.by, **changes)
    except NotPossible as refusal:
        about = ("password", "password") if "password" in changes else ("account", "role")
        return await _shown(request, kept, Wrong(*about, str(refusal)))
    return _back(kept, word)


async def _found(request: Request, id_: str) -> KeptAccount:
    kept = await house(request).app.store.account(id_)
    if kept is None or kept.account.id != id_:
        raise not_found()
    return kept


async def _shown(
    request: Request,
    kept: KeptAccount,
    wrong: Wrong | None = None,
    *,
    form: Mapping[str, str] | None = None,
    made: str = "",
) -> Response:
    """`made`: the text of a token that was made just now."""
    app = house(request).app
    return page(
        request,
        "one_account.html.j2",
        HTTPStatus.OK if wrong is None else wrong.status,
        kept=kept,
        account=kept.account,
        sees=sees(kept.account),
        sessions=await app.access.sessions(kept.account.id),
        tokens=await app.store.tokens(kept.account.id),
        roles=ROLES,
        scopes=SCOPES,
        wrong=wrong,
        form=form or {"days": str(_DAYS)},
        made=made,
        notice=say("The token is made: copy it now, it is not shown again.") if made else done(request, _DONE),
    )


def _back(kept: KeptAccount, word: str) -> Response:
    headers = {"Location": f"/accounts/{kept.account.id}?done={word}"}
    return Response(status_code=HTTPStatus.SEE_OTHER, headers=headers)

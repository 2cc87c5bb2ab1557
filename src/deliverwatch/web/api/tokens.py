"""`/tokens`: who may come in by the API. Only for who administers, and sees everything.

A token's text is answered once and kept nowhere; so these are the operations that take no `Idempotency-Key`.
"""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from deliverwatch.core.access import Scope
from deliverwatch.flows.access_ports import ApiToken
from deliverwatch.render.json_times import instant
from deliverwatch.web.api.asking import AdministersEverything, app_of, record
from deliverwatch.web.api.bodies import Body, Line, example
from deliverwatch.web.api.operations import acts, answer, answer_page, reads
from deliverwatch.web.api.paging import Cursor, Limit, Page, page_of
from deliverwatch.web.api.path_ids import TokenId
from deliverwatch.web.api.problems import Faulty, problem
from deliverwatch.web.api.shapes.common import PageOf
from deliverwatch.web.api.shapes.desk import NewTokenShape, RevokedShape, TokenShape
from deliverwatch.web.doors import not_found

_LONGEST_DAYS = 366


class NewToken(Body):
    """`customers`: whom it is bounded to; null: those of the account."""

    model_config = example(name="help desk", scope="write", customers=["acme"], days=90)

    name: Annotated[Line, Field(max_length=80, examples=["help desk"])]
    scope: Scope = Scope.READ
    account: Annotated[Line | None, Field(description="Name or id; null: your own.")] = None
    customers: Annotated[list[Line] | None, Field(max_length=10_000)] = None
    days: Annotated[int, Field(ge=1, le=_LONGEST_DAYS, description="How long it lasts.")] = 90


def add(router: APIRouter) -> None:
    @reads(router, "/tokens", "tokens.list", "API tokens", PageOf[TokenShape])
    async def every(request: Request, _: AdministersEverything, limit: Limit = 100, cursor: Cursor = None) -> Response:
        """Everybody's, without their texts, which are kept nowhere."""
        page = page_of(await app_of(request).store.tokens(), cursor, limit, lambda each: each.id)
        return answer_page(request, Page([_document(each) for each in page.items], page.next))

    _add_acts(router)


def _add_acts(router: APIRouter) -> None:
    @acts(router, "/tokens", "tokens.add", "Make one", NewTokenShape, headers=())
    async def make(body: NewToken, request: Request, viewer: AdministersEverything) -> Response:
        """Its text is shown this once."""
        app = app_of(request)
        kept = await app.store.account(body.account or viewer.account)
        if kept is None:
            raise Faulty(("body.account", "there is no such account"))
        known = (await app.desk.snapshot()).customers
        unknown = [each for each in body.customers or () if each not in known]
        if unknown:
            raise Faulty(*(("body.customers", f"there is no customer {each!r}") for each in unknown))
        await record(request, viewer, "token.make", kept.account.id, name=body.name, scope=body.scope)
        bounds = frozenset(body.customers) if body.customers is not None else None
        token, text = await app.access.add_token(kept.account.id, body.name, body.scope, bounds, body.days, viewer.by)
        return answer(request, {**_document(token), "text": text})

    @acts(router, "/tokens/{token_id}/revoke", "tokens.revoke", "Take one back", RevokedShape, headers=())
    async def revoke(token_id: TokenId, request: Request, viewer: AdministersEverything) -> Response:
        """It lets nobody in from then on."""
        app = app_of(request)
        token = next((each for each in await app.store.tokens() if each.id == token_id), None)
        if token is None:
            raise not_found()
        if token.revoked_at is not None:
            return problem(HTTPStatus.CONFLICT, "This token is revoked already.")
        await record(request, viewer, "token.take-back", token_id)
        await app.access.revoke_token(token_id, viewer.by)
        return answer(request, {"id": token_id, "revoked": True})


def _document(token: ApiToken) -> dict[str, Any]:
    return {
        "id": token.id,
        "account": token.account,
        "name": token.name,
        "scope": token.scope,
        "customers": sorted(token.customers) if token.customers is not None else None,
        "hint": token.hint,
        "created_at": instant(token.created_at),
        "expires_at": instant(token.expires_at),
        "last_used_at": instant(token.last_used_at),
        "revoked_at": instant(token.revoked_at),
    }

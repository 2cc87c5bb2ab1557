"""The API under `/api/v1`, one module a resource: `add(router)` gives its routes.

Everything is read for a `Viewer` and made in `render`; everything that acts goes through `App`. What many resources
share: `operations` (registering, answering, limits), `problems`, `paging`, `etags`, `idempotency`, `asking`.
"""

from fastapi import FastAPI

from deliverwatch.web.api import (
    alerts,
    blocks,
    customer_changes,
    customer_data,
    customers,
    draft_acts,
    drafts,
    events,
    exports,
    listings,
    lists,
    me,
    reports,
    search,
    silences,
    sources,
    tokens,
    warmups,
)
from deliverwatch.web.api.openapi import add_examples
from deliverwatch.web.api.operations import operations

_PREFIX = "/api/v1"
_RESOURCES = (
    *(me, customers, customer_changes, customer_data, listings, blocks, warmups, drafts, draft_acts, reports, lists),
    *(sources, alerts, silences, events, exports, search, tokens),
)


def add_api(app: FastAPI) -> None:
    router = operations()
    for each in _RESOURCES:
        each.add(router)
    app.include_router(router, prefix=_PREFIX)
    add_examples(app, _PREFIX, router.routes)

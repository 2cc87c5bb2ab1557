"""`Idempotency-Key`: a request that is sent again because its answer was lost is done once.

As draft-ietf-httpapi-idempotency-key-header says: the same key with the same request is given the kept answer, with
another request 422, and while the first is still being worked on 409. Answers are kept for 24 hours, by whoever asked;
whether they may still see what it is about is asked anew. One that failed here is not kept, so that it can be tried
again. One whose process was killed in mid-work is tried again after some minutes: whether it was done before that, the
store alone knows, and what may not be done twice it refuses.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from fastapi import Request, Response

from deliverwatch.core.access import Viewer
from deliverwatch.flows.access_ports import KeptAnswer
from deliverwatch.web.api.problems import UNDERSTOOD, Faulty, problem, problem_of
from deliverwatch.web.doors import house

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT_HEADERS = ("content-type", "etag", "location")
_SERVER_ERROR = 500

Work = Callable[[], Awaitable[Response]]
May = Callable[[], Awaitable[object]]


async def once(request: Request, viewer: Viewer, may: May, work: Work) -> Response:
    """`work` done, unless it was done under the same key before. `may`: raises, by what is seen now, where it is not
    for this viewer; then a kept answer is not either."""
    key = _key(request)
    if key is None:
        return await work()
    store, who = house(request).app.store, viewer.token or viewer.account
    digest = await _digest(request)
    begun_at = house(request).app.clock.now()
    kept = await store.begin_answer(who, key, digest, begun_at)
    if kept is not None:
        if kept.request_digest == digest and kept.status is not None:
            await may()
        return _again(kept, digest)
    try:
        answered = await _worked(request, work)
        if answered.status_code < _SERVER_ERROR:
            headers = {name: answered.headers[name] for name in _KEPT_HEADERS if name in answered.headers}
            await store.keep_answer(who, key, begun_at, answered.status_code, headers, bytes(answered.body))
            return answered
    except BaseException:
        await store.drop_answer(who, key, begun_at)
        raise
    await store.drop_answer(who, key, begun_at)
    return answered


async def _worked(request: Request, work: Work) -> Response:
    """What is not possible is an answer, too."""
    try:
        return await work()
    except UNDERSTOOD as error:
        return problem_of(error, matched="if-match" in request.headers)


def _again(kept: KeptAnswer, digest: str) -> Response:
    if kept.request_digest != digest:
        why = "This Idempotency-Key was used for another request."
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, why, errors=[])
    if kept.status is None:
        return problem(HTTPStatus.CONFLICT, "The request is still being worked on.", {"Retry-After": "1"})
    return Response(kept.body, kept.status, {**kept.headers, "Idempotency-Replayed": "true"})


def _key(request: Request) -> str | None:
    said = request.headers.get("idempotency-key")
    if said is None:
        return None
    if not _KEY.fullmatch(said):
        raise Faulty(("header.idempotency-key", "expected 1 to 255 visible ASCII characters"))
    return said


async def _digest(request: Request) -> str:
    whole = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    whole.update(await request.body())
    return whole.hexdigest()

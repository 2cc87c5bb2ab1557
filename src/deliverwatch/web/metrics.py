"""`/metrics`: what a Prometheus server reads of the installation (text format 0.0.4).

Names, units and types follow its conventions: seconds, timestamps instead of ages, `_total` for what only grows. No
label is a customer's id, a subject or a key. What is not known is left out, and never 0: of a list that was never
verified there is no time of it, and without a database there are no counts.

It is open to who asks from this machine itself, by a name of it; a proxy's requests come from elsewhere, whatever their
address, and so does a page of another site whose name was made to lead here. Others need a token of somebody who sees
all customers.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.security.utils import get_authorization_scheme_param
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import Metric

from deliverwatch.core.access import Act
from deliverwatch.web.house import House
from deliverwatch.web.metric_families import read_families
from deliverwatch.web.problems import problem
from deliverwatch.web.request_metrics import RequestCounts
from deliverwatch.web.same_site import is_loopback, parts_of

_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_WANTED = "expected a request from this machine, or Authorization: Bearer with a token of who sees all customers"


def add_metrics(app: FastAPI, house: House, counts: RequestCounts) -> None:
    @app.api_route("/metrics", methods=["GET", "HEAD"], include_in_schema=False)
    async def metrics(request: Request) -> Response:
        if not _is_from_here(request) and not await _has_token(request, house):
            return problem(HTTPStatus.UNAUTHORIZED, _WANTED, {"WWW-Authenticate": "Bearer"})
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(_Families(await read_families(house)))
        for each in counts.collectors:
            registry.register(each)
        return Response(generate_latest(registry), media_type=_TEXT)


class _Families:
    """What was read just now, as the library collects it."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self.collect: Callable[[], Iterable[Metric]] = lambda: families


def _is_from_here(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    asked = parts_of(f"http://{request.headers.get('host', '')}")
    return is_loopback(request.client.host) and asked is not None and is_loopback(asked[1])


async def _has_token(request: Request, house: House) -> bool:
    scheme, text = get_authorization_scheme_param(request.headers.get("authorization"))
    came = await house.app.access.by_token(text) if scheme.lower() == "bearer" else None
    return came is not None and came.viewer.may(Act.LOOK) and came.viewer.sees_all

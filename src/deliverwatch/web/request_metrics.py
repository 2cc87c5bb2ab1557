"""How many requests were answered, how, and how fast, by the template of their route: ids in paths are no labels."""

from collections.abc import MutableMapping
from typing import Any

from prometheus_client import Counter, Histogram, disable_created_metrics
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deliverwatch.flows.ports import Clock

# one more series for each, which nobody reads
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library does not say what it returns

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class RequestCounts:
    """Of one application."""

    def __init__(self) -> None:
        self._requests = Counter(
            "deliverwatch_http_requests",
            "Requests answered, by method, template of the route and status.",
            ("method", "route", "status"),
            registry=None,
        )
        self._durations = Histogram(
            "deliverwatch_http_request_duration_seconds",
            "How long requests took until the answer was whole.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=None,
        )

    @property
    def collectors(self) -> tuple[Counter, Histogram]:
        return self._requests, self._durations

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._durations.labels(method, route).observe(seconds)


class RequestMetrics:
    """Plain ASGI, outside of all others. `clock`: the machine's own, however fast the installation's runs."""

    def __init__(self, app: ASGIApp, counts: RequestCounts, clock: Clock) -> None:
        self._app, self._counts, self._clock = app, counts, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = self._clock.monotonic(), 500

        async def send_counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_counted)
        finally:
            seconds = (self._clock.monotonic() - began).total_seconds()
            self._counts.count(scope["method"], _route(scope), status, seconds)


def _route(scope: MutableMapping[str, Any]) -> str:
    """Where no route fits, all paths are one."""
    if (path := getattr(scope.get("route"), "path", None)) is not None:
        return str(path)
    return "/static" if str(scope.get("path", "")).startswith("/static/") else "none"

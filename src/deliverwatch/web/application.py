"""The ASGI application: probes, webhook receivers, the page to unsubscribe, the desk's pages and the API.

Pages and resources are modules that add their routes; each route names whom it lets in (`doors`). The layers around
them, from outside: safe headers, an id and a language, what nobody foresaw, and requests from other sites.
"""

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from deliverwatch import __version__
from deliverwatch.clock import SystemClock
from deliverwatch.web.api import add_api
from deliverwatch.web.errors import Unforeseen, add_errors
from deliverwatch.web.headers import SafeHeaders
from deliverwatch.web.house import House
from deliverwatch.web.metrics import add_metrics
from deliverwatch.web.pages import PAGES
from deliverwatch.web.probes import add_probes
from deliverwatch.web.receivers import add_receivers
from deliverwatch.web.request_ids import RequestIds
from deliverwatch.web.request_metrics import RequestCounts, RequestMetrics
from deliverwatch.web.same_site import SameSite
from deliverwatch.web.signin import add as add_sign_in
from deliverwatch.web.templating import STATIC, templates
from deliverwatch.web.unsubscribe import add_unsubscribe


def create_app(house: House) -> FastAPI:
    app = FastAPI(
        title="deliverwatch", version=__version__, openapi_url="/api/openapi.json", docs_url=None, redoc_url=None
    )
    app.state.house = house
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    add_probes(app, house)
    add_receivers(app, lambda: house.app.intake.inbox)
    add_unsubscribe(app, house.app, templates())
    app.include_router(_pages(), include_in_schema=False)
    counts = RequestCounts()
    add_metrics(app, house, counts)
    add_errors(app)
    add_api(app)
    app.add_middleware(SameSite, origin=house.origin)
    app.add_middleware(Unforeseen)
    app.add_middleware(RequestIds)
    app.add_middleware(SafeHeaders, is_secure=house.is_secure)
    app.add_middleware(RequestMetrics, counts=counts, clock=SystemClock())
    return app


def _pages() -> APIRouter:
    router = APIRouter()
    add_sign_in(router)
    for each in PAGES:
        each.add(router)
    return router

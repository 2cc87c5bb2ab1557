"""What a person should look at in the routes: they can be meant, and are more often a mistake."""

from collections.abc import Iterable, Iterator

from deliverwatch.core.receivers import Routing
from deliverwatch.core.routing import Match


def route_doubts(routing: Routing, customers: Iterable[str]) -> Iterator[str]:
    """In sentences. `customers`: the ids there are."""
    known = set(customers)
    for route in routing.routes:
        for name in route.match.customers:
            if name not in known:
                yield f"the route {route.name!r} names the customer {name!r}, and there is none of that id"
    if not any(route.match == Match() for route in routing.routes):
        yield "no route takes everything: what none of them takes is told to nobody"

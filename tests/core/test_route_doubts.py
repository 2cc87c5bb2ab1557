"""Routes that may be a mistake are named when the daemon starts."""

from deliverwatch.core.receivers import Routing
from deliverwatch.core.route_doubts import route_doubts
from deliverwatch.core.routing import Match, Role, Route

REST = Route("the rest", Match(), (Role.TAM,))


def test_a_customer_that_is_none_and_events_for_nobody_are_named():
    lost = Route("big ones", Match(customers=("acme", "acmee")), (Role.TAM,))
    assert list(route_doubts(Routing((), (lost,)), ["acme"])) == [
        "the route 'big ones' names the customer 'acmee', and there is none of that id",
        "no route takes everything: what none of them takes is told to nobody",
    ]


def test_the_default_routes_and_one_that_takes_everything_raise_no_doubt():
    assert list(route_doubts(Routing(()), [])) == []
    assert list(route_doubts(Routing((), (REST,)), [])) == []

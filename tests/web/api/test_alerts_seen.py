"""Alerts by the API tell who sees some customers no more than the page does."""

from dataclasses import replace

from deliverwatch.core.access import Scope
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.receivers import Routing, route
from deliverwatch.core.subjects import parse_subject
from remediation.world import ACME, BRAVO
from web.api.api_world import TAM_OF_ACME

OPS = "ops@esp.example"


async def told_of_both(world):
    """An alert about a pool that both send from, told to the operator in one message, which is given up. Its number."""
    at, parties = world.clock.now(), [ACME.id, BRAVO.id]
    facts = {"opened_at": at.isoformat(), "confirmed_at": at.isoformat(), "codes": ["127.0.0.2"], "parties": parties}
    facts |= {"meanings": ["sends spam"], "impact": "high", "reason": "so", "path": "192.0.2.53:53"}
    facts |= {"first_path": "192.0.2.53:53", "unexplained": [], "since": at.isoformat(), "for_seconds": 1, "days": 7}
    event = Event(
        f"still_listed/psbl/203.0.113.9/{at}", EventKind.STILL_LISTED, at, "psbl", parse_subject("203.0.113.9"), facts
    )
    mine, *others = route(event, Routing(()), [ACME, BRAVO])
    both = replace(mine, id="of-both", recipient=OPS, customers=(ACME.id, BRAVO.id))
    await world.store.commit_endings({}, [event], [mine, *others, both])
    return (await world.store.events_of([BRAVO.id], limit=1))[0].id


async def test_a_message_about_others_as_well_is_neither_shown_nor_sent_again(bare):
    number = await told_of_both(bare)
    async with bare.program(Scope.ADMIN) as operator, bare.program(Scope.WRITE, **TAM_OF_ACME) as acme:
        (whole,) = [each for each in (await operator.get("/alerts")).json()["items"] if each["number"] == number]
        (both,) = [each for each in whole["notifications"] if each["recipient"] == OPS]
        (seen,) = [each for each in (await acme.get("/alerts")).json()["items"] if each["number"] == number]
        one = await acme.get(f"/alerts/{number}")
        again = await acme.post(f"/alerts/{number}/messages/{both['id']}/resend")
    assert OPS not in [each["recipient"] for each in seen["notifications"]]
    assert OPS not in one.text
    assert BRAVO.tam.email not in one.text
    assert again.status_code == 404

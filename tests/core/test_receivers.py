"""Who is told of an event, by which route, in which rhythm, and when."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.core.alerting import LATE_DATA, SENDER_EVENTS, Audience
from deliverwatch.core.blocklist import Impact
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.inventory import Tam
from deliverwatch.core.on_call import Absence, Deputies, Rota
from deliverwatch.core.receivers import FOR_TAMS, Routing, route
from deliverwatch.core.routing import Family, Match, Rhythm, Role, Route
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.zone_health import Health
from samples import NOON, customer

SUBJECT = parse_subject("203.0.113.2")
ACME = customer("acme")
BRAVO = customer("bravo")
CHARLIE = customer("charlie", tam=ACME.tam)


def event(kind=EventKind.LISTING_OPENED, **facts):
    return Event(f"{kind}/zen/203.0.113.2", kind, NOON, "zen", SUBJECT, facts)


def to(*operators, **routing):
    return Routing(operators, **routing)


def told(made):
    return {(each.recipient, each.audience): each.customers for each in made}


def test_a_tam_sees_only_their_own_customers():
    assert told(route(event(), to("ops@esp.example"), [BRAVO, ACME, CHARLIE])) == {
        ("ops@esp.example", Audience.OPERATOR): ("acme", "bravo", "charlie"),
        ("tam-acme@esp.example", Audience.TAM): ("acme", "charlie"),
        ("tam-bravo@esp.example", Audience.TAM): ("bravo",),
    }


def test_an_operator_who_is_also_a_tam_is_told_once_as_operator():
    assert told(route(event(), to("tam-acme@esp.example"), [ACME, BRAVO])) == {
        ("tam-acme@esp.example", Audience.OPERATOR): ("acme", "bravo"),
        ("tam-bravo@esp.example", Audience.TAM): ("bravo",),
    }


@pytest.mark.parametrize("kind", sorted(set(EventKind) - FOR_TAMS - {EventKind.LIST_FAILING}))
def test_what_needs_a_hand_on_the_installation_goes_to_the_operator_alone(kind):
    made = route(event(kind, was=Health.QUARANTINED), to("ops@esp.example"), [ACME])
    assert {each.audience for each in made} == {Audience.OPERATOR}


@pytest.mark.parametrize("kind", sorted(SENDER_EVENTS - {EventKind.WARMUP_RELEASED}))
def test_what_providers_do_with_a_senders_mail_is_the_account_managers_to_know(kind):
    made = route(event(kind), to("ops@esp.example"), [ACME])
    assert told(made)["tam-acme@esp.example", Audience.TAM] == ("acme",)
    assert route(event(kind, quiet=True), to("ops@esp.example"), [ACME]) == ()


def test_a_hold_taken_back_by_late_data_is_told_and_a_persons_release_is_not():
    made = route(event(EventKind.WARMUP_RELEASED, why=LATE_DATA), to("ops@esp.example"), [ACME])
    assert {each.audience for each in made} == {Audience.OPERATOR, Audience.TAM}
    assert route(event(EventKind.WARMUP_RELEASED, by="ann", reason="mended"), to("ops@esp.example"), [ACME]) == ()


def test_one_bad_round_and_its_end_are_shown_and_not_sent():
    assert route(event(EventKind.LIST_FAILING), to("ops@esp.example"), []) == ()
    assert route(event(EventKind.LIST_RECOVERED, was=Health.FAILING), to("ops@esp.example"), []) == ()


def test_nobody_concerned_and_no_operator_is_nobody_told():
    assert route(event(), to(), []) == ()


@settings(deadline=None)
@given(
    st.permutations([ACME, BRAVO, CHARLIE]),
    st.lists(st.sampled_from(["ops@esp.example", "tam-acme@esp.example", "second@esp.example"]), max_size=4),
)
def test_the_same_event_makes_the_same_messages_whatever_the_order(parties, operators):
    made = route(event(), to(*operators), parties)
    assert {each.id for each in made} == {each.id for each in route(event(), to(*operators), [ACME, BRAVO, CHARLIE])}
    assert len({each.recipient for each in made}) == len(made)
    assert all(each.message_id == each.id for each in made)


def test_each_event_recipient_and_channel_has_an_identity_of_its_own():
    other = Event("another", EventKind.LISTING_OPENED, NOON, "zen", SUBJECT)
    lists = [route(event(), to("a@x.example"), []), route(other, to("a@x.example"), [])]
    lists += [
        route(event(), to("b@x.example"), []),
        route(event(), to(routes=(Route("chat", Match(), ("chat",)),)), []),
    ]
    assert len({each.id for made in lists for each in made}) == 4


def test_a_tam_of_two_names_is_told_by_address():
    twin = customer("twin", tam=Tam("Another name", ACME.tam.email))
    assert told(route(event(), to(), [ACME, twin])) == {("tam-acme@esp.example", Audience.TAM): ("acme", "twin")}


def test_account_managers_wait_for_what_is_held_and_the_operator_does_not():
    made = route(event(), to("ops@esp.example"), [ACME], hold_for=timedelta(minutes=30))
    waits = {each.audience: each.not_before for each in made}
    assert waits == {Audience.OPERATOR: None, Audience.TAM: NOON + timedelta(minutes=30)}


def test_what_is_quiet_and_what_never_was_is_sent_to_nobody():
    assert route(event(quiet=True), to("ops@esp.example"), [ACME]) == ()
    assert route(event(EventKind.LISTING_CLOSED, ended=Ending.VOID), to("ops@esp.example"), [ACME]) == ()
    assert route(event(EventKind.LISTING_CLOSED, ended=Ending.DELISTED), to("ops@esp.example"), [ACME])


@pytest.mark.parametrize(("was", "told"), [("stopped", True), (Health.QUARANTINED, True), (Health.FAILING, False)])
def test_the_end_of_what_was_told_is_told(was, told):
    assert bool(route(event(EventKind.LIST_RECOVERED, was=was), to("ops@esp.example"), [])) is told


OPENS = timedelta(hours=20)


def closed(_, at):
    """Nobody is at work before tomorrow."""
    return at + OPENS


def waits(made):
    return {each.recipient: each.not_before for each in made}


def test_what_hits_much_of_the_mail_goes_at_once_and_the_rest_waits_for_service_hours():
    desk = to("ops@esp.example", opens=closed)
    idle = event(impact=Impact.CRITICAL, idle=True)
    assert set(waits(route(event(impact=Impact.LOW, mail_share=0.8), desk, [ACME])).values()) == {None}
    assert set(waits(route(idle, desk, [ACME])).values()) == {NOON + OPENS}


def test_whoever_is_on_call_hears_of_what_is_urgent_and_of_nothing_else():
    desk = to("ops@esp.example", rota=Rota(("pager",), NOON.date() - timedelta(days=1)))
    urgent = event(impact=Impact.CRITICAL)
    assert {each.recipient for each in route(urgent, desk, [])} == {"ops@esp.example", "pager"}
    assert {each.recipient for each in route(event(impact=Impact.LOW), desk, [])} == {"ops@esp.example"}
    (paged,) = (each for each in route(urgent, desk, [ACME]) if each.recipient == "pager")
    assert (paged.channel, paged.audience, paged.customers) == ("pager", Audience.OPERATOR, ("acme",))


def test_without_a_rota_the_operator_is_on_call():
    on_call = to("ops@esp.example", routes=(Route("now", Match(urgent=True), (Role.ON_CALL,), at_once=True),))
    assert {each.recipient for each in route(event(impact=Impact.CRITICAL), on_call, [])} == {"ops@esp.example"}


def test_a_deputy_stands_in_for_a_tam_who_is_away_and_reads_of_the_same_customers():
    away = Absence(ACME.tam.email, NOON - timedelta(days=1), NOON + timedelta(days=1))
    desk = to(deputies=Deputies({ACME.tam.email: BRAVO.tam.email}, (away,)))
    assert told(route(event(), desk, [ACME, BRAVO])) == {(BRAVO.tam.email, Audience.TAM): ("acme", "bravo")}


ROUTES = (
    Route("listings of acme", Match((Family.LISTING,), ("acme",)), ("chat",), last=True),
    Route("bad ones", Match(impact=Impact.HIGH), ("second@esp.example",)),
    Route("much mail", Match(mail_share=0.5), (Role.DEPUTY, Role.TAM)),
)


@pytest.mark.parametrize(
    ("happened", "parties", "readers"),
    [
        (event(impact=Impact.CRITICAL, mail_share=0.9), [ACME], {"chat"}),
        (event(EventKind.BLOCK_OPENED, mail_share=0.9), [ACME], {"tam-acme@esp.example", "deputy@esp.example"}),
        (event(impact=Impact.HIGH, mail_share=0.1), [BRAVO], {"second@esp.example"}),
        (event(impact=Impact.CRITICAL), [BRAVO], {"second@esp.example"}),
        (event(impact=Impact.MEDIUM), [BRAVO], set()),
        (event(EventKind.LIST_STALE), [], set()),
    ],
)
def test_routes_choose_by_kind_customer_impact_and_share_of_the_mail(happened, parties, readers):
    desk = to("ops@esp.example", routes=ROUTES, deputies=Deputies({ACME.tam.email: "deputy@esp.example"}))
    assert {each.recipient for each in route(happened, desk, parties)} == readers


def test_one_person_gets_one_message_however_many_routes_name_them_and_the_first_says_when():
    routes = (
        Route("now", Match(), (Role.TAM,), at_once=True),
        Route("later", Match(), (Role.TAM, Role.OPERATOR, "ops@esp.example")),
    )
    made = route(event(), to("ops@esp.example", routes=routes, opens=closed), [ACME])
    assert waits(made) == {"tam-acme@esp.example": None, "ops@esp.example": NOON + OPENS}
    assert "'now'" in made[0].because


def test_a_channel_has_its_rhythm():
    chat = (Route("all", Match(), ("chat", "ops@esp.example")),)
    rhythms = {"chat": Rhythm.START_AND_END, "email": Rhythm.DIGEST}
    desk = to(routes=chat, rhythms=rhythms, digest_goes=closed)
    assert {each.channel for each in route(event(EventKind.LISTING_CHANGED), desk, [])} == {"email"}
    made = {each.channel: each.digest_at for each in route(event(), desk, [])}
    assert made == {"chat": None, "email": NOON + OPENS}


def test_an_end_wakes_nobody_and_closes_what_a_program_keeps():
    end = event(EventKind.LISTING_CLOSED, ended=Ending.DELISTED, impact=Impact.CRITICAL, mail_share=1.0)
    desk = to("ops@esp.example", routes=(Route("all", Match(), ("pager", Role.OPERATOR)),), opens=closed)
    assert waits(route(end, desk, [])) == {"pager": None, "ops@esp.example": NOON + OPENS}


def test_reminders_go_to_the_account_manager_alone():
    made = route(event(EventKind.STILL_LISTED), to("ops@esp.example"), [ACME])
    assert told(made) == {("tam-acme@esp.example", Audience.TAM): ("acme",)}

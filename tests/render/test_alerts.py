"""An alert for every kind of event: its words are golden files, its manners are properties."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.core.alerting import AlertView, Audience, Told
from deliverwatch.core.block import EpisodeEnd
from deliverwatch.core.blocklist import Access, AccessTerms, Asker, Impact, RemovalWay, Scope, UsedBy
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.resolver_health import ProbedResolver, Trouble, resolver_faults
from deliverwatch.core.resolver_news import trouble_event
from deliverwatch.core.shared_sender import without_others
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.verdict import Answer, Reply
from deliverwatch.core.warmup.day import RunNews
from deliverwatch.core.warmup.run import GATE_CAUSES, HoldCause, RunEnd
from deliverwatch.render.alerts import render_alert
from deliverwatch.render.encode import in_mail
from deliverwatch.render.warmup_terms import MEASURED
from render.block_facts import BLOCK_FACTS
from render.golden import check_golden
from render.more_facts import MORE_FACTS
from samples import INVENTORY, NOON, SAMPLE_LIST, customer

OPENED_AT = NOON - timedelta(hours=7, minutes=40)
LOOKS = {
    "opened_at": OPENED_AT.isoformat(),
    "codes": ["127.0.0.2"],
    "meanings": ["sends spam"],
    "impact": "high",
    "reason": "see https://list.example/q?ip=192.0.2.10",
    "path": "192.0.2.53:53",
    "unexplained": [],
}
TROUBLE = {
    "path": "192.0.2.53:53",
    "since": OPENED_AT.isoformat(),
    "outcome": "nonsense",
    "detail": "test point 127.0.0.2 must be listed and is not: the list has gone empty, or something hides it",
}
REFUSAL = {
    "path": "192.0.2.53:53",
    "since": OPENED_AT.isoformat(),
    "outcome": "refused",
    "detail": "test point 127.0.0.2: 127.255.255.254: the query came through a public resolver, or one whose name says "
    "nothing about its owner",
}
RUN = {"run_id": "run-1", "plan": "sparkpost-stages", "parties": ["acme"]}
HOLDING = {
    **RUN,
    "cause": "listing",
    "providers": ["example_mail"],
    "provider_names": ["Example Mail"],
    "list_id": "sample",
    "list_name": "Sample list",
    "codes": ["127.0.0.2"],
    "meanings": ["sends spam"],
    "opened_at": OPENED_AT.isoformat(),
    "told_by": "listing_opened/sample",
}
BLOCKING = {"cause": "block", "provider": "example_mail", "class": "ip_block", "list_id": "", "codes": None}
GATE = {
    "provider": "example_mail",
    "found": 60,
    "of": 900,
    "above_ratio": 0.05,
    "denominator": "offered",
    "provider_names": None,
    "providers": None,
    "opened_at": None,
}
NOTICES = {
    RunNews.OVER_PLAN: {"allowed": 5000, "delivered": 8123},
    RunNews.FELL_BACK: {"before": 9, "stage": 4, "pool_before": "warm", "pool": "trial"},
    RunNews.SKIPPED: {"before": 4, "stage": 9, "days": 1},
    RunNews.IDLE: {"days": 20, "restart_after_days": 30},
    RunNews.AGAINST_HOLD: {"before": 4, "stage": 5},
    RunNews.STOPS_SOON: {"on": "2026-11-21", "days": 3, "stage": 7},
    "handed_over": {"before": "acme", "after": "bravo"},
    "goes_on": {"end": "done"},
}
FACTS = {
    EventKind.WARMUP_HELD: HOLDING,
    EventKind.WARMUP_READY: {**HOLDING, "held_since": OPENED_AT.isoformat(), "ended": "delisted"},
    EventKind.WARMUP_RELEASED: {**RUN, "by": "ann@esp.example", "reason": "the list says clear"},
    EventKind.WARMUP_STEPPED_BACK: {**RUN, "before": 9, "stage": 8, "cause": "bounce"},
    EventKind.WARMUP_ENDED: {**RUN, "end": "done", "stage": 29, "stages": 29},
    EventKind.WARMUP_NOTICE: {**RUN, "what": "over_plan", **NOTICES[RunNews.OVER_PLAN]},
    EventKind.WARMUP_UNPLANNED: {"platform": "sparkpost", "stage": 4, "pool": "trial", "parties": ["acme"]},
    EventKind.LISTING_OPENED: {
        **LOOKS,
        "confirmed_at": (OPENED_AT + timedelta(minutes=1)).isoformat(),
        "first_path": "192.0.2.53:53",
    },
    EventKind.LISTING_CHANGED: {**LOOKS, "codes": ["127.0.0.2", "127.0.0.4"], "codes_before": ["127.0.0.2"]},
    EventKind.LISTING_CLOSED: {"opened_at": OPENED_AT.isoformat(), "codes": ["127.0.0.2"], "ended": "delisted"},
    EventKind.LISTING_HANDED_OVER: {
        **LOOKS,
        "before": ["acme"],
        "after": ["bravo"],
        "handed_over_on": "2026-11-18",
    },
    EventKind.LISTING_UNSTABLE: {**LOOKS, "openings": 4, "within_hours": 72},
    EventKind.LISTING_SETTLED: {
        "listed": True,
        "unstable_since": (NOON - timedelta(days=3)).isoformat(),
        "since": (NOON - timedelta(hours=24)).isoformat(),
        "codes": ["127.0.0.2"],
        "opened_at": (NOON - timedelta(hours=24)).isoformat(),
    },
    EventKind.CODE_UNEXPLAINED: {"code": "127.0.0.99"},
    EventKind.LIST_BLIND: {**REFUSAL, "instead": None},
    EventKind.LIST_FAILING: TROUBLE,
    EventKind.LIST_QUARANTINED: TROUBLE,
    EventKind.LIST_RECOVERED: {**TROUBLE, "was": "quarantined"},
    EventKind.LIST_STALE: {"since": OPENED_AT.isoformat(), "detail": "no answer in time", "watches": 1200},
    EventKind.WATCHES_STALE: {
        "since": OPENED_AT.isoformat(),
        "outcome": "unreachable",
        "detail": "no answer in time",
        "watches": 12,
        "subjects": [f"192.0.2.{number}" for number in range(10, 20)],
    },
    EventKind.RESOLVER_TROUBLE: {
        "path": "192.0.2.53:53",
        "trouble": "filters",
        "detail": "192.0.2.53:53 takes addresses in 127.0.0.0/8 out of the answers of one and two, so that no listing "
        "is seen",
        "advice": "let them through (dnsmasq: rebind-localhost-ok)",
        "lists": ["one", "two"],
        "since": (NOON - timedelta(days=1, hours=3)).isoformat(),
    },
    EventKind.RESOLVER_WELL: {
        "path": "192.0.2.53:53",
        "trouble": "filters",
        "lists": ["one", "two"],
        "since": (NOON - timedelta(days=1, hours=3)).isoformat(),
        "gone": False,
    },
    **BLOCK_FACTS,
    **MORE_FACTS,
    EventKind.PLATFORM_DIFFERS: {
        "platform": "sparkpost",
        "added": ["192.0.2.11 (acme)"],
        "ended": ["192.0.2.12 (acme)"],
        "unmapped": ["203.0.113.9: no customer has the pool trial"],
        "applied": False,
        "more": 0,
    },
    EventKind.SENDERS_UNWATCHED: {
        "names": [["ip", "203.0.113.77"], ["dkim", "shop.acme.example"]],
        "counts": {"203.0.113.77": 1204, "shop.acme.example": 88},
    },
}
WITH_SUBJECT = {kind for kind in EventKind if kind.startswith(("listing_", "warmup_"))} | {
    EventKind.CODE_UNEXPLAINED,
    EventKind.STILL_LISTED,
    EventKind.STILL_BLOCKED,
    *BLOCK_FACTS,
}


def view(kind, subject="192.0.2.10", audience=Audience.TAM, customers=INVENTORY.customers[:1], **facts):
    about = parse_subject(subject) if kind in WITH_SUBJECT else None
    event = Event(f"{kind}/sample", kind, NOON, "sample", about, {**FACTS[kind], **facts})
    assets = INVENTORY.assets[:1] if about is not None else ()
    return AlertView(event, audience, SAMPLE_LIST, customers, assets, "https://deliverwatch.esp.example")


def as_file(words):
    return f"Subject: {words.subject}\n\n{words.text}"


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_has_words(kind):
    check_golden(f"alerts/{kind}.txt", as_file(render_alert(view(kind))))


def corrects(ended):
    return Told("1a2b", OPENED_AT + timedelta(minutes=2)) if ended is Ending.VOID else None


@pytest.mark.parametrize("ended", Ending)
def test_every_ending_is_told_for_what_it_is(ended):
    more = {"clear_since": (NOON - timedelta(hours=2)).isoformat()} if ended is Ending.DELISTED else {}
    words = render_alert(replace(view(EventKind.LISTING_CLOSED, ended=ended, **more), corrects=corrects(ended)))
    check_golden(f"alerts/listing_closed_{ended}.txt", as_file(words))
    assert ("no delisting" in words.text) == (ended in (Ending.LIST_ENDED, Ending.WITHDRAWN))


def test_each_reads_only_of_their_own_when_a_listing_changes_hands():
    acme, bravo = INVENTORY.customers
    by_reader = {
        readers: render_alert(view(EventKind.LISTING_HANDED_OVER, customers=readers)).text
        for readers in ((acme,), (bravo,), (acme, bravo), ())
    }
    for readers, text in by_reader.items():
        assert ("bravo" in text.lower()) == (bravo in readers)
        assert ("is no longer yours (Acme)" in " ".join(text.split())) == (acme in readers)
        assert ("was listed already when it became yours (Bravo)" in " ".join(text.split())) == (bravo in readers)
    check_golden("alerts/listing_handed_over_new.txt", by_reader[bravo,])


@pytest.mark.parametrize("way", RemovalWay)
def test_what_we_do_next_depends_on_how_the_list_removes(way):
    removal = replace(SAMPLE_LIST.removal, way=way, expires="7 days")
    alert = view(EventKind.LISTING_OPENED)
    words = render_alert(replace(alert, blocklist=replace(SAMPLE_LIST, removal=removal)))
    assert ("takes no requests" in words.text) == (way is RemovalWay.AUTOMATIC)
    assert ("send the prepared request" in " ".join(words.text.split())) == (way is not RemovalWay.AUTOMATIC)
    assert ("owner of the network" in " ".join(words.text.split())) == (way is RemovalWay.NETWORK_OWNER)


@pytest.mark.parametrize("impact", Impact)
def test_every_impact_is_explained(impact):
    words = render_alert(view(EventKind.LISTING_OPENED, impact=str(impact)))
    assert words.subject.startswith(f"LISTED ({impact}): 192.0.2.10 on Sample list")


def test_the_way_of_the_codes_found_comes_before_that_of_the_list():
    words = render_alert(view(EventKind.LISTING_OPENED, removal="automatic", scope="network"))
    assert "takes no requests" in words.text
    assert "accuses the whole network, for" in words.text


@pytest.mark.parametrize("way", [RemovalWay.AUTOMATIC, RemovalWay.SELF_SERVICE])
def test_a_paid_removal_is_never_the_advice(way):
    removal = replace(SAMPLE_LIST.removal, way=way, paid=True, expires="7 days after the last trap hit")
    alert = view(EventKind.LISTING_OPENED)
    text = flat(render_alert(replace(alert, blocklist=replace(SAMPLE_LIST, removal=removal))))
    assert "The list also sells removals: it ends by itself, do not pay." in text


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (Asker.NETWORK_OWNER, "hears the owner of the network only"),
        (Asker.DOMAIN_OWNER, "hears the owner of the domain only"),
        (Asker.NOBODY, "takes no requests"),
        (Asker.ANYONE, "We prepare a request for the list's own removal form"),
    ],
)
def test_whom_the_list_hears_is_said(who, said):
    alert = view(EventKind.LISTING_OPENED)
    words = render_alert(replace(alert, blocklist=replace(SAMPLE_LIST, removal=replace(SAMPLE_LIST.removal, who=who))))
    assert said in flat(words)


def test_where_it_hurts_is_told_with_its_basis():
    used_by = (
        UsedBy("Example Mail", "its refusals name the list"),
        UsedBy("Other Mail", "its postmaster page, 2026-09"),
    )
    wide = replace(SAMPLE_LIST, scope=Scope.ASN, used_by=used_by)
    words = render_alert(replace(view(EventKind.LISTING_OPENED), blocklist=wide))
    check_golden("alerts/listing_opened_where_it_hurts.txt", as_file(words))
    assert "Known to be used by Example Mail (its refusals name the list) and Other Mail" in flat(words)
    assert "accuses the whole network AS, not your address" in flat(words)


MEMBERS = {
    "members": ["198.51.100.0/24", "203.0.113.0/30", "203.0.113.9", "203.0.113.77"],
    "member_count": 262,
    "parties": ["acme", "bravo"],
}


class TestIncidents:
    def told(self, kind=EventKind.LISTING_OPENED, audience=Audience.TAM, members=("198.51.100.0/24",), **facts):
        alert = view(kind, "198.51.100.0", audience, **MEMBERS, **facts)
        return render_alert(replace(alert, members=members))

    def test_a_range_is_one_message(self):
        words = self.told()
        check_golden("alerts/incident_range.txt", as_file(words))
        assert words.subject == "LISTED (high): 198.51.100.0/24 (256 addresses) on Sample list - Acme"

    def test_each_reads_of_their_own_part_alone(self):
        """The subject that leads, the list's text about it, and how many there are in all, may be others'."""
        words = self.told(members=("203.0.113.9",), reason="see https://list.example/q?ip=198.51.100.0")
        assert "198.51.100" not in words.subject + words.text
        assert "262" not in words.text
        assert "203.0.113.9 is listed on Sample list" in words.text
        assert "198.51.100" not in str(self.told(members=()))

    def test_several_ranges_are_spoken_of_as_several(self):
        several = ("198.51.100.0/24", "203.0.113.9")
        unstable = flat(self.told(EventKind.LISTING_UNSTABLE, members=several))
        assert "(256 addresses) and 203.0.113.9 come and go on Sample list: they were listed" in unstable
        settled = flat(self.told(EventKind.LISTING_SETTLED, members=several))
        assert "203.0.113.9 have stopped coming and going on Sample list: they have been listed without" in settled
        gone = flat(self.told(EventKind.LISTING_SETTLED, members=several, listed=False))
        assert "on Sample list: they have not been listed for 24 h" in gone
        handed = flat(self.told(EventKind.LISTING_HANDED_OVER, members=several))
        assert "203.0.113.9, which are listed on Sample list, are no longer yours (Acme)" in handed
        one = flat(self.told(EventKind.LISTING_UNSTABLE))
        assert "198.51.100.0/24 (256 addresses) comes and goes on Sample list: it was listed" in one

    def test_a_quarter_of_the_list_is_the_operators_to_know(self):
        mass = {"opened": 262, "watched": 900}
        members = tuple(MEMBERS["members"])
        operator = self.told(audience=Audience.OPERATOR, members=members, mass=mass)
        check_golden("alerts/incident_mass.txt", as_file(operator))
        assert "198.51.100.0/24 and 6 more are listed" in flat(operator)
        assert "262 of the 900 watches" in operator.text
        assert "are told too" not in operator.text
        tam = self.told(mass=mass)
        assert tam == self.told()

    @pytest.mark.parametrize("ended", Ending)
    def test_its_end_is_one_message_too(self, ended):
        words = self.told(EventKind.LISTING_CLOSED, members=("203.0.113.9", "203.0.113.77"), ended=ended)
        assert "203.0.113.9 and 203.0.113.77 w" in flat(words) or "203.0.113.77 are no longer listed" in flat(words)
        assert "after 7 h" not in words.text


class TestWarmups:
    def told(self, kind, **facts):
        return render_alert(view(kind, **facts))

    @pytest.mark.parametrize("what", NOTICES)
    def test_every_notice_has_words(self, what):
        own = {name: None for name in NOTICES[RunNews.OVER_PLAN]} | NOTICES[what]
        check_golden(f"alerts/warmup_notice_{what}.txt", as_file(self.told(EventKind.WARMUP_NOTICE, what=what, **own)))

    @pytest.mark.parametrize("end", RunEnd)
    def test_every_end_has_words(self, end):
        words = self.told(EventKind.WARMUP_ENDED, end=end, stage=7)
        check_golden(f"alerts/warmup_ended_{end}.txt", as_file(words))
        assert ("may not be warm" in flat(words)) == (end is not RunEnd.DONE)

    @pytest.mark.parametrize("cause", [HoldCause.BLOCK, *GATE_CAUSES.values()])
    def test_every_cause_of_a_hold_is_named(self, cause):
        facts = BLOCKING if cause is HoldCause.BLOCK else GATE
        words = self.told(EventKind.WARMUP_HELD, **{**facts, "cause": cause})
        check_golden(f"alerts/warmup_held_{cause}.txt", as_file(words))
        assert "Sample list" not in words.subject + words.text
        assert "Example Mail" in words.text or "example_mail" in words.text

    @pytest.mark.parametrize("ended", Ending)
    def test_how_the_listing_ended_is_told_for_what_it_is(self, ended):
        text = flat(self.told(EventKind.WARMUP_READY, ended=ended))
        assert ("no longer lists it" in text) == (ended is Ending.DELISTED)
        assert ("may still be listed" in text) == (ended in (Ending.LIST_ENDED, Ending.WITHDRAWN))
        assert ("never was a listing" in text) == (ended is Ending.VOID)

    @pytest.mark.parametrize("ended", [EpisodeEnd.ACCEPTED, EpisodeEnd.BY_HAND, EpisodeEnd.WITHDRAWN])
    def test_how_the_block_ended_is_told_for_what_it_is(self, ended):
        text = flat(self.told(EventKind.WARMUP_READY, **{**BLOCKING, "ended": ended}))
        assert ("accepts mail again" in text) == (ended is EpisodeEnd.ACCEPTED)
        assert ("was not measured" in text) == (ended is EpisodeEnd.BY_HAND)

    def test_gates_that_are_passed_no_more_name_no_list(self):
        words = self.told(EventKind.WARMUP_READY, cause=None, causes=["bounce"], providers=None, provider_names=None)
        check_golden("alerts/warmup_ready_gates.txt", as_file(words))
        assert "Sample list" not in words.subject + words.text

    @pytest.mark.parametrize("kind", [EventKind.WARMUP_HELD, EventKind.WARMUP_READY])
    def test_a_hold_is_advice_and_a_person_releases_it(self, kind):
        text = flat(self.told(kind))
        assert "A hold is advice: we changed nothing at any platform." in text
        assert "deliverwatch warmup release --ip 192.0.2.10 --reason TEXT" in text

    @pytest.mark.parametrize("kind", [kind for kind in FACTS if kind.startswith("warmup_")])
    def test_each_says_that_nothing_was_changed(self, kind):
        assert "we changed nothing at any platform" in flat(self.told(kind)).lower()

    @pytest.mark.parametrize(("cause", "is_held"), [("bounce", True), ("idle", False), (None, False)])
    def test_who_was_stepped_back_by_a_gate_is_held_as_well(self, cause, is_held):
        text = flat(self.told(EventKind.WARMUP_STEPPED_BACK, cause=cause))
        assert ("deliverwatch warmup release" in text) == is_held

    @pytest.mark.parametrize("cause", MEASURED)
    def test_a_hold_that_late_data_take_back_is_taken_back(self, cause):
        """It is not said to be free: something else may hold it."""
        facts = {"why": "late_data", "by": None, "reason": None, "cause": cause, "on": "2026-11-17", **GATE}
        words = self.told(EventKind.WARMUP_RELEASED, **facts, provider_name="Example Mail")
        check_golden(f"alerts/warmup_taken_back_{cause}.txt", as_file(words))
        assert "no longer held" not in flat(words)

    def test_who_an_address_was_handed_over_to_is_the_operators_to_know(self):
        facts = {"what": "handed_over", "before": "acme", "after": "zulu", "parties": ["acme", "zulu"]}
        for audience in (Audience.OPERATOR, Audience.TAM):
            words = render_alert(view(EventKind.WARMUP_NOTICE, audience=audience, **facts))
            assert ("zulu" in words.text) == (audience is Audience.OPERATOR)
            assert "is held by somebody else now" in flat(words)

    def test_of_several_idle_addresses_what_is_the_same_of_all_is_said(self):
        facts = {**NOTICES[RunNews.IDLE], "what": "idle", "own": {"days": 20}, **MEMBERS, "allowed": None}
        alert = view(EventKind.WARMUP_NOTICE, "198.51.100.0", **facts, delivered=None)
        text = flat(render_alert(replace(alert, members=("198.51.100.0/24",))))
        assert "The warm-up of 198.51.100.0/24 (256 addresses) is idle: no mail was offered for 20 days" in text

    def test_runs_that_one_listing_holds_are_one_message(self):
        alert = view(EventKind.WARMUP_HELD, "198.51.100.0", **MEMBERS)
        words = render_alert(replace(alert, members=("198.51.100.0/24",)))
        check_golden("alerts/warmup_held_range.txt", as_file(words))
        assert "The warm-ups of" not in words.text
        assert "--ip IP" in flat(words)
        assert "sparkpost-stages" not in words.text

    @pytest.mark.parametrize("kind", [kind for kind in FACTS if kind.startswith("warmup_")])
    @pytest.mark.parametrize("what", NOTICES)
    def test_of_a_shared_address_neither_figures_nor_stages_are_told(self, kind, what):
        facts = {**FACTS[kind], **NOTICES[what], "what": what, "found": 61, "of": 917, "by": "ann", "reason": "bravo"}
        alert = view(kind)
        words = render_alert(replace(alert, event=replace(alert.event, facts=without_others(facts))))
        told = words.subject + flat(words)
        assert "shared with others" in told
        assert not re.search(r"stage \d|5,000|8,123|\b(61|917)\b|ann|bravo|trial", told)


class TestCorrections:
    def test_a_customers_contact_reads_it_plain_and_short(self):
        alert = view(EventKind.LISTING_CLOSED, audience=Audience.CUSTOMER, ended="void")
        words = render_alert(replace(alert, corrects=Told("1a2b", NOON - timedelta(days=2))))
        check_golden("alerts/correction_customer.txt", as_file(words))
        assert "our weekly report of Mon 16 Nov 2026 12:00 UTC" in flat(words)
        assert "deliverwatch.esp.example" not in words.text

    def test_an_incident_is_taken_back_at_once(self):
        alert = view(EventKind.LISTING_CLOSED, "198.51.100.0", ended="void", **MEMBERS)
        words = render_alert(replace(alert, members=("198.51.100.0/24",), corrects=corrects(Ending.VOID)))
        check_golden("alerts/correction_incident.txt", as_file(words))


class TestRefusals:
    def told(self, blocklist=SAMPLE_LIST, **facts):
        alert = view(EventKind.LIST_BLIND, audience=Audience.OPERATOR, customers=(), **facts)
        return render_alert(replace(alert, blocklist=blocklist))

    def test_another_path_is_named_and_nobody_is_blind(self):
        words = self.told(instead="198.51.100.53:53")
        check_golden("alerts/list_blind_instead.txt", as_file(words))
        assert "blind" not in (words.subject + words.text).lower()

    def test_the_subject_says_since_when(self):
        assert self.told().subject == "BLIND: Sample list since 04:20 UTC"

    @pytest.mark.parametrize(
        ("detail", "cure"),
        [
            ("127.255.255.254: the query came through a public resolver", "a resolver of your own"),
            ("127.255.255.251: the account key is rejected, or somebody else's", "its key under [keys]"),
            ("127.255.255.255: too many queries", "Ask less"),
            ("the day's budget of 100,000 queries is used up", "Ask less"),
            ("this resolver is not registered, or over its allowance", "Register the address you ask from"),
        ],
    )
    def test_what_to_do_follows_from_what_the_list_says(self, detail, cure):
        text = flat(self.told(detail=detail))
        assert cure in text
        assert "deliverwatch lists ask-now sample" in text

    @pytest.mark.parametrize(
        ("terms", "own_resolver", "cure"),
        [
            (AccessTerms.KEY, False, "right one for this list (sample)"),
            (AccessTerms.REGISTRATION, False, "Register the address you ask from (https://sample.example/join)"),
            (AccessTerms.OPEN, True, "a resolver of your own"),
            (AccessTerms.OPEN, False, "it does not say why it refuses"),
        ],
    )
    def test_a_bare_refused_is_read_by_the_lists_terms(self, terms, own_resolver, cure):
        access = Access(terms, "x", "https://sample.example/join", own_resolver)
        refused = "test point 127.0.0.2: the server answered REFUSED: we may not ask it"
        assert cure in flat(self.told(replace(SAMPLE_LIST, access=access), detail=refused))

    def test_the_end_of_a_stop_is_told_for_what_it_is(self):
        alert = view(EventKind.LIST_RECOVERED, audience=Audience.OPERATOR, customers=(), **REFUSAL, was="stopped")
        words = render_alert(alert)
        check_golden("alerts/list_recovered_stopped.txt", as_file(words))
        assert words.subject == "ANSWERS AGAIN: Sample list"


class TestResolvers:
    def told(self, trouble, **facts):
        return render_alert(
            replace(
                view(EventKind.RESOLVER_TROUBLE, audience=Audience.OPERATOR, customers=(), trouble=trouble, **facts),
                blocklist=None,
            )
        )

    @pytest.mark.parametrize(
        ("trouble", "does", "means"),
        [
            (Trouble.DEAD, "gives no answers", "blind on all"),
            (Trouble.REFUSES, "refuses us", "blind on all"),
            (Trouble.PUBLIC, "counts as public", "blind on them"),
            (Trouble.REWRITES, "rewrites answers", "accuse everybody"),
            (Trouble.FILTERS, "filters answers", "make listed look like clear"),
            (Trouble.MINIMISES, "hides listings", "make listed look like clear"),
            (Trouble.HIDES, "hides listings", "make listed look like clear"),
            (Trouble.DISAGREES, "disagrees with others", "lies about them"),
        ],
    )
    def test_each_trouble_is_named_and_explained(self, trouble, does, means):
        words = self.told(trouble)
        assert words.subject == f"RESOLVER: 192.0.2.53:53 {does}"
        assert means in flat(words)

    @pytest.mark.parametrize(
        ("trouble", "gone", "said"),
        [
            (Trouble.DEAD, False, "RESOLVER WELL: 192.0.2.53:53 answers again"),
            (Trouble.DISAGREES, False, "RESOLVER WELL: 192.0.2.53:53 agrees with others again"),
            (Trouble.DEAD, True, "RESOLVER GONE: 192.0.2.53:53 is not asked any more"),
        ],
    )
    def test_the_end_of_a_trouble_says_which_it_was(self, trouble, gone, said):
        ended = view(EventKind.RESOLVER_WELL, audience=Audience.OPERATOR, customers=(), trouble=trouble, gone=gone)
        assert render_alert(replace(ended, blocklist=None)).subject == said

    def test_one_that_rewrites_answers(self):
        (fault,) = resolver_faults(
            [ProbedResolver("192.0.2.53:53", Answer(Reply.NXDOMAIN), (Answer(Reply.ANSWER, ("203.0.113.80",)),), None)],
            [],
        )
        facts = trouble_event(fault, NOON.isoformat(), NOON).facts
        words = self.told(**facts)
        check_golden("alerts/resolver_trouble_rewrites.txt", as_file(words))
        assert "Lists" not in words.text.split("What it means")[0]
        assert "203.0.113.80" in words.text

    def test_a_long_address_stands_whole_in_the_subject(self):
        path = "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:53535"
        assert self.told(Trouble.DISAGREES, path=path).subject == f"RESOLVER: {path} disagrees with others"


def test_a_listing_that_settled_as_gone_is_told_so():
    words = render_alert(view(EventKind.LISTING_SETTLED, listed=False, codes=[]))
    check_golden("alerts/listing_settled_clear.txt", as_file(words))


def flat(words):
    return " ".join(words.text.split())


def test_a_list_that_left_the_catalogue_still_has_words():
    words = render_alert(replace(view(EventKind.LISTING_OPENED), blocklist=None))
    assert "192.0.2.10 is listed on sample." in words.text


def test_a_listed_domain_is_not_spelled_out():
    """Filters look up what a body holds: our own warning must not be refused for it."""
    words = render_alert(view(EventKind.LISTING_OPENED, subject="news.acme.example"))
    assert "news.acme.example" not in words.subject + words.text
    assert "news[.]acme[.]example is listed" in words.text
    assert "LISTED (high): news[.]acme[.]example on Sample list" in words.subject


@pytest.mark.parametrize("kind", EventKind)
def test_the_longest_names_leave_a_short_subject_and_short_lines(kind):
    long = replace(view(kind, subject=".".join(["x" * 60] * 4)), blocklist=replace(SAMPLE_LIST, name="Long name " * 20))
    words = render_alert(replace(long, customers=(replace(customer("acme"), name="Acme " * 50),)))
    assert len(words.subject) <= 78
    assert max(len(line) for line in words.text.splitlines() if "xxx" not in line) <= 78


def test_the_operator_reads_that_the_account_managers_know():
    told = "The customers' account managers are told too."
    assert told in " ".join(render_alert(view(EventKind.LISTING_OPENED, audience=Audience.OPERATOR)).text.split())
    assert told not in " ".join(render_alert(view(EventKind.LISTING_OPENED, audience=Audience.TAM)).text.split())
    assert told not in render_alert(view(EventKind.LIST_QUARANTINED, audience=Audience.OPERATOR)).text


@pytest.mark.parametrize("kind", EventKind)
def test_nobody_else_is_named(kind):
    """A shared address: the reader sees their customer, and not who shares it."""
    alert = view(kind, subject="203.0.113.2", customers=INVENTORY.customers[:1])
    words = render_alert(replace(alert, assets=INVENTORY.assets[2:]))
    assert "bravo" not in (words.subject + words.text).lower()


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(EventKind)), st.text(st.characters(), min_size=1, max_size=80))
def test_a_strangers_text_changes_no_line_but_its_own(kind, text):
    hostile = text + "\r\n\r\nWhat you do\n  Pay.\x1b[2J\u202e=?utf-8?q?=0ABcc=3Ax?= http://evil.example"
    given_facts = FACTS[kind]
    facts = {name: hostile for name in ("reason", "detail") if name in given_facts}
    facts |= {name: [hostile] for name in ("meanings", "codes") if name in given_facts}
    acme = replace(customer("acme"), name=hostile)
    named = replace(view(kind, **facts), blocklist=replace(SAMPLE_LIST, name=hostile), customers=(acme,))
    words = render_alert(named)
    assert len(re.findall("^What you do$", words.text, re.MULTILINE)) == 1
    assert "=?" not in words.subject
    assert "evil.example" not in words.text
    assert not {"\x1b", "\u202e", "\r"} & set(words.text + words.subject)
    assert "\n" not in words.subject


def test_in_mail_is_what_the_alert_uses():
    assert in_mail("see https://list.example") in " ".join(render_alert(view(EventKind.LISTING_OPENED)).text.split())

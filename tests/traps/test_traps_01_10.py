"""Traps 1 to 10: error codes, lists of good senders, and lists that died or never heard us."""

import pytest

from deliverwatch.cli.findings import exit_code
from deliverwatch.clock import SystemClock
from deliverwatch.core.blocklist import Impact, Polarity
from deliverwatch.core.events import EventKind
from deliverwatch.core.resolver_health import ProbedResolver, Trouble, resolver_faults
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.verdict import NOT_LISTED, is_listing
from deliverwatch.flows.check_now import check_now
from deliverwatch.flows.check_zones import check_zones
from deliverwatch.sandbox.zones import Mode
from flows.rounds import lookups_through
from servers.ports import free_port
from traps.stage import DEAD, DOMAIN, FORGETFUL, LISTS, OTHER, SUBJECT, Everything, look

ZEN, PSBL, SPAMCOP, DNSWL = (LISTS[name] for name in ("spamhaus-zen", "psbl", "spamcop-scbl", "dnswl"))


# --- 1: an error code read as a listing

ERRORS = [
    ("spamhaus-zen", "127.255.255.250", "the account key is switched off"),
    ("spamhaus-zen", "127.255.255.251", "the account key is rejected"),
    ("spamhaus-zen", "127.255.255.252", "no zone of this name"),
    ("spamhaus-zen", "127.255.255.254", "public resolver"),
    ("spamhaus-zen", "127.255.255.255", "too many queries"),
    ("validity-rpbl", "127.255.255.255", "not registered"),
    ("psbl", "127.255.255.9", "an answer about our query"),
]


@pytest.mark.parametrize(("list_id", "code", "said"), ERRORS)
async def test_trap_01_an_error_code_is_a_refusal_and_no_listing(stage, list_id, code, said):
    blocklist = LISTS[list_id]
    stage.serve(blocklist)
    stage.put(blocklist, SUBJECT, code)
    seen = await stage.ask(blocklist, SUBJECT, OTHER)
    assert (seen[SUBJECT].outcome, seen.health) == ("refused", "failing")
    assert f"{code}: " in seen[SUBJECT].detail
    assert said in seen[SUBJECT].detail
    assert not seen[OTHER].outcome.conclusive


async def test_trap_01_a_list_that_answers_all_with_an_error_lists_nobody(stage):
    stage.serve(ZEN).records = Everything("127.255.255.254", txt="Error: open resolver")
    seen = await stage.ask(ZEN, SUBJECT, OTHER)
    assert seen.outcomes == {SUBJECT: "refused", OTHER: "refused"}
    assert seen[SUBJECT].detail.startswith("not asked: ")
    assert stage.asked == ["2.0.0.127.zen.spamhaus.org"]


# --- 2: 127.0.0.1 has at least six meanings

LOOPBACK = [
    ("uribl-multi", DOMAIN, "refused", "too many queries"),
    ("surbl-multi", DOMAIN, "refused", "this resolver is shut out"),
    ("hostkarma", SUBJECT, "no listing", "white"),
    ("efnet-rbl", SUBJECT, "listed", "an open proxy"),
    ("validity-rpbl", SUBJECT, "listed", "botnet"),
    ("dronebl", SUBJECT, "listed", "a class for tests"),
    ("psbl", SUBJECT, "listed", "127.0.0.1: not explained"),
]


@pytest.mark.parametrize(("list_id", "name", "means", "said"), LOOPBACK)
async def test_trap_02_what_127_0_0_1_means_depends_on_the_list(stage, list_id, name, means, said):
    blocklist = LISTS[list_id]
    stage.serve(blocklist)
    stage.put(blocklist, name, "127.0.0.1")
    verdict = (await stage.ask(blocklist, name))[name]
    found = "no listing" if verdict.outcome == "listed" and not is_listing(verdict) else verdict.outcome
    assert found == means
    assert said in "; ".join([*verdict.meanings, verdict.detail or ""])


async def test_trap_02_a_blocker_that_answers_127_0_0_1_to_all_makes_no_listing(stage):
    zone = stage.serve(PSBL)
    zone.records = Everything("127.0.0.1", but=zone.records)
    seen = await stage.ask(PSBL, SUBJECT)
    assert (seen[SUBJECT].outcome, seen.health) == ("nonsense", "failing")
    assert "127.0.0.1 must not be listed and is" in seen[SUBJECT].detail


# --- 3: a refusal disguised as NXDOMAIN


async def test_trap_03_nxdomain_for_everything_is_not_clear(stage):
    stage.serve(ZEN).mode = Mode.EMPTY
    seen = await stage.ask(ZEN, SUBJECT)
    assert (seen[SUBJECT].outcome, seen.health) == ("nonsense", "failing")
    assert "test point 127.0.0.2 must be listed and is not" in seen[SUBJECT].detail


async def test_trap_03_a_resolver_that_tells_the_truth_is_used_instead(stage):
    stage.serve(ZEN)
    stage.put(ZEN, SUBJECT, "127.0.0.2")
    honest = await stage.second()
    blinded = stage.serve(ZEN)
    blinded.mode = Mode.EMPTY
    seen = await look(ZEN, [SUBJECT], stage.server.address, honest.address)
    assert (seen[SUBJECT].outcome, seen.batch.path) == ("listed", honest.address)


async def test_trap_03_the_resolver_is_named_when_two_lists_are_hidden(stage):
    for blocklist in (ZEN, PSBL):
        stage.serve(blocklist).mode = Mode.EMPTY
    (fault,) = await faults_of(stage.server.address, ZEN, PSBL, minimises=False)
    assert (fault.trouble, set(fault.lists)) == (Trouble.HIDES, {"spamhaus-zen", "psbl"})


async def faults_of(address, *blocklists, minimises):
    """What is said of a resolver that is well but for these lists."""
    checks = await check_zones(lookups_through(Address(address)), blocklists)
    probed = ProbedResolver(address, NOT_LISTED, (NOT_LISTED,), minimises)
    return resolver_faults([probed], [point for check in checks for point in check.seen])


class Address:
    def __init__(self, address):
        self.address = address


# --- 4: a list of good senders counted as a blocklist

GOOD = [
    ("dnswl", SUBJECT, "127.0.10.2"),
    ("dnswl-dwl", DOMAIN, "127.0.10.2"),
    ("mailspike-wl", SUBJECT, "127.0.0.20"),
    ("mailspike-rep", SUBJECT, "127.0.0.18"),
    ("hostkarma", SUBJECT, "127.0.0.1"),
    ("validity-score", SUBJECT, "127.0.4.95"),
    ("validity-certified", SUBJECT, None),
    ("validity-safe", SUBJECT, None),
    ("iadb", SUBJECT, None),
    ("spfbl-dnswl", SUBJECT, None),
    ("uribl-white", DOMAIN, None),
]


@pytest.mark.parametrize(("list_id", "name", "code"), GOOD)
async def test_trap_04_an_answer_for_a_good_sender_is_no_listing_and_no_exit_code(stage, list_id, name, code):
    blocklist, uribl = LISTS[list_id], LISTS["uribl-multi"]
    beside = uribl if name == DOMAIN else PSBL
    for each in (blocklist, beside):
        stage.serve(each)
    stage.put(blocklist, name, code or a_value_of(blocklist))
    findings = await check_now(
        lookups_through(stage.server), SystemClock(), [blocklist, beside], [parse_subject(name)], lambda _: None
    )
    good = next(each.verdict for each in findings.found if each.blocklist is blocklist)
    assert (good.outcome, is_listing(good)) == ("listed", False)
    if blocklist.polarity is not Polarity.BLOCK:
        assert exit_code(findings, Impact.INFO) == 0
    assert exit_code(findings, Impact.INFO) != 1


def a_value_of(blocklist):
    return blocklist.codes[0].value.replace("*", "0").split("-")[0]


# --- 5: the punitive answers of DNSWL


async def test_trap_05_over_its_limit_dnswl_refuses_by_a_code(stage):
    stage.serve(DNSWL)
    stage.put(DNSWL, SUBJECT, "127.0.0.255")
    verdict = (await stage.ask(DNSWL, SUBJECT))[SUBJECT]
    assert verdict.outcome == "refused"
    assert "limit is used up" in verdict.detail


async def test_trap_05_high_trust_for_all_is_caught_by_the_point_that_must_not_be_listed(stage):
    stage.serve(DNSWL).records = Everything("127.0.10.3")
    seen = await stage.ask(DNSWL, SUBJECT)
    assert (seen.health, seen[SUBJECT].outcome) == ("failing", "nonsense")
    assert "lists the world, or something answers for it" in seen[SUBJECT].detail


@pytest.mark.parametrize(("mode", "outcome"), [(Mode.REFUSED, "refused"), (Mode.SILENT, "unreachable")])
async def test_trap_05_what_dnswl_does_not_say_is_no_trust(stage, mode, outcome):
    stage.serve(DNSWL).mode = mode
    assert (await stage.ask(DNSWL, SUBJECT, patience_s=0.4))[SUBJECT].outcome == outcome


# --- 6: the list's domain expires and a registrar answers


async def test_trap_06_an_answer_outside_127_8_is_nonsense(stage):
    stage.serve(SPAMCOP).mode = Mode.OUTSIDE
    seen = await stage.ask(SPAMCOP, SUBJECT)
    assert (seen[SUBJECT].outcome, seen.health) == ("nonsense", "failing")
    assert "203.0.113.7, outside 127.0.0.0/8" in seen[SUBJECT].detail


async def test_trap_06_nor_is_it_a_listing_where_the_test_points_come_from_a_cache(stage):
    zone = stage.serve(SPAMCOP)
    zone.records = Everything("203.0.113.7", but=zone.records)
    zone.misbehave("1.0.0.127", Mode.EMPTY)
    seen = await stage.ask(SPAMCOP, SUBJECT)
    assert (seen[SUBJECT].outcome, seen.health) == ("nonsense", "healthy")


@pytest.mark.parametrize("mode", [Mode.OUTSIDE, Mode.LISTS_THE_WORLD, Mode.EMPTY])
async def test_trap_06_and_07_and_08_the_daemon_quarantines_it_within_two_rounds_and_moves_no_listing(
    stage, watch, mode
):
    zone = stage.serve(SPAMCOP)
    stage.put(SPAMCOP, SUBJECT, "127.0.0.2")
    watched = await watch(SPAMCOP)
    await watched.hours(3)
    assert await watched.listed() == {SUBJECT}
    zone.mode = mode
    await watched.hours(2)
    assert await watched.health() == "quarantined"
    await watched.hours(4)
    assert (await watched.listed(), await watched.ended()) == ({SUBJECT}, [])
    assert (await watched.kinds())[EventKind.LISTING_OPENED] == 1
    zone.mode = Mode.NORMAL
    await watched.hours(3)
    assert (await watched.health(), await watched.listed()) == ("healthy", {SUBJECT})


@pytest.mark.parametrize("list_id", ["spamcannibal", "emailbasura", "megarbl", "webiron", "dul-ru", "msrbl"])
def test_trap_06_those_whose_domain_expired_are_known_to_be_dead(list_id):
    assert "take it out" in DEAD[list_id].epitaph
    assert list_id not in LISTS


# --- 7: an operator lists the world on purpose


async def test_trap_07_values_inside_127_8_are_caught_by_what_must_not_be_listed(stage):
    stage.serve(PSBL).mode = Mode.LISTS_THE_WORLD
    seen = await stage.ask(PSBL, SUBJECT)
    assert (seen[SUBJECT].outcome, seen.health) == ("nonsense", "failing")
    assert "test point 127.0.0.1 must not be listed and is: the list lists the world" in seen[SUBJECT].detail


async def test_trap_07_a_real_rbldnsd_that_lists_the_world_behind_a_real_unbound(start_rbldnsd, start_unbound):
    zone = PSBL.zone
    server = start_rbldnsd({zone: ["ip4set"]})
    resolver = start_unbound({zone: server.address}, *FORGETFUL)
    server.write(zone, ["127.0.0.2 :127.0.0.2:test"])
    assert (await look(PSBL, [SUBJECT], resolver.address))[SUBJECT].outcome == "clear"
    server.write(zone, ["0.0.0.0/1 :127.0.0.2:closed", "128.0.0.0/1 :127.0.0.2:closed"])
    seen = await look(PSBL, [SUBJECT], resolver.address)
    assert (seen[SUBJECT].outcome, seen.health) == ("nonsense", "failing")


@pytest.mark.parametrize("list_id", ["ordb", "osirusoft", "ahbl", "lagengymnastik"])
def test_trap_07_those_that_did_are_known_to_be_dead(list_id):
    assert list_id in DEAD


# --- 8: an emptied zone looks healthy


async def test_trap_08_an_emptied_rbldnsd_zone_is_not_clear(start_rbldnsd, start_unbound):
    zone = PSBL.zone
    server = start_rbldnsd({zone: ["ip4set"]})
    resolver = start_unbound({zone: server.address}, *FORGETFUL)
    server.write(zone, ["127.0.0.2 :127.0.0.2:test", f"{SUBJECT} :127.0.0.2:spam"])
    assert (await look(PSBL, [SUBJECT], resolver.address))[SUBJECT].outcome == "listed"
    server.write(zone, [])
    seen = await look(PSBL, [SUBJECT, OTHER], resolver.address)
    assert seen.outcomes == {SUBJECT: "nonsense", OTHER: "nonsense"}
    assert "the list has gone empty" in seen[SUBJECT].detail


@pytest.mark.parametrize("list_id", ["sorbs", "nixspam", "wpbl"])
def test_trap_08_those_that_were_emptied_are_known_to_be_dead(list_id):
    assert list_id in DEAD


# --- 9: nameservers moved to where nobody answers


async def test_trap_09_a_zone_whose_servers_are_gone_is_unreachable(start_unbound):
    resolver = start_unbound({PSBL.zone: f"127.0.0.1:{free_port()}"})
    seen = await look(PSBL, [SUBJECT], resolver.address, patience_s=1)
    assert (seen[SUBJECT].outcome, seen.health) == ("unreachable", "failing")


async def test_trap_09_a_silent_list_costs_a_few_questions_however_many_subjects_there_are(stage):
    stage.serve(PSBL).mode = Mode.SILENT
    names = [f"198.51.100.{octet}" for octet in range(250)]
    seen = await stage.ask(PSBL, *names, patience_s=0.3)
    assert set(seen.outcomes.values()) == {"unreachable"}
    assert set(stage.asked) == {f"2.0.0.127.{PSBL.zone}"}
    assert len(stage.asked) <= 3


async def test_trap_09_a_list_that_falls_silent_in_the_middle_is_given_up(stage):
    """The test point still comes from a cache."""
    zone = stage.serve(PSBL)
    zone.mode = Mode.SILENT
    for label, record in {"2.0.0.127": Mode.NORMAL, "1.0.0.127": Mode.EMPTY}.items():
        zone.moods[label] = record
    names = [f"198.51.{net}.{octet}" for net in (100, 101, 102, 103) for octet in range(250)]
    seen = await stage.ask(PSBL, *names, patience_s=0.3)
    assert set(seen.outcomes.values()) == {"unreachable"}
    assert len(set(stage.asked)) < len(names)


# --- 10: QNAME minimisation

MINIMISING = ("qname-minimisation: yes", "qname-minimisation-strict: yes")


@pytest.fixture
def minimised(start_rbldnsd, start_unbound):
    """start(*options) -> address of an unbound before an rbldnsd, which says NXDOMAIN for names that only have names
    below them"""
    uribl = LISTS["uribl-multi"]
    server = start_rbldnsd({PSBL.zone: ["ip4set"], SPAMCOP.zone: ["ip4set"], uribl.zone: ["dnset"]})
    for zone in (PSBL.zone, SPAMCOP.zone):
        server.write(zone, ["127.0.0.2 :127.0.0.2:test", f"{SUBJECT} :127.0.0.2:spam"])
    server.write(uribl.zone, ["test.uribl.com :127.0.0.14:test", "acme.example :127.0.0.2:spam"])
    stubs = dict.fromkeys((PSBL.zone, SPAMCOP.zone, uribl.zone), server.address)
    return lambda *options: start_unbound(stubs, *options).address


async def test_trap_10_a_resolver_that_minimises_strictly_makes_nobody_clear(minimised):
    address = minimised(*MINIMISING, "harden-below-nxdomain: yes")
    for blocklist, name in ((PSBL, SUBJECT), (LISTS["uribl-multi"], DOMAIN)):
        seen = await look(blocklist, [name], address)
        assert (seen[name].outcome, seen.health) == ("nonsense", "failing")
        assert "something hides it" in seen[name].detail


async def test_trap_10_one_that_falls_back_to_the_whole_name_does_no_harm(minimised):
    address = minimised("qname-minimisation: yes", "harden-below-nxdomain: no")
    seen = await look(PSBL, [SUBJECT, OTHER], address)
    assert seen.outcomes == {SUBJECT: "listed", OTHER: "clear"}


async def test_trap_10_the_resolver_is_named_with_the_cure(minimised):
    (fault,) = await faults_of(minimised(*MINIMISING), PSBL, SPAMCOP, minimises=True)
    assert (fault.trouble, set(fault.lists)) == (Trouble.MINIMISES, {"psbl", "spamcop-scbl"})
    assert "qname-minimisation: no" in fault.advice

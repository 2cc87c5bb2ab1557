"""Traps 11 to 20: controls that prove too little, sums read as names, names asked in the wrong shape, and no key."""

import pytest

from deliverwatch.clock import SystemClock
from deliverwatch.core.blocklist import CodeStyle, Impact
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.verdict import is_listing
from deliverwatch.flows.check_now import check_now
from deliverwatch.sandbox.zones import Mode, Zone
from flows.rounds import lookups_through
from traps.stage import DOMAIN, KEY, LISTS, OTHER, SUBJECT, Everything, look

DBL, SURBL, URIBL, PSBL = (LISTS[name] for name in ("spamhaus-dbl", "surbl-multi", "uribl-multi", "psbl"))


# --- 11: the RFC's control passes while real look-ups fail

MINIMISING = ("qname-minimisation: yes", "qname-minimisation-strict: yes")
ONE_LABEL_IS_ALL_THERE_IS = {"spamhaus-zrd", "nordspam-dbl", "scientificspam-domain"}


async def test_trap_11_a_control_of_several_labels_shows_what_the_rfcs_does_not(start_rbldnsd, start_unbound):
    """`test` alone passes at a resolver that minimises; dbltest.com does not."""
    server = start_rbldnsd({DBL.zone: ["dnset"]})
    server.write(DBL.zone, ["test :127.0.1.2:test", "dbltest.com :127.0.1.2:test", f"{DOMAIN} :127.0.1.2:spam"])
    plain = start_unbound({DBL.zone: server.address})
    assert (await look(DBL, [DOMAIN], plain.address))[DOMAIN].outcome == "listed"
    minimising = start_unbound({DBL.zone: server.address}, *MINIMISING)
    seen = await look(DBL, [DOMAIN], minimising.address)
    assert (seen[DOMAIN].outcome, seen.health) == ("nonsense", "failing")
    assert "test point dbltest.com must be listed and is not" in seen[DOMAIN].detail


def test_trap_11_no_list_that_leads_relies_on_a_single_label():
    single = {
        blocklist.id
        for blocklist in LISTS.values()
        if (points := [point for point in blocklist.points_for(SubjectKind.DOMAIN) if point.expect])
        and not any("." in point.name for point in points)
    }
    assert single == ONE_LABEL_IS_ALL_THERE_IS
    assert not any(LISTS[list_id].leads for list_id in single)


# --- 12: NXDOMAIN rewritten

REWRITTEN = [
    ("psbl", SUBJECT, "203.0.113.7", "outside 127.0.0.0/8"),
    ("psbl", SUBJECT, "127.0.0.1", "must not be listed and is"),
    ("surbl-multi", DOMAIN, "127.0.0.16", "must not be listed and is"),
    ("spamhaus-dbl", DOMAIN, "203.0.113.7", "outside 127.0.0.0/8"),
]


@pytest.mark.parametrize(("list_id", "name", "value", "said"), REWRITTEN)
async def test_trap_12_an_address_for_what_does_not_exist_is_nonsense(stage, list_id, name, value, said):
    zone = stage.serve(LISTS[list_id])
    zone.records = Everything(value, but=zone.records)
    seen = await stage.ask(LISTS[list_id], name)
    assert (seen[name].outcome, seen.health) == ("nonsense", "failing")
    assert said in seen[name].detail


async def test_trap_12_a_real_unbound_with_a_search_page(start_rbldnsd, start_unbound):
    server = start_rbldnsd({PSBL.zone: ["ip4set"]})
    server.write(PSBL.zone, ["127.0.0.2 :127.0.0.2:test"])
    page = (f'local-zone: "{PSBL.zone}." redirect', f'local-data: "{PSBL.zone}. A 203.0.113.7"')
    resolver = start_unbound({PSBL.zone: server.address}, *page)
    seen = await look(PSBL, [SUBJECT], resolver.address)
    assert (seen[SUBJECT].outcome, seen.health) == ("nonsense", "failing")


# --- 13: a bitmask read as an enumeration

SUMS = [
    ("surbl-multi", DOMAIN, "127.0.0.80", ["MW", "ABUSE"], Impact.HIGH),
    ("surbl-multi", DOMAIN, "127.0.0.36", ["DM", "CT"], Impact.INFO),
    ("surbl-multi", DOMAIN, "127.0.0.72", ["PH", "ABUSE"], Impact.HIGH),
    ("uribl-multi", DOMAIN, "127.0.0.14", ["black", "grey", "red"], Impact.HIGH),
    ("uribl-multi", DOMAIN, "127.0.0.4", ["grey"], Impact.LOW),
    ("validity-rpbl", SUBJECT, "127.0.0.5", ["behaves like a botnet", "hit spam traps"], Impact.MEDIUM),
]


@pytest.mark.parametrize(("list_id", "name", "value", "meanings", "impact"), SUMS)
async def test_trap_13_the_last_octet_of_a_bitmask_is_a_sum(stage, list_id, name, value, meanings, impact):
    stage.serve(LISTS[list_id])
    stage.put(LISTS[list_id], name, value)
    verdict = (await stage.ask(LISTS[list_id], name))[name]
    assert (verdict.outcome, verdict.impact, verdict.unexplained) == ("listed", impact, ())
    assert len(verdict.meanings) == len(meanings)
    assert all(found.startswith(meaning) for found, meaning in zip(verdict.meanings, meanings, strict=True))


async def test_trap_13_a_sum_that_holds_the_bit_of_a_refusal_is_a_refusal(stage):
    stage.serve(URIBL)
    stage.put(URIBL, DOMAIN, "127.0.0.3")
    assert (await stage.ask(URIBL, DOMAIN))[DOMAIN].outcome == "refused"


# --- 14: the bits of SURBL changed their meaning


@pytest.mark.parametrize(
    ("value", "means", "impact", "explained"),
    [
        ("127.0.0.4", "DM", Impact.INFO, True),
        ("127.0.0.32", "CT", Impact.INFO, True),
        ("127.0.0.128", "CR", Impact.HIGH, True),
        ("127.0.0.2", "127.0.0.2: not explained", Impact.LOW, False),
    ],
)
async def test_trap_14_the_bits_mean_what_they_mean_today(stage, value, means, impact, explained):
    stage.serve(SURBL)
    stage.put(SURBL, DOMAIN, value)
    verdict = (await stage.ask(SURBL, DOMAIN))[DOMAIN]
    assert verdict.meanings[0].startswith(means)
    assert verdict.impact is impact
    assert (not verdict.unexplained) is explained


# --- 15: an address sent to a list of domains


@pytest.mark.parametrize(("list_id", "value"), [("spamhaus-dbl", "127.0.1.255"), ("spamhaus-zrd", "127.0.2.255")])
async def test_trap_15_the_answer_to_an_address_is_a_refusal(stage, list_id, value):
    stage.serve(LISTS[list_id])
    stage.put(LISTS[list_id], DOMAIN, value)
    verdict = (await stage.ask(LISTS[list_id], DOMAIN))[DOMAIN]
    assert verdict.outcome == "refused"
    assert "an address was asked" in verdict.detail


async def test_trap_15_no_list_of_domains_is_ever_asked_for_an_address(stage):
    of_domains = [each for each in LISTS.values() if each.kinds == {SubjectKind.DOMAIN}]
    for blocklist in of_domains:
        stage.serve(blocklist)
    subjects = [parse_subject(SUBJECT), parse_subject("2001:db8::1")]
    findings = await check_now(lookups_through(stage.server), SystemClock(), of_domains, subjects, lambda _: None)
    assert (findings.found, findings.not_asked) == ((), tuple(subjects))
    assert stage.asked == []


# --- 16: domains asked in the wrong shape


@pytest.mark.parametrize(
    ("list_id", "held", "asked"),
    [
        ("uribl-multi", "acme.example", ["acme.example"]),
        ("sem-uri", "acme.example", ["acme.example"]),
        ("surbl-multi", "acme.example", [DOMAIN, "acme.example"]),
        ("surbl-multi", DOMAIN, [DOMAIN, "acme.example"]),
        ("nordspam-dbl", "acme.example", [DOMAIN, "acme.example"]),
        ("spamhaus-dbl", DOMAIN, [DOMAIN]),
    ],
)
async def test_trap_16_each_list_is_asked_at_its_own_granularity(stage, list_id, held, asked):
    blocklist = LISTS[list_id]
    zone = stage.serve(blocklist)
    zone.list(held, blocklist.points_for(SubjectKind.DOMAIN)[0].expect[0])
    seen = await stage.ask(blocklist, DOMAIN, "news.other.example")
    assert seen.outcomes == {DOMAIN: "listed", "news.other.example": "clear"}
    assert {name for name in stage.asked if "acme" in name} == {f"{name}.{blocklist.zone}" for name in asked}


async def test_trap_16_a_host_is_not_clear_while_its_registered_domain_got_no_answer(stage):
    zone = stage.serve(SURBL)
    zone.misbehave("acme.example", Mode.SERVFAIL)
    assert (await stage.ask(SURBL, DOMAIN, patience_s=0.5))[DOMAIN].outcome == "unreachable"


async def test_trap_16_the_wildcards_of_dbl_are_found_below_a_real_rbldnsd(start_rbldnsd):
    server = start_rbldnsd({DBL.zone: ["dnset"]})
    server.write(DBL.zone, ["dbltest.com :127.0.1.2:test", ".acme.example :127.0.1.2:spam"])
    assert (await look(DBL, [DOMAIN], server.address))[DOMAIN].outcome == "listed"


# --- 17: each control has its own value

OWN_VALUES = {
    "spamhaus-dbl": "127.0.1.2",
    "spamhaus-zrd": "127.0.2.2",
    "uribl-multi": "127.0.0.14",
    "surbl-multi": "127.0.0.254",
    "suomispam": "127.0.0.99",
    "scientificspam-domain": "127.0.1.2",
    "abusix-combined": "127.0.0.3",
}


@pytest.mark.parametrize("list_id", OWN_VALUES)
async def test_trap_17_a_list_is_well_when_its_point_has_its_own_value_and_not_otherwise(stage, list_id):
    blocklist = LISTS[list_id]
    zone = stage.serve(blocklist)
    name = DOMAIN if SubjectKind.DOMAIN in blocklist.kinds else SUBJECT
    for label in list(zone.records):
        zone.list(label, OWN_VALUES[list_id])
    seen = await stage.ask(blocklist, name)
    assert (seen[name].outcome, seen.health) == ("clear", "healthy")
    for label in list(zone.records):
        zone.list(label, "127.0.0.78")
    seen = await stage.ask(blocklist, name)
    assert (seen[name].outcome, seen.health) == ("nonsense", "failing")
    assert f"answered 127.0.0.78, expected {blocklist.test_points[0].expect[0]}" in seen[name].detail


# --- 18: live lists without a test entry


@pytest.mark.parametrize("list_id", ["imp-spamrbl", "imp-wormrbl", "swinog-uribl", "zapbl-rhsbl"])
async def test_trap_18_nxdomain_of_a_list_without_a_test_entry_proves_nothing(stage, list_id):
    blocklist = LISTS[list_id]
    stage.serve(blocklist)
    listed, free = (DOMAIN, "other.example") if SubjectKind.DOMAIN in blocklist.kinds else (SUBJECT, OTHER)
    stage.put(blocklist, listed, blocklist.codes[0].value)
    seen = await stage.ask(blocklist, listed, free)
    assert seen.outcomes == {listed: "listed", free: "nonsense"}
    assert seen.health == "unverifiable"
    assert seen[listed].detail.startswith("unverifiable: ")
    assert seen[free].detail.startswith("not found, which proves nothing: ")
    assert not seen.looks[listed].verifiable


# --- 19: controls that are not the RFC's


@pytest.mark.parametrize("list_id", ["sem-uri", "sem-fresh"])
async def test_trap_19_labels_with_underscores_are_asked(stage, list_id):
    stage.serve(LISTS[list_id])
    assert (await stage.ask(LISTS[list_id], DOMAIN)).outcomes == {DOMAIN: "clear"}
    zone = LISTS[list_id].zone
    assert {f"_dnsbl_.test.{zone}", f"_dnsblneg_.test.{zone}"} < set(stage.asked)


@pytest.mark.parametrize("list_id", ["cymru-bogons", "cymru-fullbogons-v4"])
async def test_trap_19_a_list_of_bogons_may_list_127_0_0_1(stage, list_id):
    zone = stage.serve(LISTS[list_id])
    zone.list("1.0.0.127")
    seen = await stage.ask(LISTS[list_id], SUBJECT)
    assert (seen[SUBJECT].outcome, seen.health) == ("clear", "healthy")


# --- 20: not registered, or without the key

UNREGISTERED = [
    ("barracuda-brbl", Mode.SERVFAIL, "unreachable", "SERVFAIL"),
    ("barracuda-brbl", Mode.SILENT, "unreachable", "no answer in time"),
    ("abusix-combined", Mode.REFUSED, "refused", "REFUSED"),
    ("spamrats-all", Mode.SILENT, "unreachable", "no answer in time"),
    ("invaluement-sip", Mode.EMPTY, "nonsense", "must be listed and is not"),
    ("validity-score", Mode.EMPTY, "nonsense", "proves nothing"),
]


@pytest.mark.parametrize(("list_id", "mode", "outcome", "said"), UNREGISTERED)
async def test_trap_20_what_strangers_hear_is_never_clear(stage, list_id, mode, outcome, said):
    stage.serve(LISTS[list_id]).mode = mode
    seen = await stage.ask(LISTS[list_id], SUBJECT, patience_s=0.4)
    assert seen[SUBJECT].outcome == outcome
    assert said in seen[SUBJECT].detail
    assert not is_listing(seen[SUBJECT])


async def test_trap_20_validity_says_so_by_a_code(stage):
    stage.serve(LISTS["validity-rpbl"]).records = Everything("127.255.255.255")
    verdict = (await stage.ask(LISTS["validity-rpbl"], SUBJECT))[SUBJECT]
    assert verdict.outcome == "refused"
    assert "not registered" in verdict.detail


async def test_trap_20_a_list_that_needs_a_key_is_not_asked_without_one(stage):
    abusix = LISTS["abusix-combined"]
    stage.server.add(Zone("mail.abusix.zone", records=Everything("127.0.0.2")))
    seen = await stage.ask(abusix, SUBJECT, keyed=False)
    assert seen[SUBJECT].outcome == "unreachable"
    assert "set keys.abusix-combined" in seen[SUBJECT].detail
    assert stage.asked == []
    stage.serve(abusix)
    assert (await stage.ask(abusix, SUBJECT)).outcomes == {SUBJECT: "clear"}
    assert all(name.endswith(f".{KEY}.combined.mail.abusix.zone") for name in stage.asked)


def test_trap_13_the_lists_of_sums_are_known_as_such():
    assert {each.id for each in LISTS.values() if each.style is CodeStyle.BITMASK} >= {
        *("surbl-multi", "uribl-multi", "validity-rpbl")
    }

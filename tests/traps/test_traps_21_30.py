"""Traps 21 to 30: errors taken for answers, sets of codes, unions and scopes, IPv6, and zones that never were."""

import subprocess
import sys

import pytest

from deliverwatch.catalogue.blocklists import load_lists
from deliverwatch.clock import SystemClock
from deliverwatch.core.blocklist import Impact, RemovalWay, Scope, query_label
from deliverwatch.core.errors import CatalogueError
from deliverwatch.core.events import Ending, EventKind
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.verdict import is_listing
from deliverwatch.flows.check_now import check_now
from deliverwatch.in_use import Catalogue
from deliverwatch.sandbox.zones import Mode
from deliverwatch.settings import load_settings
from flows.rounds import lookups_through
from samples import customer
from servers.lists import sample_list
from traps.copied import entry, overlay
from traps.stage import LISTS, OTHER, SIX, SUBJECT, Everything, alert_about, look

ZEN, PSBL, HOSTKARMA = (LISTS[name] for name in ("spamhaus-zen", "psbl", "hostkarma"))


# --- 21: a time-out or SERVFAIL treated as clean

ERRORS = [Mode.SILENT, Mode.SERVFAIL, Mode.FORMERR, Mode.NOTIMP, Mode.NODATA]


@pytest.mark.parametrize("mode", ERRORS)
async def test_trap_21_an_error_about_one_subject_is_a_state_of_its_own(stage, mode):
    zone = stage.serve(PSBL)
    zone.misbehave(query_label(SubjectKind.IPV4, SUBJECT), mode)
    seen = await stage.ask(PSBL, SUBJECT, OTHER, patience_s=1)
    assert seen.outcomes == {SUBJECT: "nonsense" if mode is Mode.NODATA else "unreachable", OTHER: "clear"}
    assert seen.health == "healthy"
    assert seen[SUBJECT].detail


@pytest.mark.parametrize("mode", [Mode.SERVFAIL, Mode.NODATA])
async def test_trap_21_no_delisting_comes_from_an_error(stage, watch, mode):
    zone, label = stage.serve(PSBL), query_label(SubjectKind.IPV4, SUBJECT)
    stage.put(PSBL, SUBJECT, "127.0.0.2")
    watched = await watch(PSBL)
    await watched.hours(2)
    zone.misbehave(label, mode)
    await watched.hours(4)
    assert (await watched.listed(), await watched.ended()) == ({SUBJECT}, [])
    zone.misbehave(label, Mode.NORMAL)
    zone.unlist(label)
    await watched.hours(4)
    assert await watched.ended() == [Ending.DELISTED]


# --- 22: one record read where several were returned

SETS = [
    (ZEN, ("127.0.0.2", "127.0.0.4", "127.0.0.10"), "listed", ["SBL", "XBL", "PBL"], Impact.CRITICAL),
    (ZEN, ("127.0.0.10", "127.255.255.254"), "refused", [], None),
    (ZEN, ("127.0.0.10", "203.0.113.7"), "nonsense", [], None),
    (HOSTKARMA, ("127.0.0.1", "127.0.0.2"), "listed", ["white", "black"], Impact.LOW),
    (LISTS["efnet-rbl"], ("127.0.0.1", "127.0.0.4"), "listed", ["an open proxy", "an exit of"], Impact.INFO),
]


@pytest.mark.parametrize(("blocklist", "codes", "outcome", "meanings", "impact"), SETS)
async def test_trap_22_all_values_of_an_answer_are_read(stage, blocklist, codes, outcome, meanings, impact):
    stage.serve(blocklist)
    stage.put(blocklist, SUBJECT, *codes)
    verdict = (await stage.ask(blocklist, SUBJECT))[SUBJECT]
    assert (verdict.outcome, verdict.codes, verdict.impact) == (outcome, codes, impact)
    assert len(verdict.meanings) == len(meanings)
    assert all(found.startswith(meaning) for found, meaning in zip(verdict.meanings, meanings, strict=True))


# --- 23: a filter of codes that is too narrow

FAR_CODES = [
    ("spamhaus-zen", "127.0.0.30", "BCL"),
    ("spamhaus-authbl", "127.0.0.20", "logs in to mail servers"),
    ("abusix-combined", "127.0.0.200", "entered by hand"),
    ("dronebl", "127.0.0.255", "a threat of no class"),
]


@pytest.mark.parametrize(("list_id", "code", "means"), FAR_CODES)
async def test_trap_23_codes_far_from_the_usual_ones_are_listings(stage, list_id, code, means):
    stage.serve(LISTS[list_id])
    stage.put(LISTS[list_id], SUBJECT, code)
    verdict = (await stage.ask(LISTS[list_id], SUBJECT))[SUBJECT]
    assert is_listing(verdict)
    assert means in verdict.meanings[0]
    assert verdict.unexplained == ()


async def test_trap_23_a_code_that_nobody_explains_is_a_listing_and_an_event_for_the_operator(stage, watch):
    stage.serve(PSBL)
    stage.put(PSBL, SUBJECT, "127.0.7.7")
    watched = await watch(PSBL)
    await watched.hours(2)
    (listing,) = await watched.store.listings()
    assert (listing.codes, listing.impact) == (("127.0.7.7",), Impact.LOW)
    (event,) = await watched.events(EventKind.CODE_UNEXPLAINED)
    assert event.facts["code"] == "127.0.7.7"
    assert await watched.mails(EventKind.CODE_UNEXPLAINED) == {"ops@esp.example": 1}


# --- 24: unions counted twice

UNIONS = {
    "spamhaus-zen": {"spamhaus-sbl", "spamhaus-xbl", "spamhaus-pbl", "spamhaus-drop"},
    "abusix-combined": {"abusix-black", "abusix-exploit", "abusix-dynamic"},
    "uribl-multi": {"uribl-black", "uribl-grey", "uribl-red"},
    "mailspike-bl": {"mailspike-z"},
    "spamrats-all": {"spamrats-dyna", "spamrats-noptr", "spamrats-spam", "spamrats-auth"},
}


@pytest.mark.parametrize("union", UNIONS)
def test_trap_24_a_part_is_not_asked_besides_its_union(tmp_path, union):
    parts = UNIONS[union]
    assert {each.id for each in LISTS.values() if each.part_of == union} == parts
    config = tmp_path / "deliverwatch.toml"
    config.write_text(f"[lists]\nenable = {sorted({union, *parts})}\n")
    on = {each.id for each in Catalogue.load(load_settings(config, {})).on}
    assert (union in on, on & parts) == (True, set())
    config.write_text(f'[lists]\nenable = {sorted(parts)}\ndisable = ["{union}"]\n')
    assert {each.id for each in Catalogue.load(load_settings(config, {})).on} >= parts


async def test_trap_24_five_codes_of_one_union_are_one_listing_and_one_message(stage, watch):
    stage.serve(ZEN)
    stage.put(ZEN, SUBJECT, "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.10", "127.0.0.30")
    watched = await watch(ZEN)
    await watched.hours(2)
    assert len(await watched.store.listings()) == 1
    assert await watched.mails(EventKind.LISTING_OPENED) == {"ops@esp.example": 1, "tam-acme@esp.example": 1}


# --- 25: the scope ignored

SCOPES = [
    ("uceprotect-2", Scope.NETWORK, "accuses the whole network, for what anybody in it sent"),
    ("uceprotect-3", Scope.ASN, "accuses the whole network AS, not your address"),
    ("invaluement-sip24", Scope.NETWORK, "accuses the whole network"),
    ("spamhaus-zen", Scope.ADDRESS, "accuses single addresses"),
]


@pytest.mark.parametrize(("list_id", "scope", "said"), SCOPES)
async def test_trap_25_the_alert_says_whom_the_list_accuses(stage, watch, list_id, scope, said):
    stage.serve(LISTS[list_id])
    stage.put(LISTS[list_id], SUBJECT, "127.0.0.2")
    watched = await watch(LISTS[list_id])
    await watched.hours(2)
    (event,) = await watched.events(EventKind.LISTING_OPENED)
    assert LISTS[list_id].scope is scope
    text = " ".join(alert_about(event, LISTS[list_id]).split())
    assert said in text
    if scope is not Scope.ADDRESS:
        assert LISTS[list_id].worst_impact.rank <= Impact.LOW.rank


def test_trap_25_what_accuses_neighbours_is_scoped_and_weighs_little():
    assert LISTS["0spam-nbl"].scope is Scope.NETWORK
    assert {code.scope for code in LISTS["fmbla"].codes} == {None, Scope.NETWORK, Scope.ASN}
    assert LISTS["uceprotect-3"].removal.way is RemovalWay.NETWORK_OWNER
    assert all(each.worst_impact is Impact.INFO for each in LISTS.values() if each.scope is Scope.ASN)


async def test_trap_25_the_scope_of_a_code_goes_with_the_answer(stage):
    stage.serve(LISTS["fmbla"])
    stage.put(LISTS["fmbla"], SUBJECT, "127.0.2.2")
    assert (await stage.ask(LISTS["fmbla"], SUBJECT))[SUBJECT].scope is Scope.ASN


# --- 26: lists that are not about spam

OTHER_MATTERS = {
    "backscatterer": Impact.LOW,
    "sem-backscatter": Impact.LOW,
    "spamhaus-zrd": Impact.MEDIUM,
    "spamhaus-authbl": Impact.INFO,
    "sem-fresh": Impact.INFO,
    "dan-tor": Impact.INFO,
    "dan-tor-exit": Impact.INFO,
    "cymru-bogons": Impact.INFO,
    "cymru-fullbogons-v4": Impact.INFO,
}


@pytest.mark.parametrize("list_id", OTHER_MATTERS)
def test_trap_26_policy_novelty_and_other_conduct_weigh_less(list_id):
    assert LISTS[list_id].worst_impact.rank <= OTHER_MATTERS[list_id].rank
    assert not LISTS[list_id].leads


async def test_trap_26_pbl_is_not_sbl(stage):
    stage.serve(ZEN)
    stage.put(ZEN, SUBJECT, "127.0.0.10")
    stage.put(ZEN, OTHER, "127.0.0.2")
    seen = await stage.ask(ZEN, SUBJECT, OTHER)
    assert seen[SUBJECT].impact.rank < seen[OTHER].impact.rank
    assert "sends no mail directly" in seen[SUBJECT].meanings[0]


# --- 27: the mapped test address of IPv6


async def test_trap_27_the_mapped_test_points_are_asked_by_32_nibbles(stage):
    stage.serve(ZEN)
    assert (await stage.ask(ZEN, SIX)).outcomes == {SIX: "clear"}
    assert {len(name.removesuffix(".zen.spamhaus.org").split(".")) for name in stage.asked} == {32}
    assert "2.0.0.0.0.0.f.7.f.f.f.f" + ".0" * 20 + ".zen.spamhaus.org" in stage.asked


async def test_trap_27_an_ipv6_half_that_died_is_not_covered_by_the_ipv4_half(stage):
    zone = stage.serve(ZEN)
    zone.unlist(query_label(SubjectKind.IPV6, "::ffff:7f00:2"))
    seen = await stage.ask(ZEN, SUBJECT, SIX)
    assert seen.outcomes == {SUBJECT: "clear", SIX: "nonsense"}


# --- 28: lists without IPv6

WITH_IPV6 = {
    *("spamhaus-zen", "spamhaus-sbl", "spamhaus-xbl", "spamhaus-pbl", "spamhaus-authbl", "spamhaus-drop"),
    *("abusix-combined", "abusix-black", "abusix-exploit", "abusix-dynamic"),
    *("nordspam-bl", "s5h", "dnswl", "sem-ipv6", "virusfree-bip", "cymru-fullbogons-v6"),
}


async def test_trap_28_a_list_without_ipv6_is_not_asked_and_not_clear(stage):
    ipv4_only = [each for each in LISTS.values() if each.kinds == {SubjectKind.IPV4}]
    for blocklist in ipv4_only:
        stage.serve(blocklist)
    six = parse_subject(SIX)
    findings = await check_now(lookups_through(stage.server), SystemClock(), ipv4_only, [six], lambda _: None)
    assert (findings.found, findings.not_asked, stage.asked) == ((), (six,), [])


def test_trap_28_ipv6_is_asked_only_where_it_is_documented():
    assert {each.id for each in LISTS.values() if each.covers(SubjectKind.IPV6)} == WITH_IPV6


# --- 29: /64


async def test_trap_29_all_addresses_of_a_64_share_one_message(stage, watch):
    addresses = ("2001:db8::10", "2001:db8::11", "2001:db8::ffff:12")
    held = Inventory((customer("acme"),), tuple(Asset(address, "acme") for address in addresses))
    stage.serve(ZEN)
    for address in addresses:
        stage.put(ZEN, address, "127.0.0.3")
    watched = await watch(ZEN, held=held)
    await watched.hours(2)
    assert await watched.listed() == set(addresses)
    assert await watched.mails(EventKind.LISTING_OPENED) == {"ops@esp.example": 1, "tam-acme@esp.example": 1}


async def test_trap_29_an_entry_of_a_64_in_a_real_rbldnsd_lists_each_of_them(start_rbldnsd):
    sem = LISTS["sem-ipv6"]
    server = start_rbldnsd({sem.zone: ["ip6trie"]})
    server.write(sem.zone, ["2001:db8:0:1::/64 :127.0.0.2:spam"])
    seen = await look(sem, ["2001:db8:0:1::10", "2001:db8:0:1:ffff::11", "2001:db8:0:2::10"], server.address)
    assert list(seen.outcomes.values()) == ["listed", "listed", "nonsense"]
    assert (sem.granularity, ZEN.granularity) == ({SubjectKind.IPV6: 64}, {SubjectKind.IPV6: 64})


# --- 30: zones mistyped or invented

INVENTED = [
    *("combined.njabl.org", "sip.invalidment.com", "hbl.spamhaus.org", "drop.spamhaus.org", "nordspam.com"),
    *("talosintelligence.com", "csi.cloudmark.com", "nodes.junkemailfilter.com", "dnsbl.mxtoolbox.com"),
    "dblack.mail.abusix.zone",
]


@pytest.mark.parametrize("zone", INVENTED)
@pytest.mark.parametrize("answer", ["nothing", "127.0.0.2", "203.0.113.7"])
async def test_trap_30_a_zone_that_never_was_is_neither_clear_nor_listed(stage, zone, answer):
    invented = sample_list(zone=zone)
    served = stage.serve(invented)
    served.records = {} if answer == "nothing" else Everything(answer)
    seen = await stage.ask(invented, SUBJECT)
    assert (seen[SUBJECT].outcome, seen.health) == ("nonsense", "failing")


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("combined.njabl.org", "njabl is dead since 2013-03-01"),
        ("rbl.spamhaus.org", "there never was such a zone"),
        ("zen.spamhaus.org", "already taken by the entry on line"),
        ("127.0.0.2", "not a domain name"),
    ],
)
def test_trap_30_a_zone_that_is_known_to_be_wrong_is_refused(tmp_path, zone, said):
    with pytest.raises(CatalogueError) as raised:
        load_lists(overlay=overlay(tmp_path / "overlay", entry(zone)))
    assert said in str(raised.value)


def test_trap_30_and_31_lists_check_names_each_with_its_entry(tmp_path):
    wrong = [entry("combined.njabl.org", id="one"), entry("dnsbl.sorbs.net", id="two")]
    folder = overlay(tmp_path / "overlay", *wrong)
    (tmp_path / "deliverwatch.toml").write_text(f'[catalogue]\noverlay = "{folder}"\n')
    ran = subprocess.run(
        [sys.executable, "-m", "deliverwatch", "lists", "check"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert "njabl is dead since 2013-03-01" in ran.stderr
    assert "sorbs is dead since 2024-06-05" in ran.stderr
    assert "Traceback" not in ran.stderr


async def test_trap_30_an_invented_zone_without_test_points_proves_nothing(stage):
    invented = sample_list(zone="dnsbl.mxtoolbox.com", test_points=())
    stage.serve(invented)
    seen = await stage.ask(invented, SUBJECT)
    assert (seen[SUBJECT].outcome, seen.health) == ("nonsense", "unverifiable")

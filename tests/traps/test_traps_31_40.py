"""Traps 31 to 40: copied dead zones, caches, keys, terms, names that are not absolute, and money."""

from datetime import timedelta
from pathlib import Path

import pytest

from deliverwatch.catalogue.blocklists import load_lists
from deliverwatch.clock import SystemClock
from deliverwatch.core.blocklist import AccessTerms, query_label
from deliverwatch.core.errors import CatalogueError, ConfigError
from deliverwatch.core.events import Ending, EventKind
from deliverwatch.core.listing import Phase
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.flows.look import look_at_list
from deliverwatch.flows.run_rounds import DueRound
from deliverwatch.in_use import Catalogue
from deliverwatch.lookup.dns_lookups import DnsLookups
from deliverwatch.lookup.paths import system_paths
from deliverwatch.sandbox.zones import Mode, Record, Zone
from deliverwatch.settings import load_settings
from deliverwatch.store import open_store
from flows.rounds import MovedClock, Worker, hold, lookups_through
from traps.copied import entry, overlay
from traps.stage import DEAD, DOMAIN, KEY, LISTS, OTHER, SUBJECT, Everything, alert_about, look

ZEN, PSBL, SPAMCOP, URIBL, SWINOG = (
    LISTS[name] for name in ("spamhaus-zen", "psbl", "spamcop-scbl", "uribl-multi", "swinog-dnsrbl")
)
LABEL = query_label(SubjectKind.IPV4, SUBJECT)


# --- 31: dead zones, copied

COPIED = {
    "dnsbl.sorbs.net": "sorbs",
    "ix.dnsbl.manitu.net": "nixspam",
    "combined.abuse.ch": "abuse-ch-dns",
    "db.wpbl.info": "wpbl",
    "dnsbl.inps.de": "inps",
    "combined.rbl.msrbl.net": "msrbl",
}


@pytest.mark.parametrize("zone", COPIED)
def test_trap_31_a_dead_zone_is_refused_with_how_it_died(tmp_path, zone):
    dead = DEAD[COPIED[zone]]
    with pytest.raises(CatalogueError) as raised:
        load_lists(overlay=overlay(tmp_path / "overlay", entry(zone)))
    assert f"{zone} is of a dead list: {dead.epitaph}" in str(raised.value)


@pytest.mark.parametrize("list_id", COPIED.values())
def test_trap_31_an_old_configuration_gets_a_clear_word(tmp_path, list_id):
    config = tmp_path / "deliverwatch.toml"
    config.write_text(f'[lists]\nenable = ["{list_id}"]\n')
    with pytest.raises(ConfigError) as raised:
        Catalogue.load(load_settings(config, {}))
    assert f"{list_id} is dead since {DEAD[list_id].died_on}" in str(raised.value)


def test_trap_31_no_zone_of_the_catalogue_is_of_a_dead_list():
    dead = tuple(zone for each in DEAD.values() for zone in each.zones)
    for blocklist in LISTS.values():
        assert not any(f".{blocklist.shown_zone}".endswith(f".{zone}") for zone in dead)


# --- 32: caches and the spreading of news


async def test_trap_32_one_nxdomain_ends_no_listing(stage, watch):
    zone = stage.serve(SPAMCOP)
    stage.put(SPAMCOP, SUBJECT, "127.0.0.2")
    watched = await watch(SPAMCOP)
    await watched.hours(2)
    for _ in range(3):  # one mirror has heard of the removal, the next has not
        zone.unlist(LABEL)
        await watched.hours(1)
        stage.put(SPAMCOP, SUBJECT, "127.0.0.2")
        await watched.hours(1)
    assert (await watched.listed(), await watched.ended()) == ({SUBJECT}, [])
    zone.unlist(LABEL)
    await watched.hours(2)
    assert await watched.ended() == []
    await watched.hours(1)
    assert await watched.ended() == [Ending.DELISTED]


async def test_trap_32_what_a_real_cache_repeats_confirms_nothing(tmp_path, start_rbldnsd, start_unbound):
    """The list takes its entry back at once; unbound goes on telling of it until its time to live has run out."""
    server = start_rbldnsd({PSBL.zone: ["ip4set"]})
    test_entry = "127.0.0.2 :127.0.0.2:test"
    server.write(PSBL.zone, [test_entry, f"{SUBJECT} :127.0.0.2:by mistake"])
    resolver = start_unbound({PSBL.zone: server.address})
    store, clock = open_store(f"sqlite:///{tmp_path / 'store.db'}"), MovedClock()
    await hold(store)
    worker = Worker(store, lookups_through(resolver), clock, PSBL)
    await worker.tick()
    server.write(PSBL.zone, [test_entry])
    clock.advance(timedelta(minutes=1))
    await worker.run(DueRound(PSBL, "0000000002"))
    answers = [(await look(PSBL, [SUBJECT], address)).outcomes for address in (resolver.address, server.address)]
    states, listings = await store.watch_states(), await store.listings()
    await store.close()
    assert answers == [{SUBJECT: "listed"}, {SUBJECT: "clear"}]
    assert [state.phase for state in states.values()] == [Phase.SUSPECTED]
    assert listings == []


async def test_trap_32_after_its_time_to_live_the_same_way_confirms(stage, tmp_path):
    stage.serve(PSBL)
    stage.put(PSBL, SUBJECT, "127.0.0.2")
    store, clock = open_store(f"sqlite:///{tmp_path / 'store.db'}"), MovedClock()
    await hold(store)
    worker = Worker(store, lookups_through(stage.server), clock, PSBL)
    await worker.tick()
    clock.advance(timedelta(minutes=1))
    await worker.tick()
    before = await store.listings()
    clock.advance(timedelta(minutes=5))
    await worker.tick()
    after = await store.listings()
    await store.close()
    assert (len(before), len(after)) == (0, 1)


# --- 33: keys


@pytest.mark.parametrize("key", ["two.labels", "evil.example.", "", "-a", "a b", "a" * 64, "ä", "a\n"])
def test_trap_33_a_key_that_could_steer_the_question_elsewhere_is_refused_and_not_shown(key):
    with pytest.raises(ValueError, match="the key of spamhaus-zen is not a key") as raised:
        DnsLookups(["192.0.2.53"], keys={"spamhaus-zen": key})
    assert not key.strip() or key not in str(raised.value)


async def test_trap_33_a_text_that_quotes_the_question_is_kept_without_the_key(stage):
    """All other places where a key might appear: tests/canary."""
    abusix = LISTS["abusix-combined"]
    stage.serve(abusix)
    quoted = f"{LABEL}.{KEY.upper()}.combined.mail.abusix.zone"
    stage.put(abusix, SUBJECT, "127.0.0.2", txt=f"you asked for {quoted}")
    reason = (await stage.ask(abusix, SUBJECT)).looks[SUBJECT].reason
    assert reason == f"you asked for {LABEL}.***.combined.mail.abusix.zone"


# --- 34: TXT is no interface


@pytest.mark.parametrize("txt", [None, "127.0.0.4", "not listed", "delisted; refused; 127.255.255.254", "x" * 5000])
async def test_trap_34_the_verdict_is_the_same_whatever_the_text_says(stage, txt):
    stage.serve(PSBL)
    stage.put(PSBL, SUBJECT, "127.0.0.2", txt=txt)
    seen = await stage.ask(PSBL, SUBJECT, OTHER)
    assert seen.outcomes == {SUBJECT: "listed", OTHER: "clear"}
    assert seen[SUBJECT].meanings == (PSBL.codes[0].meaning,)
    assert seen.looks[SUBJECT].reason == (txt[:512] if txt else None)


async def test_trap_34_a_text_alone_lists_nobody(stage):
    stage.serve(URIBL).records[DOMAIN.removeprefix("news.")] = Record((), "black")
    assert (await stage.ask(URIBL, DOMAIN))[DOMAIN].outcome == "nonsense"


# --- 35: the terms of lists


def test_trap_35_what_has_terms_is_off_until_the_operator_says_so(tmp_path):
    on = {each.id for each in Catalogue.load(load_settings(None, {})).on}
    assert on
    assert all(LISTS[list_id].access.terms is AccessTerms.OPEN for list_id in on)
    assert not on & {"spamhaus-zen", "spamhaus-dbl", "surbl-multi", "dnswl"}
    config = tmp_path / "deliverwatch.toml"
    config.write_text('[lists]\nenable = ["surbl-multi"]\n[keys]\nspamhaus-zen = "samplekey"\n')
    catalogue = Catalogue.load(load_settings(config, {}))
    assert {each.id for each in catalogue.on} == on | {"surbl-multi", "spamhaus-zen"}
    assert "spamhaus-dbl" in {each.id for each in catalogue.not_watched}


@pytest.mark.parametrize(
    ("list_id", "said"),
    [("spamhaus-zen", "commercial"), ("surbl-multi", "not as a part of a product"), ("dnswl", "non-commercial")],
)
def test_trap_35_what_the_terms_are_is_said(list_id, said):
    access = LISTS[list_id].access
    assert said in " ".join(access.note.split())
    assert access.url is not None


# --- 36: search suffixes


@pytest.mark.parametrize("options", [{}, {"LOCALDOMAIN": "corp.example", "RES_OPTIONS": "ndots:15"}])
async def test_trap_36_no_search_suffix_is_ever_asked(stage, tmp_path, monkeypatch, options):
    for name, value in options.items():
        monkeypatch.setenv(name, value)
    resolv_conf = tmp_path / "resolv.conf"
    resolv_conf.write_text("search corp.example\noptions ndots:15\nnameserver 127.0.0.1\n")
    assert system_paths(str(resolv_conf)) == ("127.0.0.1:53",)
    stage.server.add(Zone("corp.example", records=Everything("127.0.0.2")))
    stage.serve(PSBL)
    second = DnsLookups(["192.0.2.53"], [stage.server.address])
    for lookups in (DnsLookups([stage.server.address]), second):
        batch = await look_at_list(lookups, SystemClock(), PSBL, [parse_subject(SUBJECT)], stage.server.address)
        assert [str(seen.verdict.outcome) for _, seen in batch.looks()] == ["clear"]
    assert all(name.endswith(f".{PSBL.zone}") for name in stage.asked)


# --- 37: the apex of a zone is no proof of health


async def test_trap_37_an_apex_with_an_address_makes_an_emptied_zone_no_better(start_rbldnsd):
    server = start_rbldnsd({SWINOG.zone: ["generic"]})
    server.write(SWINOG.zone, ["@ A 127.0.0.2"])
    seen = await look(SWINOG, [SUBJECT], server.address)
    assert (seen[SUBJECT].outcome, seen.health) == ("nonsense", "failing")
    assert (SWINOG.zone, "A") not in server.questions()


# --- 38: controls must be fresh


class BreaksAt(Zone):
    """Falls ill when a certain name is asked."""

    label = query_label(SubjectKind.IPV4, OTHER)
    ill = Mode.EMPTY

    def mode_at(self, label):
        if label == self.label:
            self.mode = self.ill
        return super().mode_at(label)


class RefusesFrom(BreaksAt):
    ill = Mode.REFUSED


@pytest.mark.parametrize(("zone_type", "health"), [(BreaksAt, "nonsense"), (RefusesFrom, "refused")])
async def test_trap_38_a_list_that_breaks_in_the_middle_voids_the_whole_batch(stage, zone_type, health):
    stage.serve(PSBL, zone_type)
    stage.put(PSBL, SUBJECT, "127.0.0.2")
    names = [SUBJECT, *[f"192.0.2.{octet}" for octet in range(20, 60)], OTHER]
    seen = await stage.ask(PSBL, *names)
    assert not {"listed", "clear"} & set(seen.outcomes.values())
    assert (seen.health, str(seen.batch.test.outcome)) == ("failing", health)


async def test_trap_38_a_list_is_well_or_not_by_resolver(stage):
    stage.serve(PSBL)
    well = await stage.second()
    stage.serve(PSBL).mode = Mode.EMPTY
    assert (await look(PSBL, [SUBJECT], stage.server.address)).health == "failing"
    assert (await look(PSBL, [SUBJECT], well.address)).health == "healthy"


async def test_trap_38_the_test_points_are_asked_before_and_after(stage):
    stage.serve(PSBL)
    await stage.ask(PSBL, SUBJECT)
    asked = [name.removesuffix(f".{PSBL.zone}") for name in stage.asked]
    assert asked == ["2.0.0.127", "1.0.0.127", LABEL, "2.0.0.127", "1.0.0.127"]


# --- 39: what an rbldnsd may do with those it does not like

MANNERS = {
    "127.0.0.2": (":refuse", "refused"),
    "127.0.0.3": (":empty", "nonsense"),
    "127.0.0.4": (":ignore", "unreachable"),
    "127.0.0.5": (":127.0.0.2:You are not welcome", "nonsense"),
    "127.0.0.6": (":pass", "listed"),
}


@pytest.mark.parametrize("client", MANNERS)
async def test_trap_39_an_access_list_never_makes_us_believe_anything(start_rbldnsd, start_unbound, client):
    """One zone, and another resolver for each way in which it is served."""
    server = start_rbldnsd({PSBL.zone: ["ip4set", "acl"]})
    server.write(PSBL.zone, [f"{address} {action}" for address, (action, _) in MANNERS.items()], "acl")
    server.write(PSBL.zone, ["127.0.0.2 :127.0.0.2:test", f"{SUBJECT} :127.0.0.2:spam"])
    resolver = start_unbound({PSBL.zone: server.address}, f"outgoing-interface: {client}")
    seen = await look(PSBL, [SUBJECT], resolver.address, patience_s=1)
    outcome = seen[SUBJECT].outcome
    if client == "127.0.0.2":  # unbound says SERVFAIL when all servers of a zone refuse it
        assert outcome in ("refused", "unreachable")
    else:
        assert outcome == MANNERS[client][1]
    assert seen.health == ("healthy" if client == "127.0.0.6" else "failing")


async def test_trap_39_a_resolver_that_lets_nobody_in_refuses(start_unbound):
    resolver = start_unbound({PSBL.zone: "127.0.0.1:9"}, "access-control: 127.0.0.0/8 refuse")
    seen = await look(PSBL, [SUBJECT], resolver.address)
    assert (seen[SUBJECT].outcome, seen.health) == ("refused", "failing")


async def test_trap_39_a_resolver_that_strips_127_8_makes_nobody_clear(start_rbldnsd, start_unbound):
    server = start_rbldnsd({PSBL.zone: ["ip4set"]})
    server.write(PSBL.zone, ["127.0.0.2 :127.0.0.2:test", f"{SUBJECT} :127.0.0.2:spam"])
    resolver = start_unbound({PSBL.zone: server.address}, "private-address: 127.0.0.0/8")
    seen = await look(PSBL, [SUBJECT], resolver.address)
    assert (seen[SUBJECT].outcome, seen.health) == ("nonsense", "failing")
    assert "something filters it" in seen[SUBJECT].detail


# --- 40: removals for money


@pytest.mark.parametrize("list_id", ["uceprotect-1", "uceprotect-2", "uceprotect-3", "backscatterer"])
async def test_trap_40_a_paid_removal_is_named_and_never_recommended(stage, watch, list_id):
    blocklist = LISTS[list_id]
    assert blocklist.removal.paid
    assert blocklist.removal.expires
    stage.serve(blocklist)
    stage.put(blocklist, SUBJECT, "127.0.0.2")
    watched = await watch(blocklist)
    await watched.hours(2)
    (event,) = await watched.events(EventKind.LISTING_OPENED)
    text = " ".join(alert_about(event, blocklist).split())
    assert "it ends by itself, do not pay." in text
    rest = text.replace("The list also sells removals: it ends by itself, do not pay.", "").lower()
    assert not [word for word in ("pay", "paid", "express", "fee ", "buy", "€", "$") if word in rest]


# --- all of them


def test_each_of_the_forty_traps_has_a_test_by_its_number():
    found = "".join(file.read_text() for file in Path(__file__).parent.glob("test_traps_*.py"))
    missing = [number for number in range(1, 41) if f"def test_trap_{number:02}_" not in found]
    assert missing == []

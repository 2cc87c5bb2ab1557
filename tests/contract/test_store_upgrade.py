"""A database that an earlier version made and filled is upgraded when it is opened, and means what it meant."""

from dataclasses import replace

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, insert

from contract.store_values import (
    ACME,
    DAY,
    HOUR,
    IPV4,
    LEASE,
    MINUTE,
    NOON,
    WATCH,
    alert,
    closing,
    commit,
    cycle,
    draft,
    in_doubt,
    opening,
    step,
)
from contract.warmup_values import RUN, begun
from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.listing import Listing
from deliverwatch.core.remediation.draft import DraftField, DraftState, RequestOutcome
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.zone_health import Health, ZoneState
from deliverwatch.flows.ports import ReportRun
from deliverwatch.store import open_store
from deliverwatch.store.engine import open_engine, read_url

STATE, (OPENED,) = opening(NOON)
FACTS = {**OPENED.facts, "parties": ["acme"]}
UNVERIFIED = cycle(NOON - HOUR, verified=False, detail="test point gone")


def episode(key):
    return {
        "key": key,
        "list_id": "zen",
        "subject": IPV4.value,
        "subject_kind": "ipv4",
        "opened_at": NOON,
        "confirmed_at": NOON + MINUTE,
        "codes": ["127.0.0.2"],
        "meanings": ["means 127.0.0.2"],
        "impact": "high",
        "path": "192.0.2.54:53",
    }


def round_of(cycle, key):
    names = ("path", "started_at", "finished_at", "verified", "full", "vouches_until", "due", "listed", "clear")
    counts = {"refused": 0, "unreachable": 0, "nonsense": 0}
    values = {name: getattr(cycle, name) for name in names}
    return {"list_id": "zen", **values, **counts, "detail": cycle.detail, "job": "scan/zen", "key": key, "fence": 1}


def message(number, **changes):
    return {
        "id": f"m{number}",
        "message_id": f"m{number}",
        "audience": "tam",
        "channel": "email",
        "recipient": "tam@esp.example",
        "customers": ["acme"],
        "created_at": OPENED.at,
        "attempts": 0,
        **changes,
    }


def request(number, key, state, **changes):
    """A draft as versions 1 to 4 wrote them."""
    return {
        "id": f"d-{number}",
        "form": "list-operator",
        "form_digest": "abc",
        "provider": "zen",
        "kind": "listing",
        "channel": "web_form",
        "url": "https://lists.example/remove",
        "subjects": [IPV4.value],
        "state": state,
        "text": "Please remove 192.0.2.10.",
        "fields": [{"name": "ip", "label": "IP", "value": IPV4.value, "limit": 39, "source": "look at noon"}],
        "missing": [{"field": "what_changed", "why": "ask the customer"}],
        "blockers": [{"check": "PTR", "found": "none", "fix": "set one"}],
        "evidence": [{"at": "2026-11-24T12:00:00+00:00", "what": "answered 127.0.0.2"}],
        "created_at": NOON + number * MINUTE,
        "due_at": NOON + DAY,
        "listing_key": key,
        "version": 1,
        **changes,
    }


def taken(number, state, at, by="tam", note=None):
    return {"draft_id": f"d-{number}", "at": at, "state": state, "by": by, "note": note}


def rows():
    """As version 1 wrote them, by table, in the order their keys ask for."""
    watch = {"list_id": "zen", "subject": IPV4.value, "subject_kind": "ipv4"}
    return {
        "customer": [
            {
                "id": "acme",
                "name": "Acme Ltd",
                "service_time_zone": str(ACME.service_time_zone),
                "language": str(ACME.language),
                "report_enabled": True,
                "tam_name": ACME.tam.name,
                "tam_email": ACME.tam.email,
                "tam_phone": ACME.tam.phone,
            }
        ],
        "contact": [
            {"customer_id": "acme", "position": place, "address": each} for place, each in enumerate(ACME.contacts)
        ],
        "asset": [
            {
                "name": IPV4.value,
                "holder": "acme",
                "subaccounts": [],
                "roles": [],
                "dkim_selectors": [],
                "added_at": NOON,
            }
        ],
        "list_state": [{"list_id": "zen", "stale_told": True}],
        "zone_state": [{"list_id": "zen", "path": "p", "health": "failing", "since": NOON, "bad_rounds": 1}],
        "watch_state": [
            {
                **watch,
                "phase": "listed",
                "as_of": NOON + MINUTE,
                "opened_at": NOON,
                "codes": ["127.0.0.2"],
                "clear_count": 0,
            }
        ],
        "cycle": [round_of(UNVERIFIED, "0001"), round_of(cycle(), "0002")],
        "event": [
            {"key": OPENED.key, "kind": "listing_opened", "at": OPENED.at, **watch, "facts": FACTS},
        ],
        "listing": [episode(OPENED.key)],
        "report_run": [
            {
                "id": "r1",
                "customer": "acme",
                "week": "2026-W47",
                "made_at": NOON,
                "subject": "Your week",
                "html": "h",
                "text": "t",
                "sent_to": ["postmaster@acme.example"],
            }
        ],
        "notification": [
            message(1, state="sent", sent_at=NOON + HOUR, event_key=OPENED.key, thread=f"zen/{IPV4}"),
            message(2, state="pending", next_attempt_at=OPENED.at, report_id="r1", content=b"kept"),
        ],
        "draft": [
            request(2, OPENED.key, "answered", customer="acme", reference="#7", outcome="denied", version=6),
            request(1, "follow-up", "prepared", follow_up_of="d-2"),
        ],
        "draft_step": [
            taken(2, "prepared", NOON, "deliverwatch"),
            taken(1, "prepared", NOON + DAY, "deliverwatch"),
            taken(2, "pulled", NOON + 2 * HOUR),
            taken(2, "pulled", NOON + 3 * HOUR, "other"),
            taken(2, "submitted", NOON + 4 * HOUR, "other", "by form"),
            taken(2, "answered", NOON + 5 * HOUR, "tam", "more, please"),
            taken(2, "answered", NOON + 6 * HOUR, "tam", "no"),
        ],
    }


@pytest.fixture
def store_url(empty_url):
    return empty_url


@pytest.fixture
def database_of_version_1(store_url):
    engine = open_engine(read_url(store_url))
    config = Config()
    config.set_main_option("script_location", "deliverwatch.store:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        tables = MetaData()
        tables.reflect(connection)
        for table, values in rows().items():
            for row in values:
                connection.execute(insert(tables.tables[table]), row)
    engine.dispose()


@pytest.fixture
def upgraded(database_of_version_1, start_store):
    return start_store()


@pytest.mark.filterwarnings("ignore:.*expression-based index:sqlalchemy.exc.SAWarning")  # no test of indexes
class TestUpgrade:
    async def test_what_was_believed_is_believed(self, upgraded):
        assert await upgraded.inventory() == Inventory((ACME,), (Asset(IPV4.value, "acme"),))
        assert await upgraded.inventory_revision() == 0
        load = await upgraded.load_round("zen", NOON)
        assert load.states == {IPV4: STATE}
        assert load.zones == {"p": ZoneState(Health.FAILING, NOON, 1)}
        assert (load.verified_at, load.stale_told, load.openings, load.unstable) == ((NOON,), True, {IPV4: 1}, {})

    async def test_a_verified_round_was_verified_for_every_kind(self, upgraded):
        found = await upgraded.cycles(NOON - DAY, NOON + DAY)
        assert found == [UNVERIFIED, cycle()]
        assert [each.kinds_verified for each in found] == [(), tuple(SubjectKind)]

    async def test_every_listing_was_told_by_itself(self, upgraded):
        (found,) = await upgraded.listings()
        assert isinstance(found, Listing)
        assert found.incident == found.key == OPENED.key

    async def test_what_concerns_a_customer_is_found(self, upgraded):
        (found,) = await upgraded.events_of({"acme"})
        assert (found.event.key, found.event.at) == (OPENED.key, OPENED.at)
        assert [each.event.key for each in await upgraded.events_of({"acme"}, since=OPENED.at)] == [OPENED.key]
        assert [each.key for each in await upgraded.listings_of({"acme"})] == [OPENED.key]
        assert await upgraded.events_of({"bravo"}) == await upgraded.listings_of({"bravo"}) == []

    async def test_what_is_owed_is_sent(self, upgraded):
        (run,) = await upgraded.reports()
        assert isinstance(run, ReportRun)
        assert run.listing_keys == ()
        delivery = await upgraded.claim_notification(NOON + HOUR, LEASE)
        assert (delivery.notification.id, delivery.content) == ("m2", b"kept")
        assert delivery.notification.not_before is delivery.notification.corrects is None

    async def test_what_turns_out_void_is_taken_back(self, upgraded):
        after, ends = closing(in_doubt({IPV4: STATE})[IPV4], NOON + DAY)
        await commit(upgraded, NOON + DAY, states={IPV4: after}, events=ends, notifications=[])
        (found,) = await upgraded.outbox(1)
        assert (found.state, found.notification.event_key) == (NotificationState.PENDING, ends[0].key)
        assert (found.notification.corrects.message_id, found.notification.customers) == ("m1", ("acme",))
        assert alert(OPENED).event_key == OPENED.key

    async def test_opening_it_again_changes_nothing(self, upgraded, store_url, count_rows):
        before = count_rows()
        open_store(store_url).shut()
        assert count_rows() == before
        assert await upgraded.watch_states() == {WATCH: STATE}

    async def test_its_addresses_can_be_warmed_up(self, upgraded):
        assert await upgraded.warmups() == await upgraded.warmup_holds() == []
        run = replace(RUN, customer="acme")
        await upgraded.add_warmup(begun(run))
        assert await upgraded.warmups(open_only=True) == [run]

    async def test_drafts_are_what_they_were_and_lead_on_what_they_were_made_for(self, upgraded):
        waiting, denied = draft("follow-up", form="list-operator"), draft(OPENED.key, 2, form="list-operator")
        waiting = replace(waiting, addressee="zen", cause="follow-up", changed_at=NOON + DAY, follow_up_of="d-2")
        denied = replace(
            denied,
            customer="acme",
            fields=(DraftField("ip", "IP", IPV4.value, 39, "look at noon"),),
            addressee="zen",
            cause=OPENED.key,
            state=DraftState.ANSWERED,
            changed_at=NOON + 6 * HOUR,
            pulled_at=NOON + 3 * HOUR,
            submitted_at=NOON + 4 * HOUR,
            submitted_by="other",
            answered_at=NOON + 6 * HOUR,
            reference="#7",
            outcome=RequestOutcome.DENIED,
            version=6,
        )
        waiting = replace(waiting, fields=denied.fields)
        assert await upgraded.drafts() == [denied, waiting]
        assert await upgraded.undrafted_listings() == []
        assert not await upgraded.add_draft(draft(OPENED.key, 3), step())
        assert not await upgraded.add_draft(draft("follow-up", 3), step())

    async def test_the_steps_of_drafts_go_on(self, upgraded):
        found = await upgraded.draft_steps("d-2")
        assert [(each.at, each.state, each.by, each.note) for each in found] == [
            (NOON, "prepared", "deliverwatch", None),
            (NOON + 2 * HOUR, "pulled", "tam", None),
            (NOON + 3 * HOUR, "pulled", "other", None),
            (NOON + 4 * HOUR, "submitted", "other", "by form"),
            (NOON + 5 * HOUR, "answered", "tam", "more, please"),
            (NOON + 6 * HOUR, "answered", "tam", "no"),
        ]
        assert [(str(each.action), each.facts) for each in found] == [(str(each.state), {}) for each in found]
        closed = replace(await upgraded.draft("d-2"), state=DraftState.CLOSED, version=7)
        await upgraded.move_draft(closed, step(DraftState.CLOSED, "tam", NOON + DAY))
        assert await upgraded.draft_steps("d-2") == [*found, step(DraftState.CLOSED, "tam", NOON + DAY)]

"""`deliverwatch alerts` as a user and a program read it: what was told, why, and silences."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contract.store_values import MINUTE, alert, commit, opening
from deliverwatch.app import App
from deliverwatch.core.alerting import Audience
from deliverwatch.core.incidents import gather
from deliverwatch.core.listing import Watch
from deliverwatch.core.subjects import parse_subject
from deliverwatch.settings import load_settings

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=2)
INVENTORY = """\
esp:
  pools:
    - {id: shared-1, ips: [203.0.113.0/30], customers: [acme, bravo]}
customers:
  - id: acme
    name: Acme Ltd
    service_time_zone: eastern
    tam: {name: Robin Doe, email: robin@esp.example}
    contacts: [postmaster@acme.example]
    pools:
      - {id: acme-news, stream: newsletter, ips: [192.0.2.8/29]}
  - id: bravo
    name: Bravo
    service_time_zone: uk
    tam: {name: Alex Roe, email: alex@esp.example}
    contacts: [postmaster@bravo.example]
    pools:
      - {id: bravo-news, ips: [198.51.100.7]}
"""
ZEN = "spamhaus-zen"
MESSAGE = {
    *("id", "recipient", "channel", "audience", "state", "standing", "because", "created_at", "not_before"),
    *("digest_at", "sent_at", "attempts", "last_error", "about"),
}
KEYS = {"number", "kind", "family", "at", "title", "list", "provider", "subject", "customers", "notifications"}


def note(event, recipient, customers=("acme",), audience=Audience.TAM, **changes):
    made = replace(alert(event, recipient), customers=customers, audience=audience)
    return replace(made, because="route 'urgent', at once: it can't wait\x1b[2J", **changes)


class World:
    def __init__(self, folder):
        self.app = App.open(load_settings(folder / "deliverwatch.toml", {}))
        self.lists = {each.id: each for each in self.app.catalogue.all}

    async def listed(self, at, *addresses, list_id=ZEN, parties=("acme",), notes=None, quiet=False):
        watches = [Watch(list_id, parse_subject(each)) for each in addresses]
        opened = [opening(at, watch) for watch in watches]
        events = [replace(each, facts={**each.facts, "parties": list(parties)}) for _, (each,) in opened]
        events = gather(self.lists[list_id], events, 900)
        if quiet:
            events = [replace(each, facts={**each.facts, "quiet": True}) for each in events]
        notes = [] if quiet else [note(events[0], "robin@esp.example")] if notes is None else notes(events[0])
        states = {watch.subject: state for watch, (state, _) in zip(watches, opened, strict=True)}
        await commit(self.app.store, at + 2 * MINUTE, list_id, states=states, events=events, notifications=notes)

    async def send(self, *, refused=""):
        while (due := await self.app.store.claim_notification(NOW, LEASE)) is not None:
            if due.notification.recipient == refused:
                await self.app.store.notification_failed(due, "550 5.1.1 no such user\r\n\x1b[2Jhere", None)
            else:
                await self.app.store.notification_sent(due, NOW)


@pytest.fixture
async def world(tmp_path, deliverwatch):
    (tmp_path / "deliverwatch.toml").write_text(f'[store]\nurl = "sqlite:///{tmp_path}/state/deliverwatch.db"\n')
    (tmp_path / "customers.yaml").write_text(INVENTORY)
    assert (await deliverwatch("customers", "import", "customers.yaml")).code == 0
    world = World(tmp_path)
    yield world
    await world.app.store.close()


def flat(ran):
    return " ".join(ran.out.split())


async def numbers(deliverwatch, *options):
    """By title."""
    listed = (await deliverwatch("alerts", "list", "--all", "--json", *options)).document
    return {each["title"]: each for each in listed}


async def test_it_is_listed_what_was_told_to_whom_and_how_it_stands(world, deliverwatch):
    assert (await deliverwatch("alerts", "list")).out == "No alerts.\n"
    await world.listed(NOW - 5 * HOUR, "192.0.2.10")
    await world.listed(
        NOW - 4 * HOUR,
        "203.0.113.1",
        parties=("acme", "bravo"),
        notes=lambda event: [
            note(event, "robin@esp.example"),
            note(event, "alex@esp.example", ("bravo",)),
            note(event, "chat", ("acme", "bravo"), Audience.OPERATOR, channel="chat", not_before=NOW + HOUR),
        ],
    )
    await world.send(refused="alex@esp.example")
    await world.listed(NOW - 3 * HOUR, "192.0.2.11", list_id="uceprotect-3", quiet=True)
    await world.listed(NOW - 24 * 8 * HOUR, "192.0.2.12")
    told = await deliverwatch("alerts", "list")
    assert "LISTED (high): 203.0.113.1 on Spamhaus ZEN" in told.out
    assert "robin@esp.example: sent" in told.out
    assert r"alex@esp.example: given up after 1 attempt: 550 5.1.1 no such user\r\n\x1b[2Jhere" in told.out
    assert "chat: waits until" in told.out
    assert "192.0.2.12" not in told.out
    assert "192.0.2.11" not in told.out
    assert told.out.index("203.0.113.1") < told.out.index("192.0.2.10")
    everything = await deliverwatch("alerts", "list", "--all")
    assert "told to nobody" in everything.out
    assert "192.0.2.12" in everything.out

    documents = (await deliverwatch("alerts", "list", "--json")).document
    assert [set(each) for each in documents] == [KEYS, KEYS]
    assert all(set(each) == MESSAGE for document in documents for each in document["notifications"])
    assert documents[1]["notifications"][0]["sent_at"] == NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert documents[1]["provider"] is None

    theirs = await deliverwatch("alerts", "list", "--customer", "bravo")
    assert "203.0.113.1" in theirs.out
    for others in ("192.0.2.10", "robin", "Acme"):
        assert others not in theirs.out


async def test_why_says_who_was_told_by_which_route_and_who_was_not(world, deliverwatch):
    await world.listed(NOW - 5 * HOUR, "192.0.2.10", "192.0.2.11")
    await world.listed(NOW - 4 * HOUR, "192.0.2.9", list_id="uceprotect-3", quiet=True)
    await world.listed(NOW - 3 * HOUR, "192.0.2.12", notes=lambda event: [])
    await world.send()
    found = list((await numbers(deliverwatch)).values())
    lead = next(each for each in found if "192.0.2.10" in each["title"])
    member = next(each for each in found if each["subject"] == "192.0.2.11")
    why = await deliverwatch("alerts", "why", str(lead["number"]))
    assert "robin@esp.example, the account manager or their deputy, was told" in flat(why)
    assert r"by mail (route 'urgent', at once: it can't wait\x1b[2J)." in flat(why)
    assert "Acme Ltd was sent no alert: customers get none, and the weekly report tells it." in flat(why)
    by_message = await deliverwatch("alerts", "why", lead["notifications"][0]["id"])
    assert by_message.out == why.out

    part = await deliverwatch("alerts", "why", str(member["number"]), "--json")
    assert part.document["part_of"]["number"] == lead["number"]
    assert f'it is a part of {lead["number"]} "' in part.document["why"][0]
    assert "was told" in part.document["why"][1]
    informs = next(each for each in found if each["subject"] == "192.0.2.9")
    assert "only informs, and makes no alerts" in flat(await deliverwatch("alerts", "why", str(informs["number"])))
    unrouted = next(each for each in found if each["subject"] == "192.0.2.12")
    assert "no route takes it, or nobody is set up" in flat(
        await deliverwatch("alerts", "why", str(unrouted["number"]))
    )


async def test_what_is_silenced_is_tracked_and_told_afterwards(world, deliverwatch):
    range_of_acme = ("--subject", "192.0.2.8/29", "--place", ZEN, "--kind", "listing", "--customer", "acme")
    made = await deliverwatch(
        "alerts", "silence", "--for", "2h", *range_of_acme, "--reason", "we know\x1b[2J", "--by", "ann", "--json"
    )
    silence = made.document
    assert (silence["subject"], silence["place"], silence["kind"]) == ("192.0.2.8/29", ZEN, "listing")
    assert (silence["customer"], silence["by"], silence["ended_at"]) == ("acme", "ann", None)
    now = datetime.now(UTC)
    await world.listed(
        now - MINUTE, "192.0.2.10", notes=lambda event: [note(event, "robin@esp.example", created_at=now)]
    )
    (kept,) = (await numbers(deliverwatch)).values()
    assert kept["notifications"][0]["standing"] == f"silenced by {silence['id']}"
    why = flat(await deliverwatch("alerts", "why", str(kept["number"])))
    assert f"was not told: silence {silence['id']} by ann covered it until" in why
    assert r'"we know\x1b[2J"' in why

    shown = await deliverwatch("alerts", "silences")
    assert f"{silence['id']}  on until" in shown.out
    assert "listing alerts of customer acme about 192.0.2.8/29 at spamhaus-zen" in flat(shown)
    assert "over" in (await deliverwatch("alerts", "unsilence", silence["id"])).out
    assert (await deliverwatch("alerts", "silences")).out == "No silence.\n"
    assert (await deliverwatch("alerts", "silences", "--all", "--json")).document[0]["ended_at"] is not None
    again = await deliverwatch("alerts", "unsilence", silence["id"])
    assert (again.code, "that is on" in again.err) == (2, True)


async def test_what_was_given_up_is_sent_again_under_its_id(world, deliverwatch):
    await world.listed(NOW - HOUR, "192.0.2.10")
    await world.send(refused="robin@esp.example")
    (dead,) = (await numbers(deliverwatch)).values()
    (message,) = dead["notifications"]
    why = flat(await deliverwatch("alerts", "why", message["id"]))
    assert f"To try again: deliverwatch alerts resend {message['id']}" in why
    assert (await deliverwatch("alerts", "resend", message["id"], "--json")).document["resent"] is True
    again = await world.app.store.claim_notification(datetime.now(UTC), LEASE)
    assert again.notification.id == message["id"]
    await world.app.store.notification_sent(again, NOW)
    assert (await deliverwatch("alerts", "resend", message["id"])).code == 2


WRONG = (
    (("list", "--customer", "nobody"), "there is no customer 'nobody'"),
    (("why", "4711"), "there is no alert '4711'"),
    (("why",), "ID"),
    (("resend", "none"), "was given up"),
    (("unsilence", "s-none"), "there is no silence 's-none' that is on"),
    (("silence", "--for", "2h", "--reason", "x"), "give --customer, --subject, --place or --kind"),
    (("silence", "--for", "2h", "--kind", "listing"), "--reason"),
    (("silence", "--for", "2h", "--kind", "noise", "--reason", "x"), "noise"),
    (("silence", "--kind", "listing", "--reason", "x"), "either --until TIME or --for DURATION"),
    (("silence", "--kind", "listing", "--reason", "x", "--for", "soon"), "expected a duration"),
    (("silence", "--kind", "listing", "--reason", "x", "--until", "2026-12-01T09:00"), "a time with its zone"),
    (("silence", "--place", "spamhaus-zem", "--reason", "x", "--for", "2h"), "did you mean 'spamhaus-zen'?"),
    (("frobnicate",), "frobnicate"),
)


async def test_what_cannot_be_is_one_sentence_and_changes_nothing(world, deliverwatch):
    for arguments, sentence in WRONG:
        ran = await deliverwatch("alerts", *arguments)
        assert (ran.code, ran.out) == (2, ""), (arguments, ran)
        assert sentence in " ".join(ran.err.replace("│", "").split()), (arguments, ran.err)
    assert (await deliverwatch("alerts", "silences", "--json")).document == []

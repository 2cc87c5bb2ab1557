"""From a Postfix log and a SparkPost batch to one block, one throttle and one finding, each with its customer."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.app import App
from deliverwatch.settings import load_settings

INVENTORY = """\
customers:
  - id: acme
    name: Acme Ltd
    service_time_zone: eastern
    tam: {name: Robin Doe, email: robin@esp.example}
    contacts: [postmaster@acme.example]
    pools:
      - {id: acme-news, ips: [192.0.2.10, 192.0.2.11]}
  - id: bravo
    name: Bravo
    service_time_zone: uk
    tam: {name: Alex Roe, email: alex@esp.example}
    contacts: [postmaster@bravo.example]
    pools:
      - {id: bravo-news, ips: [198.51.100.7]}
"""
OUTLOOK = (
    "550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. Please contact your Internet service provider "
    "since part of their network is on our block list (S3140). You can also refer your provider to "
    "http://mail.live.com/mail/troubleshooting.aspx#errors. [Name=Protocol Filter Agent][AGT=PFA][MxId=11BB22CC33DD]"
)
YAHOO = (
    "421 4.7.0 [TSS04] Messages from 198.51.100.7 temporarily deferred due to unexpected volume or user complaints - "
    "4.16.55.1; see https://postmaster.yahooinc.com/error-codes"
)
GMAIL = (
    "550-5.7.26 Your email has been blocked because the sender is unauthenticated. 550-5.7.26 Gmail requires all "
    "senders to authenticate with either SPF or DKIM. 550-5.7.26 Authentication results: DKIM = did not pass 550 "
    "5.7.26 SPF [acme.example] with ip: [192.0.2.11] = did not pass a1b2c3d4-20020a05.12 - gsmtp"
)
BEGAN_AT = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
MX = {
    "outlook": ("hotmail.com", "hotmail-com.olc.protection.outlook.com"),
    "yahoo": ("yahoo.com", "mta5.am0.yahoodns.net"),
    "gmail": ("gmail.com", "gmail-smtp-in.l.google.com"),
}


class Postfix:
    def __init__(self):
        self.lines = []

    def attempt(self, ip, to, at, reply=None, bounced=True):
        number = len(self.lines)
        domain, host = MX[to]
        relay = f"{host}[203.0.113.25]"
        said = f"host {relay} said: {reply} (in reply to end of DATA command)"
        status = "sent (250 2.0.0 OK)" if reply is None else f"{'bounced' if bounced else 'deferred'} ({said})"
        when = at + timedelta(seconds=number % 3000)
        self.lines.append(
            f"{when:%Y-%m-%dT%H:%M:%S.%f}+00:00 mx1 postfix-{ip}/smtp[4711]: {number:010X}A: "
            f"to=<person{number}@{domain}>, relay={relay}:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status={status}"
        )


def postfix_log():
    log = Postfix()
    for number in range(40):  # every second one is put off, and the others arrive
        log.attempt(
            "198.51.100.7", "yahoo", BEGAN_AT + timedelta(hours=number % 4), YAHOO if number % 2 else None, False
        )
    for number in range(60):
        log.attempt("192.0.2.11", "gmail", BEGAN_AT + timedelta(hours=number % 4), GMAIL if number % 3 == 0 else None)
    for number in range(200):  # all is well there, but for two people who are gone
        gone = "550 5.5.0 Requested action not taken: mailbox unavailable" if number < 2 else None
        log.attempt("192.0.2.11", "outlook", BEGAN_AT + timedelta(hours=number % 4), gone)
    return "\n".join(sorted(log.lines)) + "\n"


def sparkpost_batch():
    def event(number, **more):
        at = BEGAN_AT + timedelta(hours=number % 3, seconds=number)
        return {
            "event_id": str(90_000 + number),
            "timestamp": str(int(at.timestamp())),
            "message_id": f"m{number}",
            "sending_ip": "192.0.2.10",
            "ip_pool": "acme-news",
            "rcpt_to": f"person{number}@hotmail.com",
            "recipient_domain": "hotmail.com",
            "routing_domain": "hotmail.com",
            "mailbox_provider": "Hotmail / Outlook",
            "msg_from": "bounces@acme.example",
            "friendly_from": "news@acme.example",
            **more,
        }

    refused = {"type": "bounce", "bounce_class": "51", "error_code": "550", "raw_reason": OUTLOOK, "reason": OUTLOOK}
    gone = "550 5.1.1 The email account that you tried to reach does not exist"
    events = [event(number, **refused) for number in range(30)]
    events += [event(number, type="delivery") for number in range(30, 33)]
    events.append(event(33, type="bounce", bounce_class="10", error_code="550", raw_reason=gone, reason=gone))
    return json.dumps([{"msys": {"message_event": each}} for each in events])


@pytest.fixture
def run(commands, tmp_path):
    async def run(*arguments):
        ran = await commands.run(tmp_path, {"PATH": "/usr/bin:/bin", "HOME": tmp_path}, *arguments)
        assert ran.code == 0, ran.err
        return ran.document if "--json" in arguments else ran.out

    return run


async def test_one_block_one_throttle_and_one_finding(run, tmp_path):
    (tmp_path / "deliverwatch.toml").write_text(f'[store]\nurl = "sqlite:///{tmp_path}/state/deliverwatch.db"\n')
    (tmp_path / "customers.yaml").write_text(INVENTORY)
    (tmp_path / "mail.log").write_text(postfix_log())
    (tmp_path / "batch.json").write_text(sparkpost_batch())
    await run("customers", "import", "customers.yaml")
    for file in (("postfix", "mail.log"), ("sparkpost-webhook", "batch.json")):
        ingested = await run("ingest", *file, "--json")
        assert (ingested["rejected"], ingested["accepted"] > 0) == (0, True)
    found = await run("blocks", "--json")
    assert {(each["kind"], each["provider"], each["subject"], each["class"], *each["customers"]) for each in found} == {
        ("block", "microsoft_consumer", "192.0.2.10", "ip_block", "acme"),
        ("throttle", "yahoo", "198.51.100.7", "rate_limit", "bravo"),
        ("finding", "google", "192.0.2.11", "auth_failure", "acme"),
    }
    assert all(each["closed_at"] is None and each["mail_share"] for each in found)
    assert "person" not in json.dumps(found)
    assert [each["subject"] for each in await run("blocks", "--customer", "bravo", "--json")] == ["198.51.100.7"]

    for file in (("postfix", "mail.log"), ("sparkpost-webhook", "batch.json")):
        assert (await run("ingest", *file, "--json"))["accepted"] == 0
    assert await run("blocks", "--json") == found


async def test_one_message_that_is_tried_for_hours_is_no_block(run, tmp_path):
    """And five of them are: Postfix tells by the queue id which is which."""
    (tmp_path / "deliverwatch.toml").write_text(f'[store]\nurl = "sqlite:///{tmp_path}/state/deliverwatch.db"\n')
    later = OUTLOOK.replace("550 5.7.1", "451 4.7.650")
    (tmp_path / "one.log").write_text(tried_again(later, ["4AAA"]))
    (tmp_path / "five.log").write_text(tried_again(later, ["4AAB", "4AAC", "4AAD", "4AAE", "4AAF"]))
    assert (await run("ingest", "postfix", "one.log", "--json"))["accepted"] == 5
    assert await run("blocks", "--json") == []
    await run("ingest", "postfix", "five.log", "--json")
    (block,) = await run("blocks", "--kind", "block", "--json")
    assert (block["subject"], block["closed_at"], block["evidence"]["bounced"]) == ("192.0.2.10", None, 0)


async def test_an_old_file_is_judged_even_if_its_reader_was_killed_before(run, tmp_path):
    store = f"sqlite:///{tmp_path}/state/deliverwatch.db"
    (tmp_path / "deliverwatch.toml").write_text(f'[store]\nurl = "{store}"\n')
    log = Postfix()
    for number in range(20):
        log.attempt("192.0.2.10", "outlook", BEGAN_AT - timedelta(days=40) + timedelta(minutes=number), OUTLOOK)
    (tmp_path / "mail.log").write_text("\n".join(log.lines) + "\n")
    app = App.open(load_settings(None, {"DELIVERWATCH_STORE__URL": store}))
    await app.intake.ingest(app.intake.source("postfix"), tmp_path / "mail.log", lambda totals: None)
    await app.store.close()
    assert await run("blocks", "--json") == []
    assert (await run("ingest", "postfix", "mail.log", "--json"))["duplicates"] == 20
    assert [each["kind"] for each in await run("blocks", "--json")] == ["block"]


def tried_again(reply, queue_ids):
    """At the full hour, five times each."""
    domain, host = MX["outlook"]
    relay = f"{host}[203.0.113.25]"
    return "".join(
        f"{BEGAN_AT + timedelta(hours=hour):%Y-%m-%dT%H:%M:%S}+00:00 mx1 postfix-192.0.2.10/smtp[4711]: {queue_id}: "
        f"to=<person@{domain}>, relay={relay}:25, delay=1, delays=0/0/0/1, dsn=4.7.650, "
        f"status=deferred (host {relay} said: {reply} (in reply to end of DATA command))\n"
        for hour in range(5)
        for queue_id in queue_ids
    )

"""Every place to which the program puts out anything. A new output is one function more, with `@sink` above it."""

import asyncio
import json
import sys
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx

from canary.installation import ADDRESS, DOMAIN, KEYS, LISTS, SOURCE_SECRETS, Installation
from deliverwatch.channels.webhook import WebhookChannel
from deliverwatch.core.access import Scope
from deliverwatch.core.errors import ChannelFailed, ConfigError
from deliverwatch.core.remediation.customer_word import ActionRequest
from deliverwatch.core.remediation.facts import FROM_CUSTOMER
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.service_hours import week_of, zone_of
from deliverwatch.core.subjects import Subject, SubjectKind, parse_subject
from deliverwatch.flows.ports import OutgoingMail
from deliverwatch.flows.send_reports import preview
from deliverwatch.in_use import make_lookups
from deliverwatch.lookup.bulk_resolver import BulkResolver
from deliverwatch.lookup.dns_lookups import DIRECT, DnsLookups
from deliverwatch.lookup.names import query_name
from deliverwatch.lookup.paths import endpoint
from deliverwatch.render.action_request import action_request_words
from deliverwatch.render.draft_ways import eml, mailto
from deliverwatch.settings import load_settings
from deliverwatch.web import House, create_app
from desk.places import examples, filled, routes
from web.signing_in import sign_in, token

Sink = Callable[[Installation], Awaitable[bytes]]
SINKS: dict[str, Sink] = {}


def sink(function: Sink) -> Sink:
    SINKS[function.__name__] = function
    return function


_ALL = [option for list_id in KEYS for option in ("--list", list_id)]


@sink
async def check(here):
    return await here.run("check", ADDRESS, DOMAIN, *_ALL)


@sink
async def check_as_json(here):
    return await here.run("check", ADDRESS, DOMAIN, *_ALL, "--json")


@sink
async def lists_show(here):
    return await here.run("lists", "show", "spamhaus-zen")


@sink
async def lists(here):
    return await here.run("lists", "--json")


@sink
async def lists_health(here):
    return await here.run("lists", "health", "--json")


@sink
async def config_show(here):
    return await here.run("config", "show")


@sink
async def listings(here):
    return await here.run("listings", "--json")


@sink
async def blocks(here):
    await here.run("ingest", "json", "refused.records")
    return await here.run("blocks", "--json")


@sink
async def warmups(here):
    """Of an address that is listed, and held for it."""
    today = here.app.clock.now().date().isoformat()
    started = await here.run("warmup", "start", "--ip", ADDRESS, "--plan", "sparkpost-stages", "--on", today)
    wanted = (("status",), ("status", "--json"), ("show", ADDRESS), ("show", ADDRESS, "--json"), ("pools",))
    return b"\n".join([started, *[await here.run("warmup", *arguments) for arguments in wanted]])


@sink
async def drafts(here):
    (draft, *_) = await here.app.store.drafts()
    return await here.run("drafts", "show", draft.id)


async def _draft(here):
    (draft, *_) = await here.app.store.drafts()
    return draft


@sink
async def draft_to_copy(here):
    return await here.run("drafts", "export", (await _draft(here)).id)


@sink
async def draft_as_markdown(here):
    return await here.run("drafts", "export", (await _draft(here)).id, "--as", "markdown")


@sink
async def draft_as_json(here):
    return await here.run("drafts", "export", (await _draft(here)).id, "--as", "json")


@sink
async def draft_as_a_mail(here):
    by_mail = replace(await _draft(here), channel=FormChannel.EMAIL, to="removal@lists.example")
    return eml(by_mail, "Example ESP <ops@esp.example>")


@sink
async def draft_as_a_link(here):
    """A short one: the name of the company, which stands in every text."""
    draft = await _draft(here)
    text = draft.facts["requester_company"]
    return mailto(replace(draft, channel=FormChannel.EMAIL, to="removal@lists.example", text=text, fields=())).encode()


@sink
async def evidence(here):
    return await here.run("drafts", "evidence", (await _draft(here)).id)


@sink
async def question_to_a_customer(here):
    draft, now = await _draft(here), here.app.clock.now()
    (customer,) = (await here.app.store.inventory()).customers
    company = here.app.settings.requester.company
    asked = ActionRequest("a-1", customer.id, draft.id, now, "robin", customer.language, FROM_CUSTOMER)
    words = action_request_words(asked, draft, customer, draft.subjects, [f"{company}: {draft.evidence}"])
    return f"{words.subject}\n{words.text}\n{words.html}".encode()


@sink
async def help_desk(here):
    """What it is told, and what is said when it hears nothing."""
    assert here.desk.heard
    silent = WebhookChannel(here.app.settings.drafts.webhook.get_secret_value(), "x", here.app.clock.now)
    try:
        await replace(silent, url=silent.url.replace("127.0.0.1:", "127.0.0.1:1/")).deliver(_NOTHING)
    except ChannelFailed as failure:
        told = "".join(traceback.format_exception(failure)) + repr(silent)
    return b"\n".join([*(body for _, _, body in here.desk.heard), told.encode()])


_NOTHING = OutgoingMail("ops@esp.example", "help desk", "m-1", b"{}")


@sink
async def what_is_said_of_a_wrong_configuration(here):
    return await here.run("check", ADDRESS, "--config", "wrong.toml")


@sink
async def log(here):
    return here.log.getvalue().encode()


@sink
async def alerts(here):
    return b"\n".join(mail.content for mail in here.mailbox.messages)


@sink
async def alerts_listed(here):
    """Also those that no channel took, each with the last reason."""
    out = await here.run("alerts", "list", "--json")
    assert b"was not reached" in out
    return out


@sink
async def why_somebody_was_told(here):
    told = json.loads(await here.run("alerts", "list", "--json"))
    return b"\n".join([await here.run("alerts", "why", str(each["number"])) for each in told])


@sink
async def weekly_report(here):
    inventory = await here.app.store.inventory()
    (customer,) = inventory.customers
    week, _ = week_of(here.app.clock.now(), zone_of(customer.service_time_zone))
    made = await preview(here.app.store, here.app.reporting.desk, here.app.clock, inventory, customer, week)
    return b"\n".join(here.app.reporting.files(made).values())


def _house(here):
    return House(here.app, lambda: here.daemon.last_tick_at, here.daemon.pace.tick_at_most)


@sink
async def pages(here):
    """As an operator sees them, and what anybody may ask for."""
    app, more = create_app(_house(here)), ["/missing", f"/unsubscribe/{'x' * 32}", "/search?q=spamhaus"]
    found = await _addresses(here, app, lambda path: not path.startswith("/api/"))
    async with _browser(app) as browser:
        await sign_in(browser, app.state.house)
        answers = {path: await browser.get(path) for path in (*found, *more)}
    assert {answers[path].status_code for path in ("/", "/status", "/customers/acme", "/metrics")} == {200}
    return _everything(answers.values())


@sink
async def api(here):
    app = create_app(_house(here))
    found = await _addresses(here, app, lambda path: path.startswith("/api/") and not path.endswith("/stream"))
    headers = await token(app.state.house, Scope.ADMIN)
    async with _browser(app) as program:
        answers = {path: await program.get(path, headers=headers) for path in (*found, "/api/openapi.json")}
    assert {answers[f"/api/v1/{path}"].status_code for path in ("drafts", "listings", "customers/acme/data")} == {200}
    return _everything(answers.values())


async def _addresses(here, app, wanted):
    values = await examples(app.state.house, "acme")
    found = [filled(path, values) for method, path in routes(app) if method == "GET" and wanted(path)]
    return [each for each in found if each is not None]


def _browser(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080")


def _everything(answers):
    return b"\n".join(answer.content + repr(answer.headers).encode() for answer in answers)


def _records(here):
    """A file with sending data, none of which can be read; its name comes back with the reasons."""
    return next(here.folder.glob("*.records")).name


@sink
async def ingest(here):
    return b"\n".join([await here.run("ingest", "json", name) for name in (_records(here), _records(here) + ".none")])


@sink
async def sources(here):
    await here.run("ingest", "json", _records(here))
    wanted = ((), ("--json",), ("rejections",), ("rejections", "--json"), ("unknown",), ("replies",), ("unwatched",))
    return b"\n".join([await here.run("sources", *arguments) for arguments in wanted])


@sink
async def webhook_receivers(here):
    """Their answers, and what they log."""
    pages = create_app(_house(here))
    name, secret = _records(here).partition(".")[0], SOURCE_SECRETS["sparkpost-webhook"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(pages), base_url="http://127.0.0.1:8080") as platform:
        answers = [await platform.post(f"/ingest/{name}", content=b"[]")]
        for header in ({}, {"x-messagesystems-webhook-token": secret}, {"content-encoding": "br"}):
            answers.append(await platform.post("/ingest/sparkpost-webhook", content=b"[]", headers=header))
    assert {answer.status_code for answer in answers} == {404, 401, 200, 415}
    return b"\n".join(answer.content + repr(answer.headers).encode() for answer in answers) + await log(here)


@sink
async def database_files(here):
    return await _apart(_FILES, here)


@sink
async def database_rows(here):
    return await _apart(_ROWS, here)


_FILES = """
import pathlib, sys
for file in sorted(pathlib.Path(sys.argv[1]).glob("deliverwatch.db*")):
    sys.stdout.buffer.write(file.read_bytes() + b"\\n")
"""
_ROWS = """
import sqlite3, sys
connection = sqlite3.connect(f"file:{sys.argv[1]}/deliverwatch.db?mode=ro", uri=True)
tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
for table in tables:
    for row in connection.execute(f'SELECT * FROM "{table}"'):
        for value in row:
            sys.stdout.buffer.write((value if isinstance(value, bytes) else str(value).encode()) + b"\\n")
"""


async def _apart(program, here):
    """In a process of its own: a second library of SQLite in ours, or a file that is opened and closed, would give up
    the locks of the store's (sqlite.org/howtocorrupt.html, section 2.2), which writes while a report is made."""
    reader = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, str(here.folder)), stdout=asyncio.subprocess.PIPE
    )
    read, _ = await reader.communicate()
    assert reader.returncode == 0
    return read


@sink
async def answers(here):
    """All that a look-up hands to the rest of the program, by each engine and straight to the list's servers."""
    told: list[object] = []
    for list_id, resolver in _resolvers(here):
        blocklist = LISTS[list_id]
        subject = parse_subject(ADDRESS if parse_subject(ADDRESS).kind in blocklist.kinds else DOMAIN)
        told.append(resolver)
        told += await resolver.ask_all(blocklist, [subject, Subject(subject.kind, "no name")], lambda _: False)
        told.append(await resolver.reason(blocklist, subject.kind, subject.value))
        await resolver.close()
    return "\n".join(f"{each!r} {each}" for each in told).encode()


def _resolvers(here):
    address, settings = here.nameserver.address, here.app.settings
    second = DnsLookups(["192.0.2.53"], [address], KEYS, settings.dns.timeout_for)

    async def find(_):
        return [endpoint(address)]

    for list_id in KEYS:
        yield list_id, make_lookups(settings).open(address)
        yield list_id, second.open(address)
        yield list_id, BulkResolver(DIRECT, KEYS, settings.dns.timeout_for, find, lambda _: None, recursion=False)


@sink
async def exceptions(here):
    """Their words and their tracebacks, and what a debugger's first look at the objects shows."""
    told = [repr(here.app.settings), repr(here.app.settings.rows()), repr(make_lookups(here.app.settings))]
    for list_id, key in KEYS.items():
        for fails in (
            lambda key=key, list_id=list_id: DnsLookups(["192.0.2.53"], keys={list_id: f"{key}.evil"}),
            lambda key=key, list_id=list_id: query_name(LISTS[list_id], SubjectKind.DOMAIN, "two words", key),
            lambda key=key, list_id=list_id: query_name(LISTS[list_id], SubjectKind.DOMAIN, "long." * 60, key),
            lambda: load_settings(here.folder / "wrong.toml", {}),
        ):
            try:
                told.append(repr(fails()))
            except (ValueError, ConfigError) as failure:
                told.append("".join(traceback.format_exception(failure)))
    return "\n".join(told).encode()

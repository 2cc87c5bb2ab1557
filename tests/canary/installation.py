"""An installation with account keys, whose keyed lists fail in every way there is while it watches for some hours.

`planted`: the same installation with the keys put where they must not be, in the operator's own files and in what the
lists say. It is there to show that the search finds them in every output.
"""

import asyncio
import base64
import io
import json
import logging
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import structlog
import yaml

from deliverwatch.app import App, Policy
from deliverwatch.catalogue.blocklists import load_lists
from deliverwatch.catalogue.inventory import read_inventory
from deliverwatch.clock import SystemClock
from deliverwatch.core.blocklist import query_label
from deliverwatch.core.inventory_diff import plan_import
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.daemon import Daemon
from deliverwatch.lookup.dns_lookups import DnsLookups
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.sandbox.mailbox import Mailbox
from deliverwatch.sandbox.nameserver import Nameserver
from deliverwatch.sandbox.zones import Mode, zone_for
from deliverwatch.serve import set_up_logs
from deliverwatch.settings import load_settings
from servers.help_desk import help_desk

LISTS = {each.id: each for each in load_lists().usable}
ADDRESS, DOMAIN = "192.0.2.10", "news.acme.example"
KEYS = {
    "spamhaus-zen": "aB3xKq-CaNaRyZen-7Hh2",
    "spamhaus-dbl": "Zz9pLm-cAnArYdbl-0Qw4",
    "spamhaus-zrd": "T5rEwQ-CANARYzrd-yU8i",
    "spamhaus-authbl": "mN6bVc-canaryAUTH-X1z2",
    "abusix-combined": "Po0iUy-CanarYabx-tR3e",
    "abusix-dblack": "Lk2jHg-cAnarYblk-fD9s",
    "spamrats-spam": "Gh7jKl-CAnaryRat-9Pq1",
    "trendmicro-ers": "Vb4nMz-canARYtme-W6xc",
}
SOURCE_SECRETS = {
    "sparkpost-webhook": "Wh6tOk-CaNaRyWebh-5Rt9",
    "snds": "Sn4dKe-cAnArYsnds-8Yz2",
    "sendgrid": "Sg2hUm-CanARYgrid-4Kx7",
}
"""Secrets of data sources, which are looked for like keys of lists."""
WEBHOOK_SECRETS = {
    "webhook": "Hk5wEb-CaNaRyDesk-3Qv8",
    "webhook_secret": "Hs8sIg-cAnArYsign-6Lm1",
}
"""What is in the address of the help desk, and what signs the calls."""
CHANNEL_SECRETS = {
    "chat": "Ch7aTk-CaNaRyChat-2Wd4",
    "pager": "Pg3eRr-cAnArYpage-9Tn6",
    "ops": "Op5sHk-CANARYopsh-8Bv1",
    "ops_secret": "Oq6sSg-canaryOPSS-4Lz7",
    "more": "Ap8rSe-CanarYappr-6Jc3",
}
"""What is in the addresses of channels, pages with them, or signs what they are told."""
SECRETS = KEYS | SOURCE_SECRETS | WEBHOOK_SECRETS | CHANNEL_SECRETS
_LONGEST_OUTPUT = 1 << 24
_INVENTORY = f"""\
customers:
  - id: acme
    name: Acme Ltd
    service_time_zone: eastern
    tam: {{name: Robin Doe, email: robin@esp.example}}
    contacts: [postmaster@acme.example]
    pools:
      - {{id: acme-news, stream: newsletter, ips: [192.0.2.8/29]}}
    domains:
      - {{name: {DOMAIN}, roles: [from, link]}}
"""


class Installation:
    """What sinks read. `run` is a command, as a user runs it."""

    def __init__(self, folder, app, daemon, nameserver, mailbox, desk, log, commands):
        self.folder = folder
        self.app = app
        self.daemon = daemon
        self.nameserver = nameserver
        self.mailbox = mailbox
        self.desk = desk
        self.log = log
        self._commands = commands
        self._one_at_a_time = asyncio.Lock()

    async def run(self, *arguments):
        async with self._one_at_a_time:
            self._commands.stdin.write(json.dumps(arguments).encode() + b"\n")
            out = json.loads(await self._commands.stdout.readline())
        assert out, arguments
        return out.encode()


@asynccontextmanager
async def installed(folder, *, planted):
    async with AsyncExitStack() as stack:
        nameserver = _Malformed([_zone(list_id, planted) for list_id in KEYS])
        await nameserver.start()
        stack.push_async_callback(nameserver.stop)
        mailbox = Mailbox(None)
        await mailbox.start()
        stack.push_async_callback(mailbox.stop)
        desk, address = await stack.enter_async_context(help_desk())
        _write_files(folder, nameserver, mailbox, address.rpartition("@")[2].partition("/")[0], planted)
        log = io.StringIO()
        _log_everything(log)
        stack.callback(_log_as_before)
        clock = SteppedClock(SystemClock().now() - timedelta(hours=5))
        app = App.open(load_settings(folder / "deliverwatch.toml", {}), clock, Policy())
        stack.push_async_callback(app.store.close)
        await _watch(app, clock, daemon := Daemon(app), folder)
        _break_off()
        commands = await _start_commands(folder)
        yield Installation(folder, app, daemon, nameserver, mailbox, desk, log, commands)
        commands.stdin.close()
        await commands.wait()


async def _start_commands(folder):
    return await asyncio.create_subprocess_exec(
        *(sys.executable, str(Path(__file__).with_name("commands.py"))),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "USER": "robin", "COLUMNS": "200"},
        limit=_LONGEST_OUTPUT,
    )


async def _watch(app, clock, daemon, folder):
    wanted = read_inventory(folder / "customers.yaml")
    held = await app.store.inventory()
    change = plan_import(held, wanted.customers, wanted.assets, wanted.has_esp, clock.now().date())
    await app.store.apply_inventory(change, clock.now())
    for _ in range(3):
        for _ in range(2):
            await daemon.start_due()
            await daemon.settle()
        clock.advance(timedelta(hours=1))


def _break_off():
    """As the daemon logs work that broke, with a key in every frame."""
    for list_id, key in KEYS.items():
        try:
            DnsLookups(["192.0.2.53"], keys={list_id: f"{key}.evil"})
        except ValueError as failure:
            structlog.get_logger().error("work_broke", error=str(failure), exc_info=failure)


class _Malformed(Nameserver):
    """One list answers with the half of a message."""

    async def reply(self, wire, over):
        answer = await super().reply(wire, over)
        return answer[:20] if self.questions[-1].name.endswith(".dblack.mail.abusix.zone") else answer


def _zone(list_id, planted):
    """Each list in a way of its own. Those that answer quote what they were asked, key and all."""
    blocklist, key = LISTS[list_id], KEYS[list_id]
    zone = zone_for(blocklist, key)
    kind = SubjectKind.IPV4 if SubjectKind.IPV4 in blocklist.kinds else SubjectKind.DOMAIN
    label = query_label(kind, ADDRESS if kind is SubjectKind.IPV4 else DOMAIN)
    asked = f"{label}.{blocklist.keyed_zone.replace('{key}', key)}"
    quoted = f"you asked for {asked}, or {asked.upper()}, or {asked.lower()}" + (f" {key[::-1]}" if planted else "")
    match list_id:
        case "spamhaus-zen" | "spamrats-spam" | "spamhaus-authbl":
            zone.list(label, blocklist.codes[0].value, txt=quoted)
            zone.truncates = list_id == "spamrats-spam"
        case "spamhaus-dbl":
            zone.list("dbltest.com", "127.255.255.254", txt=quoted)
        case "spamhaus-zrd":
            zone.mode = Mode.SILENT
        case "abusix-combined":
            zone.mode = Mode.REFUSED
        case "trendmicro-ers":
            zone.mode = Mode.SERVFAIL
    return zone


def _write_files(folder, nameserver, mailbox, desk, planted):
    (folder / "customers.yaml").write_text(_INVENTORY)
    (folder / "overlay").mkdir()
    if planted:
        (folder / "overlay" / "blocklists.yaml").write_text(yaml.safe_dump({"lists": _planted_entries()}))
    company = quote(KEYS["spamhaus-zen"].encode().hex()) if planted else "Example ESP"
    on_by_default = [each.id for each in LISTS.values() if each.on_by_default]
    keys = "\n".join(f'{list_id} = "{key}"' for list_id, key in KEYS.items())
    (folder / "deliverwatch.toml").write_text(f"""\
[store]
url = "sqlite:///{folder}/deliverwatch.db"
[dns]
resolvers = ["{nameserver.address}"]
timeout = "300ms"
direct = ["spamhaus-authbl"]
[lists]
disable = {on_by_default}
[keys]
{keys}
[requester]
company = "{company}"
mailbox = "ops@esp.example"
[drafts]
webhook = "http://robin:{WEBHOOK_SECRETS["webhook"]}@{desk}/{WEBHOOK_SECRETS["webhook"]}"
webhook_secret = "{WEBHOOK_SECRETS["webhook_secret"]}"
[mail]
host = "127.0.0.1"
port = {mailbox.port}
from = "Deliverability <deliverability@esp.example>"
[alerts.channels.chat]
kind = "slack"
url = "http://{desk}/hooks/{CHANNEL_SECRETS["chat"]}"
inside = ["127.0.0.0/8"]
[alerts.channels.pager]
kind = "pagerduty"
url = "http://127.0.0.1:1/v2/enqueue"
key = "{CHANNEL_SECRETS["pager"]}"
inside = ["127.0.0.0/8"]
[alerts.channels.ops]
kind = "webhook"
url = "http://robin:{CHANNEL_SECRETS["ops"]}@127.0.0.1:1/{CHANNEL_SECRETS["ops"]}"
secret = "{CHANNEL_SECRETS["ops_secret"]}"
[alerts.channels.more]
kind = "apprise"
urls = ["json://robin:{CHANNEL_SECRETS["more"]}@127.0.0.1:1/{CHANNEL_SECRETS["more"]}"]
[[alerts.routes]]
name = "everything, everywhere"
to = ["tam", "operator", "chat", "pager", "ops", "more"]
at_once = true
[catalogue]
overlay = "{folder}/overlay"
[sources.sparkpost-webhook]
token = "{SOURCE_SECRETS["sparkpost-webhook"]}"
[sources.snds]
key = "{SOURCE_SECRETS["snds"]}"
url = "http://127.0.0.1:1"
[sources.sendgrid]
api_key = "{SOURCE_SECRETS["sendgrid"]}"
url = "http://127.0.0.1:1"
""")
    records = SOURCE_SECRETS["sparkpost-webhook"] if planted else "data"
    (folder / f"{records}.records").write_text('{"at": "2026-11-20T10:00:00Z", "outcome": "sold"}\n')
    (folder / "refused.records").write_text(_refusals(KEYS["spamhaus-zen"] if planted else "no key"))
    wrong = f'[dns]\ntimeout = "{KEYS["abusix-combined"].lower()}"\n' if planted else ""
    keys = "\n".join(f'{list_id} = "{key}.evil"' for list_id, key in KEYS.items())
    (folder / "wrong.toml").write_text(f"{wrong}[keys]\n{keys}\n")


def _refusals(quoted):
    """Of our address, by a mailbox provider."""
    at = SystemClock().now() - timedelta(hours=1)
    reply = (
        f"550 5.7.1 messages from [{ADDRESS}] weren't sent: part of their network is on our block list (S3140) {quoted}"
    )
    record = {"at": at.isoformat(), "outcome": "bounced", "ip": ADDRESS, "host": "mx.olc.protection.outlook.com"}
    return "".join(json.dumps(record | {"reply": reply, "event_id": str(number)}) + "\n" for number in range(9))


def _planted_entries():
    zen, dbl = KEYS["spamhaus-zen"], KEYS["spamhaus-dbl"]
    return [
        {
            "id": "spamhaus-zen",
            "name": f"ZEN {zen.upper()}",
            "codes": [
                {
                    "value": "127.0.0.2",
                    "impact": "critical",
                    "meaning": f"SBL {base64.b64encode(f'.{zen}.'.encode()).decode()}",
                }
            ],
        },
        {"id": "spamhaus-dbl", "refusals": {"127.255.255.254": f"public resolver {dbl}"}},
    ]


def _log_everything(stream):
    set_up_logs(stream)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    logging.getLogger().setLevel(logging.DEBUG)


def _log_as_before():
    structlog.reset_defaults()
    logging.basicConfig(level=logging.WARNING, force=True)

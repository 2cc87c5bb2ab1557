"""An installation and the world outside it, for `test_remediation`: zones and mail hosts on loopback, logs on disk.

Nothing is put into the store by hand. What lists say is asked of a strict nameserver at the lists' real zone names,
test points included; what providers say is read from a Postfix log and a batch of webhook calls. Only the clock is
moved by hand, and the hours begin when they are told to.
"""

import json
from datetime import UTC, datetime, timedelta

from deliverwatch.app import App
from deliverwatch.catalogue.blocklists import load_lists
from deliverwatch.catalogue.inventory import read_inventory
from deliverwatch.core.blocklist import query_label
from deliverwatch.core.inventory_diff import plan_import
from deliverwatch.core.subjects import parse_subject
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.sandbox.nameserver import Nameserver
from deliverwatch.sandbox.zones import Mode, Record, Zone, list_subject, unlist_subject, zone_for
from deliverwatch.settings import load_settings

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEYS = {"abusix-combined": "madeupkey"}
BY_TERMS = ("spamhaus-zen", "spamhaus-dbl", "barracuda-brbl", "surbl-multi", "invaluement-sip", "s5h")
LISTS = (*KEYS, *BY_TERMS, "spamcop-scbl", "uribl-multi", "psbl", "uceprotect-1", "mailspike-bl")
_CONFIG = """\
[store]
url = "{store}"
[dns]
resolvers = ["{resolver}"]
timeout = "1s"
[lists]
enable = [{enable}]
disable = ["gbudb-truncate"]
[keys]
{keys}
[requester]
company = "Example ESP"
name = "Deliverability team"
role = "Postmaster desk"
phone = "+1 555 0100"
mailbox = "postmaster@esp.example"
abuse_desk = "abuse@esp.example"
[mail]
from = "Deliverability <deliverability@esp.example>"
"""


class Outside:
    """The lists, and the DNS of the providers' own domains."""

    def __init__(self):
        self._lists = {each.id: each for each in load_lists().usable if each.id in LISTS}
        self.zones = {id_: zone_for(each, KEYS.get(id_)) for id_, each in self._lists.items()}
        self._net = Zone("net")
        self.nameserver = Nameserver([*self.zones.values(), self._net])

    def put(self, list_id, subject, *codes, text=None):
        list_subject(self.zones[list_id], self._lists[list_id], parse_subject(subject), *codes, txt=text)

    def drop(self, list_id, subject):
        unlist_subject(self.zones[list_id], self._lists[list_id], parse_subject(subject))

    def spoil(self, list_id, address, mode):
        """What the list says of one address."""
        self.zones[list_id].misbehave(_reversed(address), mode)

    def refuse_everything(self, list_id, *addresses):
        """As Spamhaus does with a resolver it does not serve: every name has the same answer, test points too."""
        zone = self.zones[list_id]
        for label in {*zone.records, *map(_reversed, addresses)}:
            zone.list(label, "127.255.255.254")

    def lie(self, list_id, kind):
        """From now on it lists what it must not, of one kind of subjects."""
        for label in self._innocent(list_id, kind):
            self.zones[list_id].list(label)

    def tell_the_truth(self, list_id, kind):
        for label in self._innocent(list_id, kind):
            self.zones[list_id].unlist(label)

    def _innocent(self, list_id, kind):
        return [query_label(kind, point.name) for point in self._lists[list_id].points_for(kind) if not point.expect]

    def mail_host(self, domain, host):
        self._net.misbehave(domain.removesuffix(".net"), Mode.NORMAL)
        self._net.records[domain.removesuffix(".net")] = Record((), mx=(f"10 {host}.",))

    def no_mail_host_answer(self, domain):
        self._net.misbehave(domain.removesuffix(".net"), Mode.SILENT)


def _reversed(address):
    return ".".join(reversed(address.split(".")))


class PostfixLog:
    """Attempts of the six hours before noon, of as many people as attempts."""

    def __init__(self):
        self._lines = []

    def refuse(self, ip, host, domain, reply, *, times=30, bounced=True, accepted=0):
        status = "bounced" if bounced else "deferred"
        for _ in range(times):
            self._attempt(ip, host, domain, f"{status} ({_said(host, reply)} (in reply to RCPT TO command))")
        for _ in range(accepted):
            self._attempt(ip, host, domain, "sent (250 2.0.0 OK)")

    def _attempt(self, ip, host, domain, status):
        number = len(self._lines)
        at = NOON - 6 * HOUR + number % 6 * HOUR + timedelta(seconds=number % 3000)
        self._lines.append(
            f"{at:%Y-%m-%dT%H:%M:%S.%f}+00:00 mx1 postfix-{ip}/smtp[4711]: {number:010X}A: "
            f"to=<person{number}@{domain}>, relay={host}[203.0.113.250]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, "
            f"status={status}"
        )

    def write(self, file):
        file.write_text("".join(f"{line}\n" for line in sorted(self._lines)))


def _said(host, reply):
    return f"host {host}[203.0.113.250] said: {reply}"


class SparkPostBatch:
    """What a sending platform's webhook brings: no host, so that the recipient's domain tells who spoke."""

    def __init__(self):
        self._events = []

    def refuse(self, ip, domain, reply, *, times=30):
        for _ in range(times):
            number = len(self._events)
            at = NOON - 5 * HOUR + number % 5 * HOUR + timedelta(seconds=number)
            self._events.append(
                {
                    "event_id": str(70_000 + number),
                    "type": "bounce",
                    "timestamp": str(int(at.timestamp())),
                    "message_id": f"m{number}",
                    "sending_ip": ip,
                    "rcpt_to": f"person{number}@{domain}",
                    "recipient_domain": domain,
                    "routing_domain": domain,
                    "msg_from": "bounces@news.acme.example",
                    "bounce_class": "51",
                    "error_code": reply[:3],
                    "raw_reason": reply,
                    "reason": reply,
                }
            )

    def write(self, file):
        file.write_text(json.dumps([{"msys": {"message_event": each}} for each in self._events]))


class Installation:
    """Hours pass by hand: lists are asked, what came in is judged. Drafts are prepared when told to."""

    def __init__(self, app, clock, files):
        self.app, self.clock, self._files = app, clock, files
        self._started = {}

    @classmethod
    async def open(cls, folder, store_url, resolver, inventory, files):
        config, customers = folder / "deliverwatch.toml", folder / "customers.yaml"
        enable = ", ".join(f'"{each}"' for each in BY_TERMS)
        keys = "\n".join(f'{list_id} = "{key}"' for list_id, key in KEYS.items())
        config.write_text(_CONFIG.format(store=store_url, resolver=resolver, enable=enable, keys=keys))
        customers.write_text(inventory)
        clock = SteppedClock(NOON)
        app = App.open(load_settings(config, {}), clock)
        wanted = read_inventory(customers)
        before = await app.store.inventory()
        change = plan_import(before, wanted.customers, wanted.assets, wanted.has_esp, NOON.date())
        await app.store.apply_inventory(change, clock.now())
        return cls(app, clock, files)

    async def read(self):
        """The files, in what is new of them; how many records of them that was."""
        accepted = 0
        for source, file in self._files.items():
            totals = await self.app.intake.ingest(self.app.intake.source(source), file, lambda totals: None)
            assert not totals.rejected, totals.rejections
            accepted += totals.accepted
        await self.app.judge()
        return accepted

    async def hour(self):
        """All rounds that fall due within it."""
        while due := await self.app.due_rounds(self._started):
            for each in due:
                self._started[each.kind] = self.clock.monotonic()
                await self.app.run_round(each)
        await self.app.judge()
        self.clock.advance(HOUR)

    async def prepare(self):
        return await self.app.remediation.prepare()

    async def last_cycle(self, list_id):
        return (await self.app.store.last_cycles())[list_id]

"""One installation with the shipped forms and lists, on a real store and a clock moved by hand.

Listings go through the real fold, blocks are committed as the judging commits them; what is looked at here begins where
events end.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from contract.store_values import clear, commit, cycle
from deliverwatch.app import App
from deliverwatch.core import listing as core_listing
from deliverwatch.core.block import Episode, EpisodeEnd, EpisodeKind, episode_key
from deliverwatch.core.events import Ending
from deliverwatch.core.inventory import Asset, Customer, Language, ServiceZone, Tam
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import ListingPolicy, ListingState, Look, Watch, end
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import DomainRole, parse_subject
from deliverwatch.core.verdict import Answer, Outcome, Reply, judge
from deliverwatch.flows.delivery_ports import EpisodeChanges
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.settings import load_settings

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

ACME = Customer("acme", "Acme Ltd", ServiceZone.EASTERN, Tam("Tam A", "tam-a@esp.example"), ("mail@acme.example",))
BRAVO = Customer(
    "bravo", "Bravo GmbH", ServiceZone.UK, Tam("Tam B", "tam-b@esp.example"), ("mail@bravo.example",), Language.DE
)
ASSETS = (
    Asset("192.0.2.0/26", "acme", pool="acme-news", stream="newsletter", network_owner="Example ESP"),
    Asset("2001:db8::/120", "acme", pool="acme-news", stream="newsletter"),
    Asset("news.acme.example", "acme", roles=(DomainRole.FROM, DomainRole.ENVELOPE, DomainRole.DKIM)),
    Asset("198.51.100.0/28", "bravo", pool="bravo"),
    Asset("news.bravo.example", "bravo", roles=(DomainRole.FROM, DomainRole.ENVELOPE)),
    Asset("203.0.113.0/29", None, shared_with=("acme", "bravo"), pool="shared-1"),
)

_CONFIG = """
[store]
url = "sqlite:///{folder}/deliverwatch.db"
[dns]
resolvers = ["127.0.0.1:9"]
timeout = "200ms"
[requester]
company = "Example ESP"
name = "Deliverability team"
role = "Postmaster desk"
phone = "+1 555 0100"
mailbox = "postmaster@esp.example"
abuse_desk = "abuse@esp.example"
[mail]
from = "Deliverability <deliverability@esp.example>"
{more}
"""


class World:
    """`app` acts; `pass_` moves the clock and lets the program do its part."""

    def __init__(self, folder, more=""):
        self.clock = SteppedClock(NOON)
        file = folder / "deliverwatch.toml"
        file.write_text(_CONFIG.format(folder=folder, more=more))
        self.app = App.open(load_settings(file, {}), self.clock)
        self.store = self.app.store
        self.remediation = self.app.remediation
        self._lists = {each.id: each for each in self.app.catalogue.all}
        self._states = {}

    async def start(self):
        change = InventoryChange(customers_added=(ACME, BRAVO), assets_added=ASSETS)
        await self.store.apply_inventory(change, NOON - 30 * DAY)
        return self

    async def after(self, span_for=timedelta(0)):
        """What the program does by itself; how many drafts it made."""
        self.clock.advance(span_for)
        return await self.remediation.prepare()

    async def drafts(self, **only):
        return await self.store.drafts(**only)

    async def the_draft(self):
        (draft,) = await self.drafts()
        return draft

    def desk(self, by="pat"):
        return self.remediation.desk(by)

    async def listed(self, subject, list_id, codes=("127.0.0.2",), reason="sends spam"):
        watch, now = Watch(list_id, parse_subject(subject)), self.clock.now()
        verdict = judge(self._lists[list_id], Answer(Reply.ANSWER, tuple(codes)))
        assert verdict.outcome is Outcome.LISTED, verdict
        looks = [
            Look(now - HOUR, "192.0.2.53:53", verdict, reason=reason),
            Look(now, "192.0.2.54:53", verdict, reason=reason),
        ]
        return await self._looked(watch, looks)

    async def clear(self, subject, list_id):
        """Three looks over two hours."""
        watch, now = Watch(list_id, parse_subject(subject)), self.clock.now()
        return await self._looked(watch, [clear(now), clear(now + HOUR), clear(now + 2 * HOUR)])

    async def _looked(self, watch, looks):
        state, events = self._states.get(watch, ListingState()), []
        for look in looks:
            state, happened = core_listing.fold(state, watch, look, ListingPolicy())
            events += happened
        await self._commit(watch, state, events)
        return events[-1]

    async def ended(self, subject, list_id, ending=Ending.VOID):
        watch, now = Watch(list_id, parse_subject(subject)), self.clock.now()
        state, events = end(self._states[watch], watch, now, ending)
        await self._commit(watch, state, events)

    async def _commit(self, watch, state, events):
        self._states[watch] = state
        now = self.clock.now()
        await commit(
            self.store,
            now,
            watch.list_id,
            cycle=cycle(now, watch.list_id),
            states={watch.subject: state},
            events=events,
        )

    async def blocked(self, subject, provider, reply, class_=ReplyClass.IP_BLOCK, **changes):
        """An episode, as the judging writes it."""
        named, now = parse_subject(subject), self.clock.now()
        kind = changes.pop("kind", EpisodeKind.BLOCK)
        rule = changes.pop("rule", "a-rule")
        episode = Episode(
            episode_key(kind, provider, named, class_, now),
            kind,
            provider,
            named,
            str(class_),
            class_,
            now,
            now,
            evidence={"rule": rule, "replies": 90, "bounced": 90, "attempted": 100, "samples": [reply]},
            **changes,
        )
        await self.store.commit_episodes(EpisodeChanges([episode]))
        return episode

    async def accepted(self, episode, ended=EpisodeEnd.ACCEPTED):
        closed = replace(
            episode, closed_at=self.clock.now(), ended=ended, evidence={**episode.evidence, "accepted": 12}
        )
        await self.store.commit_episodes(EpisodeChanges([closed]))

    async def moved(self, name, to):
        """From today on another customer's."""
        today = self.clock.now().date()
        (asset,) = [each for each in (await self.store.inventory()).assets if each.name == name]
        change = InventoryChange(
            assets_ended=((asset, today - DAY),),
            assets_added=(replace(asset, holder=to, from_on=today, until_on=None),),
        )
        await self.store.apply_inventory(change, self.clock.now())

    async def moved_one(self, address, to):
        """Of somebody's range, one address from today on."""
        change = InventoryChange(assets_added=(Asset(address, to, from_on=self.clock.now().date()),))
        await self.store.apply_inventory(change, self.clock.now())

    async def told_of_health(self, list_id, state, path="192.0.2.53:53"):
        now = self.clock.now()
        await commit(self.store, now, list_id, cycle=cycle(now, list_id), zones={path: state})

    async def close(self):
        await self.store.close()

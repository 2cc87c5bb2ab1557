"""A small world that tells its readers through a real store: what is true, what each heard, and whether that fits.

The oracle knows nothing of the store: it has what the world did, and the messages as they arrived, each under its id.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from contract.store_values import ACME, BRAVO, LEASE, closing, cycle, fold, listed, opening
from deliverwatch.core.events import EventKind
from deliverwatch.core.incidents import gather, own_facts
from deliverwatch.core.inventory import Customer, ServiceZone, Tam
from deliverwatch.core.listing import ListingState, Phase, Watch, opening_key
from deliverwatch.core.receivers import Routing
from deliverwatch.core.routing import Match, Rhythm, Route
from deliverwatch.core.silences import Silence
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.ports import Delivery, RoundResult
from deliverwatch.flows.send_digests import send_digests
from deliverwatch.flows.tell import notify
from samples import SAMPLE_LIST

WHOLE, PART = "zen", "sbl"
SUBJECTS = tuple(map(parse_subject, ("192.0.2.10", "192.0.2.20", "192.0.2.30")))
THIRD = Customer("third", "Third", ServiceZone.UK, Tam("Third TAM", "third@esp.example"), ())
CUSTOMERS = (ACME, BRAVO, THIRD)
PARTIES = dict(zip(SUBJECTS, ("acme", "acme", "bravo"), strict=True))
STEP = timedelta(hours=3)
CODES = (("127.0.0.2",), ("127.0.0.4",))


def next_digest(_zone, at):
    return at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


ROUTING = Routing(
    ("operator@esp.example",),
    (Route("all", Match(), ("operator", "tam", "chat")),),
    rhythms={"chat": Rhythm.DIGEST},
    digest_goes=next_digest,
)


class World:
    def __init__(self, store):
        self.store, self.time = store, datetime(2026, 11, 2, 9, tzinfo=UTC)
        self.states = {}
        self.heard = {}
        self.slots = self.silences = 0

    def now(self):
        return self.time

    # what happens

    async def open(self, list_id, subjects, codes=0):
        await self._round(list_id, subjects, Phase.CLEAR, lambda state, watch: opening(self.time, watch, CODES[codes]))

    async def close(self, list_id, subjects):
        await self._round(list_id, subjects, Phase.LISTED, lambda state, watch: closing(state, self.time, watch))

    async def change(self, list_id, subjects):
        def other(state, watch):
            codes = CODES[1] if state.codes == CODES[0] else CODES[0]
            return fold(state, [listed(self.time, codes=codes)], watch)

        await self._round(list_id, subjects, Phase.LISTED, other)

    async def doubt(self, list_id):
        """What is open may be a lie."""
        changed = {
            watch.subject: replace(state, doubted=True)
            for watch, state in self.states.items()
            if watch.list_id == list_id and state.phase is Phase.LISTED
        }
        await self._commit(list_id, changed, [], held_back=_keys(list_id, changed))

    async def confirm(self, list_id):
        """Seen again once the list can be believed."""
        doubted = {
            watch.subject: state for watch, state in self.states.items() if watch.list_id == list_id and state.doubted
        }
        changed = {
            subject: replace(state, doubted=False, as_of=self.time, clear_count=0) for subject, state in doubted.items()
        }
        await self._commit(list_id, changed, [], released=_keys(list_id, changed))

    async def _round(self, list_id, subjects, phase, happens):
        states, events = {}, []
        for subject in subjects:
            watch = Watch(list_id, subject)
            state = self.states.get(watch, ListingState())
            if state.phase is phase:
                states[subject], happened = happens(state, watch)
                events += [_facts(event) for event in happened]
        sure = {
            subject: state
            for subject, state in states.items()
            if state.phase is Phase.LISTED and self.states.get(Watch(list_id, subject), state).doubted
        }
        events = gather(replace(SAMPLE_LIST, id=list_id), events, watched=100)
        await self._commit(list_id, states, events, released=_keys(list_id, sure))

    async def _commit(self, list_id, states, events, **more):
        self.states |= {Watch(list_id, subject): state for subject, state in states.items()}
        self.time += STEP
        if not states:
            return
        self.slots += 1
        job, key = f"scan/{list_id}", f"{self.slots:06}"
        await self.store.add_slot(job, key, self.time)
        claim = await self.store.claim_slot(job, key, self.time, LEASE)
        notes = notify(events, CUSTOMERS, ROUTING)
        result = RoundResult(
            claim, cycle(self.time, list_id), {}, states=states, events=events, notifications=notes, **more
        )
        await self.store.commit_round(result)

    async def silence(self, lasts_steps, **cover):
        self.silences += 1
        until = self.time + lasts_steps * STEP
        await self.store.keep_silence(Silence(f"s-{self.silences}", self.time, until, "tam", "known", **cover))

    async def end_silence(self):
        await self.store.end_silence(f"s-{self.silences}", self.time)

    # what the daemon does

    async def tick(self):
        await self.store.settle_silences(self.time)

    async def digest(self):
        await send_digests(self.store, lambda due, note, inventory: _content(due), self)

    async def deliver(self, at_most=100, killed=False):
        for _ in range(at_most):
            delivery = await self.store.claim_notification(self.time, LEASE)
            if delivery is None:
                return
            content = delivery.content or _content_of(delivery)
            if delivery.content is None:
                await self.store.keep_content(delivery, content)
            self._arrives(delivery, content)
            if killed:
                self.time += LEASE
                return
            await self.store.notification_sent(delivery, self.time)

    async def come_to_rest(self):
        for number in range(self.silences):
            await self.store.end_silence(f"s-{number + 1}", self.time)
        self.time += STEP
        for list_id in (WHOLE, PART):
            await self.confirm(list_id)
        for _ in range(3):
            await self.tick()
            await self.deliver()
            self.time += timedelta(days=2)
            await self.digest()
        await self.deliver()

    # what arrives

    def _arrives(self, delivery: Delivery, content: bytes):
        note = delivery.notification
        reader = self.heard.setdefault((note.channel, note.recipient), {})
        reader.setdefault(note.message_id, content)
        assert reader[note.message_id] == content, "the same message reads otherwise the second time"

    async def beliefs(self):
        """By reader: open episodes with their codes, as their messages say in the order of arrival."""
        members = {}
        for event in await self.store.events(limit=10_000):
            members.setdefault(event.facts.get("incident", event.key), []).append(event)
        return {reader: self._belief(reader, messages, members) for reader, messages in self.heard.items()}

    def _belief(self, reader, messages, members):
        believed, seen = {}, set()
        for content in messages.values():
            for line in content.decode().split("\n"):
                word, key = line.split(" ", 1)
                group = [event for event in members[key] if self._concerns(reader, event)]
                if word == "CORRECTS":
                    for event in group:
                        believed.pop(_episode(event), None)
                    continue
                assert key not in seen, f"{reader} was told twice: {key}"
                seen.add(key)
                heard_before = any(_episode(event) in believed for event in group)
                for event in group:
                    if event.kind is EventKind.LISTING_CLOSED:
                        assert heard_before, f"{reader} hears the end of what they were not told: {key}"
                        believed.pop(_episode(event), None)
                    else:
                        believed[_episode(event)] = tuple(event.facts["codes"])
        return believed

    def truth(self, reader):
        return {
            opening_key(watch, state.opened_at): state.codes
            for watch, state in self.states.items()
            if state.phase is Phase.LISTED and self._reads(reader, watch.subject)
        }

    def _concerns(self, reader, event):
        return self._reads(reader, event.subject)

    def _reads(self, reader, subject):
        tam = {"tam@esp.example": "acme", "other@esp.example": "bravo"}.get(reader[1])
        return tam is None or PARTIES[subject] == tam

    async def check(self):
        beliefs = await self.beliefs()
        readers = [("email", "operator@esp.example"), ("email", "tam@esp.example"), ("email", "other@esp.example")]
        for reader in [*readers, ("chat", "chat")]:
            believed, true = beliefs.get(reader, {}), self.truth(reader)
            inhibited = {key for key in true.keys() - believed.keys() if self._is_on_whole(key, believed)}
            assert believed == {key: codes for key, codes in true.items() if key not in inhibited}, reader

    def _is_on_whole(self, key, believed):
        """It is told by the listing on the whole."""
        kind, list_id, subject, _ = key.split("/", 3)
        return list_id == PART and any(other.startswith(f"{kind}/{WHOLE}/{subject}/") for other in believed)


def _facts(event):
    facts = {**event.facts, "parties": [PARTIES[event.subject]]}
    return replace(event, facts={**facts, "part_of": WHOLE} if event.list_id == PART else facts)


def _keys(list_id, states):
    return [opening_key(Watch(list_id, subject), state.opened_at) for subject, state in states.items()]


def _episode(event):
    opened_at = datetime.fromisoformat(own_facts(event)["opened_at"])
    return opening_key(Watch(event.list_id, event.subject), opened_at)


def _content_of(delivery):
    return "\n".join(_lines(delivery.notification, delivery.event, delivery.joined)).encode()


def _content(due):
    return "\n".join(line for part in due.parts for line in _lines(part.notification, part.event, part.joined)).encode()


def _lines(note, event, joined):
    word = "CORRECTS" if note.corrects is not None else "TELLS"
    return [*(f"TELLS {each.key}" for each in joined), f"{word} {event.key}"]

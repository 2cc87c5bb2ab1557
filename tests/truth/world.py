"""The outside world, which follows a timeline: one real rbldnsd with all lists, and three resolvers in front of it.

A resolver here is a fault proxy: it loses one exchange in ten, answers SERVFAIL to one question in fifty, is silent
about a list or a name that is, and lies when it is its time.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from deliverwatch.core.blocklist import query_label
from deliverwatch.sandbox import fault_proxy
from deliverwatch.sandbox.fault_proxy import FaultProxy, Faults
from servers.rbldnsd import Rbldnsd
from truth.cast import DOMAIN, POINTS, ROLLS, SUBJECTS, V4, V6, Roll
from truth.timeline import Illness, Timeline

_DATASETS = {V4: "ip4set", V6: "ip6trie", DOMAIN: "dnset"}
_EVERYTHING = {V4: ("0.0.0.0/1", "128.0.0.0/1"), V6: ("::/1", "8000::/1"), DOMAIN: (".example",)}
ONE_WAY_LOSS_RATIO = 1 - 0.9**0.5
SERVFAIL_RATIO = 0.02
RESOLVERS = 3


def zones() -> dict[str, list[str]]:
    return {roll.zone: [_DATASETS[kind] for kind in roll.kinds] for roll in ROLLS}


class World:
    def __init__(self, timeline: Timeline, server: Rbldnsd) -> None:
        self._timeline = timeline
        self._server = server
        self._written: dict[tuple[str, str], list[str]] = {}
        self.resolvers = [
            FaultProxy(server.address, self._faults(number, timeline.whole.begin)) for number in range(RESOLVERS)
        ]

    async def start(self) -> None:
        for resolver in self.resolvers:
            await resolver.start()
        self.show(self._timeline.whole.begin)

    async def stop(self) -> None:
        for resolver in self.resolvers:
            await resolver.stop()

    def show(self, now: datetime) -> None:
        """What the lists say now."""
        wanted = dict(self._datasets(now))
        changed = {key: lines for key, lines in wanted.items() if self._written.get(key) != lines}
        # the serial by which a reload is known is that of a zone's first dataset
        firsts = {(zone, kinds[0]) for zone, kinds in zones().items()}
        zones_changed = {zone for zone, _ in changed}
        changed |= {key: wanted[key] for key in firsts if key[0] in zones_changed}
        if changed:
            ordered = sorted(changed, key=lambda key: key in firsts)
            self._server.write_all({key: changed[key] for key in ordered})
            self._written = wanted

    def lie(self, now: datetime) -> None:
        """What the resolvers do to it now."""
        for number, resolver in enumerate(self.resolvers):
            resolver.change(self._faults(number, now))

    def _faults(self, number: int, now: datetime) -> Faults:
        lies = [each for each in self._timeline.lies if each.resolver == number and each.span.holds(now)]
        silent = [
            each.roll.zone
            for each in self._timeline.troubles
            if each.illness is Illness.SILENT and each.span.holds(now)
        ]
        silent += [
            f"{query_label(SUBJECTS[each.listing.subject], each.listing.subject)}.{each.listing.roll.zone}"
            for each in self._timeline.hushes
            if each.span.holds(now)
        ]
        told = {True: fault_proxy.Lie.EVERYTHING, False: fault_proxy.Lie.NOTHING}
        return Faults(
            loss_there_ratio=ONE_WAY_LOSS_RATIO,
            loss_back_ratio=ONE_WAY_LOSS_RATIO,
            servfail_ratio=SERVFAIL_RATIO,
            lie=told[lies[0].listed] if lies else None,
            lie_ratio=lies[0].ratio if lies else 1.0,
            dead_zones=tuple(silent),
            seed=self._timeline.seed * RESOLVERS + number,
        )

    def _datasets(self, now: datetime) -> Iterator[tuple[tuple[str, str], list[str]]]:
        held: dict[tuple[Roll, str], list[str]] = defaultdict(list)
        for each in self._timeline.listings:
            if each.span.holds(now):
                kind = SUBJECTS[each.subject]
                held[each.roll, kind].append(f"{each.subject} :{each.code}:seen in traps")
        for roll in ROLLS:
            for kind in roll.kinds:
                lines = self._as_ill(roll, kind, sorted(held[roll, kind]), now)
                yield (roll.zone, _DATASETS[kind]), lines

    def _as_ill(self, roll: Roll, kind: str, entries: Sequence[str], now: datetime) -> list[str]:
        """Its test points, its entries, and what its illness makes of them."""
        listed, never = POINTS[kind]
        lines = [":127.0.0.2:listed", listed, *entries]
        trouble = self._timeline.trouble_of(roll.id)
        if trouble is None or not trouble.span.holds(now):
            return lines
        if trouble.illness is Illness.EMPTY:
            return []
        if trouble.illness is Illness.LISTS_THE_WORLD:
            return [*lines, *_EVERYTHING[kind], *([f"!{never}"] if now < trouble.found_at else [])]
        return lines

"""A sender's DNS, and the looks that ask it."""

from datetime import UTC, datetime, timedelta

from deliverwatch.core.practice_problems import FACTS_OF, Problem
from deliverwatch.core.practice_scope import PracticeScope
from deliverwatch.practice.looks import PracticeLooks
from deliverwatch.sandbox.zones import Record

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
WAIT = timedelta(seconds=0.3)


def organisational(name):
    return ".".join(name.split(".")[-2:])


def scope(*addresses, **more):
    held = frozenset(addresses)
    names = {name for some in ("from_domains", "envelope_domains") for name in more.get(some, ())}
    return PracticeScope("acme", addresses, held, held | names, **more)


def with_their_facts(results):
    """Whoever says a problem in words needs all of its facts."""
    failed = [result for result in results if result.problem is not None]
    assert all(set(FACTS_OF[Problem(result.problem)]) <= result.facts.keys() for result in failed), failed
    return results


class World:
    """`example`: all names below "example". Records are set while it is served."""

    def __init__(self, server, example, reverse):
        self.server, self.example, self.reverse = server, example, reverse

    def has(self, name, *values, **more):
        self.example.records[name.removesuffix(".example")] = Record(values, **more)

    def texts(self, name, *texts):
        self.has(name, txt=texts[0], more_txt=texts[1:])

    def ptr(self, address, name):
        label = ".".join(reversed(address.split(".")[3:]))
        self.reverse.records[label] = Record((), ptr=f"{name}.")

    def looks(self, *paths):
        return PracticeLooks(paths or (self.server.address,), WAIT, organisational)

    async def results(self, of, check, *paths):
        """{subject: result}"""
        found = with_their_facts(await self.looks(*paths)(of, AT))
        return {result.subject: result for result in found if result.check is check}

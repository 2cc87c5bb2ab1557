"""One engine on the job, in a process of its own, so that its CPU time and its memory are its own. Prints JSON.

`bulk` and `aiodns` are the project's two resolvers behind their port, an opened one for each list; `plain` is aiodns as
it comes: one resolver object for all lists, 500 in flight, two seconds and two tries.
"""

import argparse
import asyncio
import json
import resource
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import aiodns

import job
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.subjects import Subject
from deliverwatch.core.verdict import NOT_LISTED, Answer, Reply
from deliverwatch.flows.ports import Resolver
from deliverwatch.lookup.aiodns_resolver import AiodnsResolver
from deliverwatch.lookup.dns_lookups import TIMEOUT_FOR, DnsLookups
from memory import memory_kib

AskList = Callable[[Blocklist, Sequence[Subject]], Awaitable[Sequence[Answer]]]
_IN_FLIGHT = 500
_NXDOMAIN = 4  # ARES_ENOTFOUND


def never(answer: Answer) -> bool:  # noqa: ARG001
    return False


async def through_port(
    opened: Callable[[], Resolver], blocklist: Blocklist, some: Sequence[Subject]
) -> Sequence[Answer]:
    resolver = opened()
    try:
        return await resolver.ask_all(blocklist, some, never)
    finally:
        await resolver.close()


class Plain:
    def __init__(self, address: str) -> None:
        self._resolver = aiodns.DNSResolver([address], timeout=2, tries=2)
        self._gate = asyncio.Semaphore(_IN_FLIGHT)

    async def ask_list(self, blocklist: Blocklist, some: Sequence[Subject]) -> Sequence[Answer]:
        return await asyncio.gather(*(self._ask(f"{blocklist.zone}.", subject) for subject in some))

    async def _ask(self, zone: str, subject: Subject) -> Answer:
        reverse = ".".join(reversed(subject.value.split(".")))
        async with self._gate:
            try:
                found = await self._resolver.query_dns(f"{reverse}.{zone}", "A")
            except aiodns.error.DNSError as failure:
                return NOT_LISTED if failure.args[0] == _NXDOMAIN else Answer(Reply.TIMEOUT)
        return Answer(Reply.ANSWER, tuple(record.data.addr for record in found.answer))


def engine(name: str, address: str) -> AskList:
    if name == "plain":
        return Plain(address).ask_list
    if name == "aiodns":
        return partial(through_port, lambda: AiodnsResolver(address, {}, TIMEOUT_FOR, lambda _: None))
    lookups = DnsLookups([address])
    return partial(through_port, lambda: lookups.open(address))


async def run(ask_list: AskList, lists: int, subjects: int, at_once: int) -> dict[str, object]:
    some, gate = job.subjects(subjects), asyncio.Semaphore(at_once)

    async def ask(zone: int) -> Sequence[Answer]:
        async with gate:
            return await ask_list(job.blocklists()[zone], some)

    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    answers = await asyncio.gather(*map(ask, range(lists)))
    wall_s, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    return {
        "lookups": lists * subjects,
        "wall_s": wall_s,
        "user_s": after.ru_utime - before.ru_utime,
        "system_s": after.ru_stime - before.ru_stime,
        "peak_mib": memory_kib("VmHWM") / 1024,
        "wrong": sum(job.count_wrong(some, zone) for zone, some in enumerate(answers)),
        "unanswered": [sum(not job.answered(answer) for answer in some) for some in answers],
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=["bulk", "aiodns", "plain"])
    parser.add_argument("address")
    parser.add_argument("--lists", type=int, default=job.LISTS)
    parser.add_argument("--subjects", type=int, default=job.SUBJECTS)
    parser.add_argument("--at-once", type=int, default=1, help="lists")
    return parser.parse_args()


async def main() -> None:
    given = arguments()
    ask_list = engine(given.engine, given.address)
    print(json.dumps(await run(ask_list, given.lists, given.subjects, given.at_once)))


if __name__ == "__main__":
    asyncio.run(main())

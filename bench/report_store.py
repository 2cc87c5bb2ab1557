"""A store full of weeks for the weekly reports to tell of: filled by a process of its own, whose memory is not theirs.

Each customer has 50 subjects (40 addresses in five pools, 10 domains) and a bad week: listings, some delisted; a block
that was asked about; hours that could not be verified; mail of two weeks; best practice to be mended. One in ten warms
two addresses up. Zones, languages and luck go round, so that any hundred customers are like any other.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import job
from deliverwatch.app import App
from deliverwatch.clock import SystemClock
from deliverwatch.core.block import Episode, EpisodeKind, episode_key
from deliverwatch.core.blocklist import AccessTerms, Blocklist, Polarity
from deliverwatch.core.coverage import Cycle, Gap
from deliverwatch.core.delivery import FactCounts, FactKey
from deliverwatch.core.events import Event
from deliverwatch.core.inventory import Asset, Customer, Language, ServiceZone, Tam
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import ListingPolicy, ListingState, Look, Watch, fold
from deliverwatch.core.practice import Advice, Check, CheckOutcome, CheckResult
from deliverwatch.core.remediation.draft import Draft, DraftKind, DraftState, DraftStep
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.service_hours import zone_of
from deliverwatch.core.subjects import DomainRole, Subject, SubjectKind, parse_subject
from deliverwatch.core.verdict import Outcome, Verdict
from deliverwatch.core.warmup.plan import WarmupPlan
from deliverwatch.core.warmup.plan_facts import plan_hash
from deliverwatch.core.warmup.run import StepKind, WarmupRun, WarmupStep
from deliverwatch.flows.delivery_ports import EpisodeChanges, IngestBatch
from deliverwatch.flows.ports import RoundResult
from deliverwatch.flows.warmup_ports import PlanVersion, WarmupChanges
from deliverwatch.in_use import Catalogue
from deliverwatch.settings import Settings, load_settings

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
"""Monday, when the reports of all three service zones are due."""
ADDRESSES, DOMAINS = 40, 10
_RANGE = 8
_BEGIN = datetime(2026, 11, 16, 8, tzinfo=UTC)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_MONTHS_BEFORE = _BEGIN - timedelta(days=100)
_ROUNDS_SINCE = _BEGIN - timedelta(hours=14)  # the week begins first in the UK, and two intervals are looked back
_RECEIVERS = ("google", "microsoft_consumer", "yahoo")
_OUT_OF_ORDER = ((Check.SPF, "spf_missing"), (Check.DMARC, "dmarc_missing"), (Check.PTR, "ptr_missing"))
_BATCH = 50  # customers


class Monday(SystemClock):
    """The weeks have their date."""

    def now(self) -> datetime:
        return NOW


def settings(folder: Path, url: str | None = None) -> Settings:
    """All lists that lead are on, as if their terms were met. `url`: of the store; None: a file of the folder."""
    leading = [each for each in Catalogue.load(load_settings(None, {})).all if each.leads]
    keyed = [each.id for each in leading if each.access.terms is AccessTerms.KEY]
    enabled = ", ".join(f'"{each.id}"' for each in leading if each.id not in keyed)
    keys = "\n".join(f'{list_id} = "0123456789abcdef"' for list_id in keyed)
    file = folder / "deliverwatch.toml"
    file.write_text(
        f'[store]\nurl = "{url or f"sqlite:///{folder}/store.db"}"\n\n'
        f"[lists]\nenable = [{enabled}]\n\n[keys]\n{keys}\n\n"
        '[mail]\nhost = "127.0.0.1"\nfrom = "Reports <reports@esp.example>"\n\n'
        '[web]\nlisten = "127.0.0.1:8080"\npublic_url = "https://deliverwatch.esp.example"\n'
    )
    return load_settings(file, {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--customers", type=int, default=1_000)
    given = parser.parse_args()
    app = App.open(settings(given.folder), Monday())
    print(json.dumps(asyncio.run(_fill(app, given.customers))))


async def _fill(app: App, count: int) -> dict[str, int]:
    await _fill_inventory(app, count)
    for blocklist in app.catalogue.live:
        await _fill_rounds(app, blocklist, count)
    for first in range(0, count, _BATCH):
        numbers = range(first, min(first + _BATCH, count))
        await _fill_listings(app, numbers)
        await _fill_blocks(app, numbers)
        await app.store.commit_ingest(IngestBatch("powermta", "powermta", NOW, facts=_mail(numbers)))
        for number in numbers:
            await _fill_practice(app, number)
    for number in range(0, count, 10):
        for which in range(2):
            await app.store.add_warmup(_warmup(number, which, app.warmups.plan("sparkpost-stages")))
    await app.warmups.advance()
    found = {
        "listings": len(await app.store.listings(since=_BEGIN)),
        "blocks": len(await app.store.episodes(since=_BEGIN)),
        "drafts": len(await app.store.drafts()),
        "warmups": len(await app.store.warmups()),
    }
    await app.store.close()
    return found


async def _fill_inventory(app: App, count: int) -> None:
    assets = [asset for number in range(count) for asset in _assets(number)]
    change = InventoryChange(customers_added=tuple(map(_customer, range(count))), assets_added=tuple(assets))
    await app.store.apply_inventory(change, _MONTHS_BEFORE)


def _customer(number: int) -> Customer:
    zones, languages = tuple(ServiceZone), tuple(Language)
    return Customer(
        _id(number),
        f"Customer {number} Ltd",
        zones[number % len(zones)],
        Tam("Robin Doe", "robin.doe@esp.example", "+1 555 0100"),
        (f"mail@customer{number}.example",),
        languages[number % len(languages)],
    )


def _id(number: int) -> str:
    return f"customer-{number:04}"


def _assets(number: int) -> Iterator[Asset]:
    for first in range(0, ADDRESSES, _RANGE):
        stream = "newsletter" if first else "receipts"
        yield Asset(f"{_address(number, first)}/29", _id(number), pool=f"{stream}-{first}", stream=stream)
    for domain in range(DOMAINS):
        yield Asset(_domain(number, domain), _id(number), roles=(DomainRole.FROM, DomainRole.LINK))


def _address(number: int, which: int) -> str:
    return job.address(number * ADDRESSES + which)


def _domain(number: int, which: int) -> str:
    return f"news{which}.customer{number}.example"


async def _fill_rounds(app: App, blocklist: Blocklist, count: int) -> None:
    """One an hour. Each list has three bad hours of its own."""
    bad_since = _BEGIN + (20 + len(blocklist.id)) * _HOUR
    at = _ROUNDS_SINCE
    while at < NOW:
        await app.store.add_slot("round", f"{blocklist.id}/{at:%d%H}", at)
        claim = await app.store.claim_slot("round", f"{blocklist.id}/{at:%d%H}", at, _HOUR)
        assert claim is not None
        well = not bad_since <= at < bad_since + 3 * _HOUR
        kinds, why = (tuple(blocklist.kinds), None) if well else ((), "no answer in time")
        cycle = Cycle(
            blocklist.id, "127.0.0.1:53", at, at, well, kinds, True, at + _HOUR, count, clear=count * well, detail=why
        )
        gaps = [_gap(blocklist, number, at) for number in range(0, count, 25)] if at == bad_since + _DAY else ()
        await app.store.commit_round(RoundResult(claim, cycle, {}, {}, gaps_opened=gaps))
        at += _HOUR


def _gap(blocklist: Blocklist, number: int, at: datetime) -> Gap:
    subject = _subject(blocklist, number, 5)
    return Gap(Watch(blocklist.id, subject), at, at + 4 * _HOUR, Outcome.UNREACHABLE, "no answer in time")


def _subject(blocklist: Blocklist, number: int, which: int) -> Subject:
    takes_addresses = SubjectKind.IPV4 in blocklist.kinds
    return parse_subject(_address(number, which) if takes_addresses else _domain(number, which % DOMAINS))


async def _fill_listings(app: App, numbers: Sequence[int]) -> None:
    """One in five customers has none; the others four or five, of which every other is over."""
    events: list[Event] = []
    lists = app.catalogue.live
    for number in numbers:
        for which in range(4 + number % 2 if number % 5 else 0):
            blocklist = lists[(number + which) % len(lists)]
            watch = Watch(blocklist.id, _subject(blocklist, number, 7 * which + 3))
            at = _BEGIN + (9 * which + number % 60) * _HOUR
            events += listing_events(watch, blocklist, at, is_over=which % 2 == 1)
    await app.store.commit_endings({}, events, [])


def listing_events(watch: Watch, blocklist: Blocklist, at: datetime, *, is_over: bool) -> Iterator[Event]:
    code = blocklist.codes[0]
    listed = Verdict(Outcome.LISTED, ("127.0.0.2",), (code.meaning,), code.impact, polarity=Polarity.BLOCK)
    state = ListingState()
    for hours in range(8 if is_over else 2):
        verdict = listed if hours < 2 else Verdict(Outcome.CLEAR)
        state, found = fold(state, watch, Look(at + hours * _HOUR, f"path {hours % 2}", verdict), ListingPolicy())
        yield from found


async def _fill_blocks(app: App, numbers: Sequence[int]) -> None:
    """Two of three customers have one, which was asked about."""
    blocks = {number: _block(number) for number in numbers if number % 3}
    await app.store.commit_episodes(EpisodeChanges(list(blocks.values())))
    for number, block in blocks.items():
        draft = _draft(number, block)
        await app.store.add_draft(draft, DraftStep(draft.created_at, draft.state, "robin"))


def _block(number: int) -> Episode:
    subject, provider = parse_subject(_address(number, 9)), _RECEIVERS[number % len(_RECEIVERS)]
    opened_at = _BEGIN + (10 + number % 90) * _HOUR
    return Episode(
        episode_key(EpisodeKind.BLOCK, provider, subject, "ip_block", opened_at),
        EpisodeKind.BLOCK,
        provider,
        subject,
        "ip_block",
        ReplyClass.IP_BLOCK,
        opened_at,
        NOW - _HOUR,
        mail_share=0.2,
        evidence={"replies": 410 + number},
    )


def _draft(number: int, block: Episode) -> Draft:
    at = block.opened_at + _HOUR
    return Draft(
        id=f"d-{number}",
        customer=_id(number),
        form="postmaster-letter",
        form_digest="0",
        provider=block.provider,
        kind=DraftKind.BLOCK,
        channel=FormChannel.WEB_FORM,
        url=None,
        to=None,
        subjects=(block.subject.value,),
        state=DraftState.SUBMITTED,
        text="",
        fields=(),
        missing=(),
        blockers=(),
        evidence=(),
        created_at=at,
        changed_at=at,
        due_at=at + _DAY,
        episodes=(block.key,),
        cause=block.key,
        addressee=block.provider,
        submitted_at=at,
        reference=f"case {number}",
    )


def _mail(numbers: Sequence[int]) -> dict[FactKey, FactCounts]:
    """Of two weeks: each day of four addresses at three providers."""
    found = {}
    for number in numbers:
        for day in range(-7, 7):
            for which in range(0, 4):
                for provider in _RECEIVERS:
                    at = _BEGIN + day * _DAY + 5 * _HOUR
                    key = FactKey("powermta", _address(number, which), provider, _domain(number, 0), "", "", "", at)
                    count = 1_000 + number + 10 * day
                    found[key] = FactCounts(count, count - 30, 20, 10)
    return found


def _warmup(number: int, which: int, plan: WarmupPlan) -> WarmupChanges:
    started_at = _BEGIN - 3 * _DAY
    zone = zone_of(_customer(number).service_time_zone).key
    run = WarmupRun(
        f"run-{number}-{which}",
        _address(number, which),
        _id(number),
        plan,
        1,
        plan_hash(plan),
        zone,
        started_at.date(),
        started_at,
        "receipts-0",
    )
    return WarmupChanges(
        run,
        steps=[WarmupStep(run.id, started_at, StepKind.STARTED, "robin", "")],
        agreed=PlanVersion(run.id, 1, plan, started_at, "robin", ""),
    )


async def _fill_practice(app: App, number: int) -> None:
    at = NOW - 12 * _HOUR
    results = [
        CheckResult(each, _domain(number, which), CheckOutcome.PASS, "as it should be", at, "looked up")
        for each in Check
        for which in range(2)
    ]
    advice = []
    for check, problem in _OUT_OF_ORDER:
        subject = _address(number, 3) if check is Check.PTR else _domain(number, 3)
        facts = {"domain": subject, "address": subject}
        words = ("no record is published", at, "looked up")
        results.append(CheckResult(check, subject, CheckOutcome.FAIL, *words, problem, facts))
        opened_at = _BEGIN + _DAY
        advice.append(Advice(f"{problem}/{subject}", _id(number), check, subject, problem, facts, words[0], opened_at))
    await app.store.keep_practice(_id(number), results, advice, complete=True)


if __name__ == "__main__":
    main()

"""`make run`: the whole product in a world of its own, days passing in seconds.

The daemon, its flows and its store are production's, with this clock and these policy values; the lists, the mailbox
and the mail log around it are the sandbox's. The world starts on the Thursday of the last complete week and its Monday
brings the weekly report.
"""

import asyncio
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from deliverwatch.app import App, Policy
from deliverwatch.catalogue.blocklists import load_lists
from deliverwatch.catalogue.inventory import read_inventory
from deliverwatch.clock import SystemClock
from deliverwatch.core.access import Account, Role
from deliverwatch.core.alerting import RetryPolicy
from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.incidents import ranges
from deliverwatch.core.inventory_diff import plan_import
from deliverwatch.core.remediation.draft import UNDER_WAY, WAITING, Draft
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.warmup.status import RunStatus
from deliverwatch.daemon import Daemon, Pace
from deliverwatch.flows.access_ports import SessionPolicy
from deliverwatch.render.warmup_overview import STATUS_COLUMNS, advice_lines, needs_a_hand, notes, status_row
from deliverwatch.render.words import at
from deliverwatch.sandbox import asking, sending, warming, world
from deliverwatch.sandbox.clock import FastClock
from deliverwatch.sandbox.mailbox import Mailbox
from deliverwatch.sandbox.names import build_names
from deliverwatch.sandbox.nameserver import Nameserver
from deliverwatch.sandbox.zones import Zone
from deliverwatch.serve import only_daemon, serve, set_up_logs
from deliverwatch.settings import load_settings

SPEED = 8_000
_AFTERWARDS = 60
_POLICY = Policy(
    retry=RetryPolicy(lease_for=timedelta(days=2)),
    slot_lease_for=timedelta(days=2),
    report_jitter_for=timedelta(minutes=1),
    session=SessionPolicy(whole_for=timedelta(days=365), idle_for=timedelta(days=365)),
)
_PACE = Pace(tick_for=timedelta(milliseconds=40), lists_at_once=10, tick_at_most=timedelta(days=1))
_LOOK_SECONDS = 0.1
_REQUESTER = """[requester]
company = "Example ESP"
name = "Deliverability team"
role = "Postmaster"
phone = "+1 555 0100"
mailbox = "postmaster@esp.example"
abuse_desk = "abuse@esp.example\""""
_ROUTES = """[[alerts.routes]]
name = "at once: four days pass in a minute, and nights with them"
to = ["tam", "operator"]
at_once = true"""
_MAIL_LOG = "acct.csv"

Tell = Callable[[str], None]


async def run_demo(*, once: bool, port: int, tell: Tell) -> None:
    """Runs until the reports are delivered (`once`), or until it is stopped."""
    state = Path(tempfile.mkdtemp(prefix="deliverwatch-sandbox-"))
    catalogue = load_lists().usable
    zones = world.build_zones(world.watched_lists(catalogue), world.KEYS)
    others = [each.id for each in catalogue if each.on_by_default and each.id not in zones]
    names = build_names()
    nameserver, mailbox = Nameserver([*zones.values(), *names.values()]), Mailbox(folder=state / "mail")
    await nameserver.start()
    await mailbox.start()
    config = _write_config(state, nameserver, mailbox, zones, others, None if once else port)
    clock = FastClock(_thursday(SystemClock().now()), SPEED)
    try:
        with (state / "daemon.log").open("w") as log:
            set_up_logs(log)
            async with only_daemon(load_settings(config, {}), clock, _POLICY) as app:
                story = _Story(app, clock, mailbox, tell, once=once)
                await story.take_stock()
                password = secrets.token_urlsafe(12)
                await _let_in(app, password)
                tell(_welcome(state, None if once else port, password))
                began_at = clock.now()
                await warming.begin(app, _full_hour(began_at))
                playing = [
                    asyncio.create_task(world.play({**zones, **names}, clock, began_at, story.happened)),
                    asyncio.create_task(sending.send(state / _MAIL_LOG, clock, _full_hour(began_at), story.happened)),
                    asyncio.create_task(warming.manage(app, clock, _full_hour(began_at), story.happened)),
                    asyncio.create_task(asking.ask_outlook(app, clock, story.happened)),
                ]
                await serve(app, _PACE, story.follow)
                for each in playing:
                    each.cancel()
                await story.sum_up()
    finally:
        await nameserver.stop()
        await mailbox.stop()
    tell(_goodbye(state, config))


class _Story:
    """Tells the onlooker what the world does and what the program makes of it."""

    def __init__(self, app: App, clock: FastClock, mailbox: Mailbox, tell: Tell, *, once: bool) -> None:
        self._app = app
        self._clock = clock
        self._mailbox = mailbox
        self._tell = tell
        self._once = once
        self._told = 0

    async def take_stock(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "customers.yaml"
            file.write_text(world.INVENTORY, encoding="utf-8")
            wanted = read_inventory(file)
        now = self._clock.now()
        change = plan_import(
            await self._app.store.inventory(), wanted.customers, wanted.assets, wanted.has_esp, now.date()
        )
        await self._app.store.apply_inventory(change, now)

    def happened(self, at: datetime, words: str) -> None:
        self._line(at, f"the world: {words}")

    async def follow(self, _: Daemon) -> None:
        """Returns when the reports are delivered; when the daemon shall go on, never."""
        while not await self._reports_delivered():
            self._tell_mail()
            await asyncio.sleep(_LOOK_SECONDS)
        self._tell_mail()
        if not self._once:
            self._clock.run_at(_AFTERWARDS)
            self._tell("\nThe week is told. From here a minute passes in a second; Ctrl-C ends it.")
            await asyncio.Event().wait()

    async def sum_up(self) -> None:
        kinds = [kind for kind in EpisodeKind if kind is not EpisodeKind.WARNING]
        self._tell("\nWhat mailbox providers did, as it was found in the mail log:")
        for each in reversed(await self._app.store.episodes(kinds=kinds)):
            self._tell(f"  {_in_one_line(each)}")
        self._tell("\nWhat is asked for whom:")
        for draft in reversed(await self._app.store.drafts(states=WAITING | UNDER_WAY)):
            self._tell(f"  {_request_line(draft)}")
        self._tell("\nWhere the warm-ups are, as `deliverwatch warmup status` says it now:")
        names = {each.id: each.name for each in self._app.providers.values()}
        for line in _warmup_lines(await self._app.warmups.statuses(), names):
            self._tell(f"  {line}")

    async def _reports_delivered(self) -> bool:
        customers = len((await self._app.store.inventory()).customers)
        if len(await self._app.store.reports()) < customers:
            return False
        return (await self._app.store.counts())["outbox_pending"] == 0

    def _tell_mail(self) -> None:
        for received in self._mailbox.messages[self._told :]:
            message = message_from_bytes(received.content, policy=default)
            self._line(self._clock.now(), f"mail to {received.recipients[0]}: {message['Subject']}")
            self._told += 1

    def _line(self, at: datetime, words: str) -> None:
        self._tell(f"{at:%a %H:%M}  {words}")


def _in_one_line(episode: Episode) -> str:
    ended = f"{episode.ended}, {at(episode.closed_at)}" if episode.closed_at is not None else "open"
    return f"{episode.kind}: {episode.subject} at {episode.provider} since {at(episode.opened_at)} ({ended})"


def _request_line(draft: Draft) -> str:
    subjects = ", ".join(ranges(parse_subject(each) for each in draft.subjects))
    what = f"follow-up ({draft.letter.replace('_', ' ')})" if draft.follow_up_of is not None else "request"
    whom = draft.customer or "several customers, or ourselves"
    return f"{draft.id}: {what} to {draft.addressee} about the {draft.kind} of {subjects}, for {whom} ({draft.state})"


def _warmup_lines(found: Sequence[RunStatus], names: Mapping[str, str]) -> Iterator[str]:
    """As `deliverwatch warmup status` shows them, at the sandbox's time."""
    rows = [STATUS_COLUMNS, *(["-" if each is None else str(each) for each in status_row(status)] for status in found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    hands = [status for status in found if needs_a_hand(status)]
    for status in hands:
        yield from notes(status, names)
    yield from advice_lines(hands)


async def _let_in(app: App, password: str) -> None:
    """An account manager of two of the customers, and an operator."""
    for name, role, email in (("robin", Role.TAM, world.ROBIN), ("operator", Role.OPERATOR, "operator@esp.example")):
        await app.access.add_account(Account("", name, role, email, sees_all=False), password, "sandbox")


def _welcome(state: Path, port: int | None, password: str) -> str:
    pages = (
        f"Open http://127.0.0.1:{port}/ in a browser, and sign in as robin (account manager of Acme and Delta) or as\n"
        f"operator, with the password {password}\n"
        if port is not None
        else ""
    )
    return f"deliverwatch in its sandbox: four days pass in a minute. Everything it keeps is in {state}\n{pages}"


def _goodbye(state: Path, config: Path) -> str:
    return (
        f"\nThe mail is in {state / 'mail'}. Look further, for instance:\n"
        f"  deliverwatch listings --config {config}\n"
        f"  deliverwatch blocks --config {config}\n"
        f"  deliverwatch warmup show 198.51.100.35 --config {config}\n"
        f"  deliverwatch drafts list --config {config}\n"
        f"  deliverwatch practice --customer acme --config {config}\n"
        f"  deliverwatch report preview --customer acme --out /tmp/acme --config {config}"
    )


def _write_config(
    state: Path,
    nameserver: Nameserver,
    mailbox: Mailbox,
    zones: Mapping[str, Zone],
    others: Iterable[str],
    port: int | None,
) -> Path:
    """An ordinary configuration file, so that every command works on the sandbox while it runs and after."""
    config = state / "deliverwatch.toml"
    sections = [
        f'[store]\nurl = "sqlite:///{state / "deliverwatch.db"}"',
        f'[dns]\nresolvers = ["{nameserver.address}"]\ntimeout = "1s"',
        f'[lists]\nenable = [{_quoted(zones)}]\ndisable = [{_quoted(others)}]\nevery = "6h"',
        "[keys]\n" + "\n".join(f'{list_id} = "{key}"' for list_id, key in world.KEYS.items()),
        _REQUESTER,
        _ROUTES,
        f'[mail]\nhost = "127.0.0.1"\nport = {mailbox.port}\nfrom = "Deliverability <deliverability@esp.example>"',
    ]
    sections.append(f'[sources.powermta]\nfollow = ["{state / _MAIL_LOG}"]')
    if port is not None:
        sections.append(f'[web]\nlisten = "127.0.0.1:{port}"\npublic_url = "http://127.0.0.1:{port}"')
    config.write_text("\n\n".join(sections) + "\n", encoding="utf-8")
    return config


def _quoted(ids: Iterable[str]) -> str:
    return ", ".join(f'"{each}"' for each in ids)


def _full_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _thursday(now: datetime) -> datetime:
    """13:00 UTC on the Thursday of the last complete ISO week."""
    monday = now.date() - timedelta(days=now.weekday())
    return datetime.combine(monday - timedelta(days=4), time(13), UTC)

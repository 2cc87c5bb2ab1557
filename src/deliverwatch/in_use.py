"""Which lists are in use, and by which way each is asked: the catalogue under the settings.

A list is on when the operator says so, by name, by a key, by a download or on trial; or by default, when its terms let
anybody ask. A part of a list that is on is not asked besides it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deliverwatch.catalogue.blocklists import Lists, load_lists
from deliverwatch.catalogue.forms import load_forms
from deliverwatch.catalogue.mailbox_providers import load_mailbox_providers
from deliverwatch.catalogue.reply_rules import load_reply_rules
from deliverwatch.clock import SystemClock
from deliverwatch.core.blocklist import Blocklist, Budget, DeadList
from deliverwatch.core.cited_list import ListFinder, zones_of
from deliverwatch.core.errors import ConfigError, Fault
from deliverwatch.core.missed_lists import missed_lists
from deliverwatch.core.provider import ProviderDirectory
from deliverwatch.core.remediation.addressee import FormDirectory
from deliverwatch.feeds.resolver import FeedLookups
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.ways import Ways
from deliverwatch.lookup.dns_lookups import DnsLookups
from deliverwatch.lookup.names import asked_names
from deliverwatch.render.list_document import ListUse
from deliverwatch.replies.classifier import Classifier
from deliverwatch.settings import Settings, check_list_ids
from deliverwatch.settings.feeds import shown_url

_DOWNLOADS = Path("/var/lib/deliverwatch/downloads")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All blocklists of the installation, which of them are on, of these the ids of those on trial, and the dead."""

    all: tuple[Blocklist, ...]
    on: tuple[Blocklist, ...]
    dead: tuple[DeadList, ...]
    on_trial: frozenset[str] = frozenset()

    @property
    def live(self) -> tuple[Blocklist, ...]:
        """Those that may open listings."""
        return tuple(blocklist for blocklist in self.on if blocklist.id not in self.on_trial)

    @property
    def not_live(self) -> tuple[Blocklist, ...]:
        live = {blocklist.id for blocklist in self.live}
        return tuple(blocklist for blocklist in self.all if blocklist.id not in live)

    @property
    def off(self) -> tuple[Blocklist, ...]:
        return tuple(blocklist for blocklist in self.all if blocklist not in self.on)

    def state_of(self, blocklist: Blocklist) -> str:
        """on, off, dry_run, or part: held by a list that is on, and not asked for that reason."""
        if blocklist in self.on:
            return "dry_run" if blocklist.id in self.on_trial else "on"
        return "part" if any(whole.id == blocklist.part_of for whole in self.on) else "off"

    @classmethod
    def load(cls, settings: Settings, file: Path | None = None) -> "Catalogue":
        """`file` replaces the shipped catalogue and the overlay. Raises ConfigError with every fault."""
        lists = load_lists(file, None if file else settings.catalogue.overlay)
        faults = check_list_ids(settings, [blocklist.id for blocklist in lists.usable], lists.dead)
        if faults and file is None:
            raise ConfigError(*faults)
        usable = tuple(_with_our_files(settings, _with_our_budget(settings, each)) for each in lists.usable)
        wanted = [blocklist for blocklist in usable if _is_on(settings, blocklist)]
        told = [blocklist for blocklist in wanted if blocklist.id not in settings.lists.dry_run]
        on = tuple(blocklist for blocklist in wanted if not _is_held_by(blocklist, told))
        return cls(usable, on, lists.dead, frozenset(settings.lists.dry_run))

    @property
    def not_watched(self) -> tuple[Blocklist, ...]:
        """The lists that matter and are off or on trial, the gravest first."""
        return missed_lists(self.live, self.not_live)

    def pick(self, ids: Sequence[str]) -> tuple[Blocklist, ...]:
        """Those lists, on or off. Raises ConfigError for an id that is not in the catalogue."""
        by_id = {blocklist.id: blocklist for blocklist in self.all}
        unknown = [wanted for wanted in ids if wanted not in by_id]
        if unknown:
            raise ConfigError(*(Fault("", wanted, self._why_not(wanted)) for wanted in unknown))
        return tuple(by_id[wanted] for wanted in dict.fromkeys(ids))

    def _why_not(self, wanted: str) -> str:
        dead = next((each for each in self.dead if each.id == wanted), None)
        if dead is not None:
            return dead.epitaph
        return f"no such list in the catalogue, which has {', '.join(blocklist.id for blocklist in self.all)}"


def _is_on(settings: Settings, blocklist: Blocklist) -> bool:
    """Off wins over on; a key, a download or a dry run turns its list on."""
    if blocklist.id in settings.lists.disable:
        return False
    named = {*settings.lists.enable, *settings.keys, *settings.feeds, *settings.lists.dry_run}
    return blocklist.on_by_default or blocklist.id in named


def _with_our_budget(settings: Settings, blocklist: Blocklist) -> Blocklist:
    """What an operator publishes is for all who ask the public zone: with a key it is what was agreed, and a download
    costs no query. A list without a public zone publishes it for its keys."""
    keyed = blocklist.id in settings.keys and blocklist.zone is not None
    return replace(blocklist, budget=Budget()) if keyed or blocklist.id in settings.feeds else blocklist


def _with_our_files(settings: Settings, blocklist: Blocklist) -> Blocklist:
    return replace(blocklist, feeds=settings.feeds.get(blocklist.id, blocklist.feeds))


def _is_held_by(part: Blocklist, wanted: Collection[Blocklist]) -> bool:
    """Whether another list that is on holds all of it: asked as well, one cause would be told twice."""
    return any(whole.id == part.part_of and whole.kinds >= part.kinds for whole in wanted)


def make_lookups(settings: Settings, resolvers: Sequence[str] | None = None, clock: Clock | None = None) -> Ways:
    """`resolvers`: instead of the configured ones. Raises ConfigError for one that cannot be."""
    keys = {list_id: key.get_secret_value() for list_id, key in settings.keys.items()}
    try:
        dns = DnsLookups(
            resolvers or settings.dns.resolvers,
            () if resolvers else settings.dns.confirm_resolvers,
            keys,
            settings.dns.timeout_for,
            () if resolvers else settings.dns.direct,
        )
    except ValueError as fault:
        raise ConfigError(Fault("", "resolver", str(fault))) from None
    return Ways(dns, FeedLookups(_downloads(settings), clock or SystemClock(), asked_names, settings.feeds))


def _downloads(settings: Settings) -> Path:
    """Beside the database, where that is a file."""
    file = settings.store.sqlite_file
    return file.parent / "downloads" if file is not None else _DOWNLOADS


def load_classifier(settings: Settings, lists: Lists | None = None) -> Classifier:
    """Of replies, with the rules, providers and lists of this installation. `lists`: if they are loaded already. Raises
    ConfigError with every fault."""
    overlay = settings.catalogue.overlay
    lists = lists or load_lists(overlay=overlay)
    rules = load_reply_rules(overlay=overlay)
    providers = load_mailbox_providers(overlay=overlay)
    forms = FormDirectory.of(load_forms(overlay=overlay))
    return Classifier(
        rules.rules,
        ProviderDirectory.of(providers),
        ListFinder(zones_of(lists.usable, lists.dead), rules.cited),
        {each.id: forms.of_list(each).id for each in lists.usable},
        {each.id: forms.of_provider(each).id for each in providers},
    )


def use_of(blocklist: Blocklist, catalogue: Catalogue, settings: Settings) -> ListUse:
    feeds = settings.feeds.get(blocklist.id, blocklist.feeds)
    return ListUse(
        catalogue.state_of(blocklist),
        way_of(blocklist, settings),
        tuple(each.id for each in catalogue.all if each.part_of == blocklist.id),
        tuple((shown_url(feed.url), feed) for feed in feeds),
    )


def way_of(blocklist: Blocklist, settings: Settings) -> str:
    """How it is asked: by a download, at its own servers, or through the resolvers."""
    if blocklist.feeds or blocklist.id in settings.feeds:
        return "feed"
    return "direct" if blocklist.id in settings.dns.direct else "dns"

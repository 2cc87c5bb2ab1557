"""What is open now that costs mail, as one viewer may know it: listings on lists that lead, and blocks."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from deliverwatch.app import App
from deliverwatch.core.access import Viewer
from deliverwatch.core.desk.affected import Affected, Blocked, Listed, worst_first
from deliverwatch.core.subjects import Subject
from deliverwatch.desk import Snapshot


@dataclass(frozen=True, slots=True)
class Trouble:
    """`affected`: worst first. `own`: open incidents and blocks of senders that are no customer's; None: not for this
    viewer to know."""

    affected: Sequence[Affected]
    own: int | None


async def open_trouble(app: App, viewer: Viewer, snapshot: Snapshot) -> Trouble:
    """A list that the catalogue no longer knows is not played down."""
    informing = {each.id for each in app.catalogue.all if not each.leads}
    listings = await app.store.open_listed(viewer.customers, but=informing)
    blocks = await app.store.open_blocked(viewer.customers)
    subjects = {each.subject for each in listings} | {each.subject for each in blocks}
    parties = {each: snapshot.parties(each) for each in subjects}
    return Trouble(
        _affected(viewer, snapshot, listings, blocks, {each.value: of for each, of in parties.items()}),
        _own(listings, blocks, {each for each, of in parties.items() if not of}) if viewer.sees_all else None,
    )


def _affected(
    viewer: Viewer,
    snapshot: Snapshot,
    listings: Iterable[Listed],
    blocks: Iterable[Blocked],
    parties: dict[str, tuple[str, ...]],
) -> list[Affected]:
    seen = {id_: each for id_, each in snapshot.customers.items() if viewer.sees(id_)}
    return worst_first(seen, listings, blocks, parties, snapshot.shares, sees_all=viewer.sees_all)


def _own(listings: Iterable[Listed], blocks: Iterable[Blocked], ours: Collection[Subject]) -> int:
    incidents = {each.incident for each in listings if each.subject in ours}
    return len(incidents) + sum(each.subject in ours for each in blocks)

"""Open listings without a draft -> drafts; drafts whose listing is over before they were sent -> closed.

Lists that only inform make none.

Facts come from the episode, the catalogue, the inventory and the settings, each with its source. Nothing else gets
into a draft. What goes wrong with one draft is told when all the others are made.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from deliverwatch.core.alerting import notification_id
from deliverwatch.core.blocklist import Blocklist, RemovalWay
from deliverwatch.core.inventory import Asset, Holdings, Inventory, ServiceZone
from deliverwatch.core.listing import Listing
from deliverwatch.core.remediation import (
    Blocker,
    Draft,
    DraftState,
    DraftStep,
    Evidence,
    Fact,
    Form,
    FormChannel,
    Requester,
    fill,
)
from deliverwatch.core.verdict import Answer, Reply, judge
from deliverwatch.flows.ports import Clock, Store

PROGRAM = "deliverwatch"

_CHANNELS: Mapping[RemovalWay, FormChannel] = {
    RemovalWay.SELF_SERVICE: FormChannel.WEB_FORM,
    RemovalWay.ACCOUNT: FormChannel.PORTAL,
    RemovalWay.EMAIL: FormChannel.EMAIL,
    RemovalWay.NETWORK_OWNER: FormChannel.EMAIL,
    RemovalWay.AUTOMATIC: FormChannel.NONE,
}


@dataclass(frozen=True, slots=True)
class DraftDesk:
    """What a draft is made from besides the episode. `words(form, facts, way)` renders the text; `due_at(zones, now)`
    is our own due time in service hours of the holders' zones."""

    form: Form
    blocklists: Mapping[str, Blocklist]
    requester: Requester
    words: Callable[[Form, Mapping[str, Fact], RemovalWay], str]
    due_at: Callable[[tuple[ServiceZone, ...], datetime], datetime | None]


async def prepare_drafts(store: Store, desk: DraftDesk, clock: Clock) -> int:
    """Returns how many drafts were made."""
    made, failures = 0, []
    inventory = await store.inventory()
    for listing in await store.listings_without_draft():
        blocklist = desk.blocklists.get(listing.list_id)
        if blocklist is None or not blocklist.leads:
            continue
        try:
            draft = make_draft(desk, blocklist, listing, inventory, clock.now())
            made += await store.add_draft(draft, DraftStep(draft.created_at, draft.state, PROGRAM))
        except Exception as failure:  # noqa: BLE001 - raised again below, once the others have their drafts
            failures.append(failure)
    await _close_overtaken(store, clock)
    if failures:
        raise failures[0]
    return made


def make_draft(desk: DraftDesk, blocklist: Blocklist, listing: Listing, inventory: Inventory, now: datetime) -> Draft:
    assets = Holdings(inventory.assets).on(listing.subject, listing.opened_at.date())
    facts = gather_facts(desk.requester, blocklist, listing, assets)
    fields, missing = fill(desk.form, facts)
    holders = tuple(sorted({asset.holder for asset in assets if asset.holder is not None}))
    way = _way(blocklist, listing)
    return Draft(
        id="d-" + notification_id("draft", listing.key)[:13],
        customer=holders[0] if len(holders) == 1 else None,
        form=desk.form.id,
        form_digest=desk.form.digest,
        provider=blocklist.id,
        kind="listing",
        channel=_CHANNELS[way],
        url=blocklist.removal.url,
        to=None,
        subjects=(listing.subject.value,),
        state=DraftState.PREPARED,
        text=desk.words(desk.form, facts, way),
        fields=fields,
        missing=missing,
        blockers=_blockers(blocklist, way, assets),
        evidence=_evidence(listing),
        created_at=now,
        due_at=desk.due_at(_zones(inventory, assets), now),
        listing_key=listing.key,
    )


def _zones(inventory: Inventory, assets: tuple[Asset, ...]) -> tuple[ServiceZone, ...]:
    parties = {party for asset in assets for party in asset.parties}
    return tuple(customer.service_time_zone for customer in inventory.customers if customer.id in parties)


def gather_facts(
    requester: Requester, blocklist: Blocklist, listing: Listing, assets: tuple[Asset, ...]
) -> dict[str, Fact]:
    """Only what is recorded; each value names its source."""
    look = (
        f"look-ups of {listing.opened_at:%Y-%m-%dT%H:%MZ} and {listing.confirmed_at:%Y-%m-%dT%H:%MZ} by {listing.path}"
    )
    catalogue = f"catalogue, {blocklist.source}"
    found = {
        "subject": (listing.subject.value, look),
        "list_name": (blocklist.name, catalogue),
        "list_zone": (blocklist.shown_zone, catalogue),
        "lookup_url": (blocklist.lookup_url, catalogue),
        "codes": (", ".join(listing.codes), look),
        "meanings": ("; ".join(listing.meanings), catalogue),
        "reason": (listing.reason, look),
        "listed_since": (f"{listing.opened_at:%Y-%m-%d %H:%M} UTC", look),
        "expires": (blocklist.removal.expires, catalogue),
        "holder_kind": (_holder_kind(assets), "inventory"),
    }
    asked_by = {
        f"requester_{name}": (getattr(requester, name), "settings [requester]")
        for name in ("company", "name", "role", "phone", "mailbox")
    }
    return {name: Fact(value, source) for name, (value, source) in {**found, **asked_by}.items() if value}


def _holder_kind(assets: tuple[Asset, ...]) -> str | None:
    if not assets:
        return None
    return "a customer's dedicated asset" if any(asset.holder for asset in assets) else "shared by customers"


def _way(blocklist: Blocklist, listing: Listing) -> RemovalWay:
    """That of the codes found: of ZEN, SBL is left by the network's owner alone, CSS by a form."""
    found = judge(blocklist, Answer(Reply.ANSWER, listing.codes))
    return found.removal or blocklist.removal.way


def _blockers(blocklist: Blocklist, way: RemovalWay, assets: tuple[Asset, ...]) -> tuple[Blocker, ...]:
    """What stands against sending it now."""
    note = blocklist.removal.note
    if way is RemovalWay.AUTOMATIC:
        found = note or "the list takes no requests"
        return (Blocker("removal", found, "stop the cause and wait: the listing expires by itself"),)
    if way is not RemovalWay.NETWORK_OWNER:
        return (Blocker("who asks", note, "see that this fits the listing before you send it"),) if note else ()
    owners = {asset.network_owner for asset in assets if asset.network_owner}
    if not owners:
        fix = "set network_owner for the range and let that owner ask, or ask as the owner of the network"
        return (Blocker("who asks", "this list takes requests from the owner of the network only", fix),)
    return ()


def _evidence(listing: Listing) -> tuple[Evidence, ...]:
    answer = f"{listing.subject} answered {', '.join(listing.codes)}"
    first, second = f"{listing.opened_at:%Y-%m-%dT%H:%M:%SZ}", f"{listing.confirmed_at:%Y-%m-%dT%H:%M:%SZ}"
    seen = [
        Evidence(first, f"first look: {answer}"),
        Evidence(second, f"second, independent look by {listing.path}: {answer}"),
    ]
    return (*seen, Evidence(second, f"the list's reason: {listing.reason}")) if listing.reason else tuple(seen)


async def _close_overtaken(store: Store, clock: Clock) -> None:
    """A listing that ended by itself needs no request any more."""
    waiting = [*await store.drafts(state=DraftState.PREPARED), *await store.drafts(state=DraftState.PULLED)]
    if not waiting:
        return
    still_open = {listing.key for listing in await store.listings(open_only=True)}
    for draft in waiting:
        if draft.listing_key not in still_open:
            why = "the listing ended before the request was sent"
            closed = replace(draft, state=DraftState.CLOSED, note=why, version=draft.version + 1)
            await store.move_draft(closed, DraftStep(clock.now(), DraftState.CLOSED, PROGRAM, why))

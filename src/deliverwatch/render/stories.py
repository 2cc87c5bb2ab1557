"""Which story tells which kind of event."""

from collections.abc import Callable, Mapping

from deliverwatch.core.alerting import AlertView
from deliverwatch.core.events import EventKind
from deliverwatch.render import (
    block_stories,
    channel_stories,
    inventory_stories,
    list_stories,
    listing_stories,
    reminder_stories,
    report_stories,
    warmup_stories,
    warning_stories,
)
from deliverwatch.render.encode import in_mail
from deliverwatch.render.ending_stories import closed
from deliverwatch.render.resolver_stories import resolver_trouble, resolver_well
from deliverwatch.render.story import Story, list_name
from deliverwatch.render.told_together import told_together


def story_of(view: AlertView) -> Story:
    if not view.joined:
        return _story(view)
    name = _story(view).name
    return told_together(view, list_name(view) if name is None else in_mail(name, 80), _story)


def _story(view: AlertView) -> Story:
    return _STORIES[view.event.kind](view)


_STORIES: Mapping[EventKind, Callable[[AlertView], Story]] = {
    EventKind.LISTING_OPENED: listing_stories.opened,
    EventKind.LISTING_CHANGED: listing_stories.changed,
    EventKind.LISTING_CLOSED: closed,
    EventKind.LISTING_HANDED_OVER: listing_stories.handed_over,
    EventKind.LISTING_UNSTABLE: listing_stories.unstable,
    EventKind.LISTING_SETTLED: listing_stories.settled,
    EventKind.CODE_UNEXPLAINED: listing_stories.unexplained,
    EventKind.LIST_BLIND: list_stories.blind,
    EventKind.LIST_FAILING: list_stories.failing,
    EventKind.LIST_QUARANTINED: list_stories.quarantined,
    EventKind.LIST_RECOVERED: list_stories.recovered,
    EventKind.LIST_STALE: list_stories.stale_list,
    EventKind.WATCHES_STALE: list_stories.stale_watches,
    EventKind.RESOLVER_TROUBLE: resolver_trouble,
    EventKind.RESOLVER_WELL: resolver_well,
    EventKind.BLOCK_OPENED: block_stories.block_opened,
    EventKind.BLOCK_CLOSED: block_stories.block_closed,
    EventKind.THROTTLE_STARTED: block_stories.throttle_started,
    EventKind.THROTTLE_ENDED: block_stories.throttle_ended,
    EventKind.FINDING_OPENED: block_stories.finding_opened,
    EventKind.FINDING_CLOSED: block_stories.finding_closed,
    EventKind.WARNING_STARTED: warning_stories.started,
    EventKind.WARNING_ENDED: warning_stories.ended,
    EventKind.PLATFORM_DIFFERS: inventory_stories.platform_differs,
    EventKind.SENDERS_UNWATCHED: inventory_stories.senders_unwatched,
    EventKind.WARMUP_HELD: warmup_stories.held,
    EventKind.WARMUP_READY: warmup_stories.ready,
    EventKind.WARMUP_RELEASED: warmup_stories.released,
    EventKind.WARMUP_STEPPED_BACK: warmup_stories.stepped_back,
    EventKind.WARMUP_ENDED: warmup_stories.ended,
    EventKind.WARMUP_NOTICE: warmup_stories.notice,
    EventKind.WARMUP_UNPLANNED: warmup_stories.unplanned,
    EventKind.STILL_LISTED: reminder_stories.still_listed,
    EventKind.STILL_BLOCKED: reminder_stories.still_blocked,
    EventKind.REPORT_WAITS: report_stories.waits,
    EventKind.REPORT_CONTACT_LOST: report_stories.contact_lost,
    EventKind.CHANNEL_FAILING: channel_stories.failing,
    EventKind.CHANNEL_WELL: channel_stories.well,
}

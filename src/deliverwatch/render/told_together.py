"""One message for a beginning that had not been sent when its end came: "WAS LISTED", from when until when.

Two messages would tell of trouble that is over. So the end says both, with the evidence of the beginning. Of whatever
else came in between, each is named in one line.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from deliverwatch.core.alerting import AlertView, is_void
from deliverwatch.core.block import EpisodeEnd
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.render.story import Row, Story, moment, subject_name, were
from deliverwatch.render.words import at

_WAS: Mapping[EventKind, tuple[str, str]] = {
    EventKind.LISTING_OPENED: ("WAS LISTED", "{subject} {were} listed on {place}"),
    EventKind.BLOCK_OPENED: ("WAS BLOCKED", "{place} refused mail from {subject}"),
    EventKind.THROTTLE_STARTED: ("WAS SLOWED", "{place} slowed down mail from {subject}"),
    EventKind.FINDING_OPENED: ("WAS TO MEND", "{place} refused mail from {subject}, since it did not authenticate,"),
    EventKind.WARNING_STARTED: ("WAS WARNED OF", "{first} That was so"),
}
_PLAIN = frozenset({Ending.DELISTED, EpisodeEnd.ACCEPTED, EpisodeEnd.MENDED})
"""Ends that need no more words than when it was."""

_WHY_LATE = "Both are told here at once: it was over before the first message of it had gone out."
_OF_THE_END = frozenset({"Since", "Until", "Last seen"})


def told_together(view: AlertView, place: str, tell: Callable[[AlertView], Story]) -> Story:
    """`place`: the list or the provider as the story names it. `tell`: what a story is made by."""
    end, began = tell(view), _beginning(view)
    rows: list[Row] = [("Earlier", f"{at(each.at)}: {_alone(view, each, tell).what}") for each in _between(view, began)]
    if began is None:
        return replace(end, rows=(*end.rows, *rows))
    first = _alone(view, began, tell)
    state, was = _WAS[began.kind]
    plain = view.event.facts["ended"] in _PLAIN
    was = was.format(subject=subject_name(view), were=were(view), place=place, first=first.what)
    what = f"{was} {_span(view, began)}."
    shown = {label for label, value in end.rows if value}
    evidence = [row for row in first.rows if row[0] not in shown | _OF_THE_END]
    return replace(
        end,
        state=state if plain else f"{state}, {end.state}",
        what=f"{what} {_WHY_LATE}" if plain else f"{what} {_WHY_LATE} {end.what}",
        rows=(*end.rows, *evidence, *rows),
        means=f"{end.means} While it lasted: {first.means}",
    )


def _beginning(view: AlertView) -> Event | None:
    if "ended" not in view.event.facts or is_void(view.event):
        return None
    return next((each for each in view.joined if each.kind in _WAS), None)


def _between(view: AlertView, began: Event | None) -> list[Event]:
    return [each for each in view.joined if each is not began]


def _alone(view: AlertView, event: Event, tell: Callable[[AlertView], Story]) -> Story:
    return tell(replace(view, event=event, joined=()))


def _span(view: AlertView, began: Event) -> str:
    closed_at = view.event.facts.get("closed_at")
    until = moment(closed_at) if closed_at else at(view.event.at)
    return f"from {moment(began.facts['opened_at'])} until {until}"

"""An alert as a message: one layout for every story (`render.stories`).

Plain text, since an alert is read on a telephone at night. The subject begins with the state, so that a mailbox sorted
by subject is a list of troubles. Nothing about customers is said beyond those in the view.
"""

from deliverwatch.core.alerting import LISTING_EVENTS, SENDER_EVENTS, AlertView, Audience
from deliverwatch.flows.ports import Words
from deliverwatch.render.encode import in_header, in_mail
from deliverwatch.render.listing_stories import is_mass
from deliverwatch.render.stories import story_of
from deliverwatch.render.story import Story, list_name, subject_name
from deliverwatch.render.tongue import listed
from deliverwatch.render.words import wrapped

_LONGEST_SUBJECT = 78
_LABEL_WIDTH = 10


def render_alert(view: AlertView) -> Words:
    story = story_of(view)
    return Words(_subject(view, story), _text(view, story))


def _subject(view: AlertView, story: Story) -> str:
    name = in_header(story.name, 48) if story.name is not None else in_header(list_name(view), 30)
    if view.event.subject is None:
        return in_header(f"{story.state}: {name}{story.tail}", _LONGEST_SUBJECT)
    subject = in_header(subject_name(view), 39)
    about = f"{story.state}: {subject} {story.place} {name}" if name else f"{story.state}: {subject}"
    names = in_header(listed([customer.name for customer in view.customers]), 40)
    whole = f"{about} - {names}"
    return whole if names and len(whole) <= _LONGEST_SUBJECT else in_header(about, _LONGEST_SUBJECT)


def _text(view: AlertView, story: Story) -> str:
    blocks = [
        wrapped(story.what),
        "\n".join(_row(label, value) for label, value in shown_rows(view, story)),
        f"What it means\n{wrapped(story.means, '  ')}",
        f"What we do next\n{wrapped(story.we_do, '  ')}",
        f"What you do\n{wrapped(story.you_do, '  ')}",
        _closing(view),
    ]
    return "\n\n".join(blocks) + "\n"


def shown_rows(view: AlertView, story: Story) -> list[tuple[str, str]]:
    """Label and value of all that is known, with whose it is."""
    rows = [*story.rows, ("Customer", _customers(view)), ("Stream", _streams(view))]
    return [(label, value) for label, value in rows if value]


def _row(label: str, value: str) -> str:
    return wrapped(value, " " * (_LABEL_WIDTH + 2)).replace(" " * len(label), label, 1)


def _closing(view: AlertView) -> str:
    why = {
        Audience.OPERATOR: "You get this as an operator of this installation.",
        Audience.TAM: "You get this as the technical account manager.",
        Audience.CUSTOMER: "You get this as a contact of the customer.",
    }[view.audience]
    if view.audience is Audience.OPERATOR and view.customers and _others_read_it_now(view):
        why += " The customers' account managers are told too."
    link = f"\n{view.public_url}" if view.public_url and view.audience is not Audience.CUSTOMER else ""
    return f"-- \n{wrapped(f'{why} Times are UTC.')}{link}"


def _others_read_it_now(view: AlertView) -> bool:
    return view.event.kind in LISTING_EVENTS | SENDER_EVENTS and view.corrects is None and not is_mass(view)


def _customers(view: AlertView) -> str | None:
    return listed([in_mail(customer.name, 100) for customer in view.customers]) if view.customers else None


def _streams(view: AlertView) -> str | None:
    places = dict.fromkeys(_place(asset.stream, asset.pool) for asset in view.assets if asset.stream or asset.pool)
    return listed(list(places)) if places else None


def _place(stream: str | None, pool: str | None) -> str:
    if stream and pool:
        return f"{in_mail(stream, 60)} (pool {in_mail(pool, 60)})"
    return in_mail(stream, 60) if stream else f"pool {in_mail(pool or '', 60)}"

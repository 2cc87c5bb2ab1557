"""Wiring of alerts: settings and adapters become whom an installation tells, by which channels, and in what words.

A message is made once, as the bytes that its channel sends; what was made is sent again as it was.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from deliverwatch.channels.registry import CHANNELS, open_channel
from deliverwatch.core.alerting import AlertView, Audience, Notification
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.events import Event
from deliverwatch.core.events_seen import as_read, members, own_members
from deliverwatch.core.incidents import ranges
from deliverwatch.core.inventory import Holdings, Inventory, ServiceZone
from deliverwatch.core.receivers import EMAIL, Routing
from deliverwatch.core.routing import ChannelKind
from deliverwatch.core.service_hours import ServiceCalendar, next_beginning, next_opening
from deliverwatch.core.shared_sender import cause_of_the_whole
from deliverwatch.core.subjects import Subject, SubjectKind, parse_subject
from deliverwatch.flows.alert_ports import DigestPart
from deliverwatch.flows.ports import Channel, Clock, Delivery, Words
from deliverwatch.flows.tell_help_desk import CHANNEL as HELP_DESK
from deliverwatch.render.alert_digest import digest_words
from deliverwatch.render.alert_documents import alert_document, digest_document
from deliverwatch.render.alerts import render_alert
from deliverwatch.render.mail import compose
from deliverwatch.settings import Settings
from deliverwatch.settings.alerting import ChannelSettings


def open_channels(settings: Settings, clock: Clock) -> dict[str, Channel]:
    """By the name that a notification carries."""
    mail = settings.mail
    password = mail.password.get_secret_value() if mail.password is not None else None
    channels: dict[str, Channel] = {
        EMAIL: CHANNELS["email"](mail.host, mail.port, mail.username, password, mail.starttls)
    }
    if settings.drafts.webhook is not None:
        secret = settings.drafts.webhook_secret
        url, signed = settings.drafts.webhook.get_secret_value(), secret.get_secret_value() if secret else None
        channels[HELP_DESK] = CHANNELS["webhook"](url, signed, clock.now, inside=settings.drafts.webhook_inside)
    return channels | {
        name: _open(name, channel, clock)
        for name, channel in settings.alerts.channels.items()
        if channel.kind is not ChannelKind.EMAIL
    }


def _open(name: str, channel: ChannelSettings, clock: Clock) -> Channel:
    return open_channel(
        channel.kind,
        name,
        [url.get_secret_value() for url in channel.urls],
        clock.now,
        key=channel.key.get_secret_value() if channel.key is not None else None,
        secret=channel.secret.get_secret_value() if channel.secret is not None else None,
        inside=channel.inside,
    )


class Telling:
    """How one installation tells. `calendars`: by zone."""

    def __init__(
        self, settings: Settings, blocklists: Mapping[str, Blocklist], calendars: Mapping[ServiceZone, ServiceCalendar]
    ) -> None:
        self._settings, self._blocklists = settings, blocklists
        alerts = settings.alerts
        requester = settings.requester.mailbox
        self.routing = Routing(
            operators=alerts.to or ((requester,) if requester else ()),
            routes=alerts.routes,
            rota=alerts.rota,
            deputies=alerts.deputies,
            rhythms={name: channel.rhythm for name, channel in alerts.channels.items()},
            zone=alerts.zone,
            opens=lambda zone, at: next_opening(calendars[zone], at),
            digest_goes=lambda zone, at: next_beginning(calendars[zone], at),
        )

    @property
    def own_domains(self) -> tuple[str, ...]:
        """Those that our own mail is from, as far as a list could have them."""
        senders = (self._settings.mail.sender, self._settings.reports.sender)
        domains = (_domain(sender) for sender in senders if sender is not None)
        return tuple(dict.fromkeys(domain for domain in domains if domain is not None))

    def content(self, delivery: Delivery, inventory: Inventory) -> bytes:
        """Of an alert, for its channel. Raises ChannelFailed when it cannot be made safely."""
        note, view = delivery.notification, self.view(delivery, inventory)
        words, kind = render_alert(view), self._kind(note)
        return self._mail(note, words) if kind is ChannelKind.EMAIL else alert_document(kind, view, words, note)

    def digest(self, note: Notification, parts: Iterable[DigestPart], inventory: Inventory) -> bytes:
        """The content of the digest `note`."""
        views = [self._view(part, inventory) for part in parts]
        told = [(view, render_alert(view)) for view in views]
        words, kind = digest_words(told), self._kind(note)
        return self._mail(note, words) if kind is ChannelKind.EMAIL else digest_document(kind, told, words, note)

    def title(
        self, event: Event, inventory: Inventory, customers: Collection[str] | None = None, held: Holdings | None = None
    ) -> str:
        """The line by which an alert is known: the subject of its message, as the operator reads it, or as whoever
        answers for these customers does. `held`: of that inventory, where many are asked for."""
        concerned = tuple(event.facts.get("parties", ()))
        if customers is not None:
            concerned = tuple(each for each in concerned if each in customers) or tuple(customers)
        audience = Audience.OPERATOR if customers is None else Audience.TAM
        note = Notification("", "", audience, EMAIL, "", concerned, event.at, event_key=event.key)
        return render_alert(self._view(DigestPart(note, event), inventory, held)).subject

    def _mail(self, note: Notification, words: Words) -> bytes:
        corrects = note.corrects.message_id if note.corrects is not None else None
        sender, at = self._settings.mail.from_, note.created_at
        return compose(
            sender, note.recipient, words.subject, words.text, words.html, note.message_id, at, corrects=corrects
        )

    def _kind(self, note: Notification) -> ChannelKind:
        channel = self._settings.alerts.channels.get(note.channel)
        return channel.kind if channel is not None else ChannelKind.EMAIL

    def view(self, delivery: Delivery, inventory: Inventory) -> AlertView:
        assert delivery.event is not None, "an alert is made from an event"
        part = DigestPart(delivery.notification, delivery.event, delivery.joined, delivery.cause)
        return self._view(part, inventory)

    def _view(self, part: DigestPart, inventory: Inventory, held: Holdings | None = None) -> AlertView:
        note, event, joined, cause = part.notification, part.event, part.joined, part.cause
        holdings, day = held or inventory.holdings, event.at.date()
        if note.corrects is not None:  # whoever held it then was told, and reads now that it was not so
            day = datetime.fromisoformat(event.facts["opened_at"]).date()
        hit = _members(event, holdings, day, note.customers, note.audience)
        assets = dict.fromkeys(asset for subject in hit for asset in holdings.on(subject, day))
        seen = _as_read(event, note, holdings)
        return AlertView(
            seen,
            note.audience,
            self._blocklists.get(event.list_id),
            tuple(customer for customer in inventory.customers if customer.id in note.customers),
            tuple(asset for asset in assets if asset.holder is None or asset.holder in note.customers),
            self._settings.web.public_url,
            tuple(ranges(hit)) if event.facts.get("members") else (),
            note.corrects,
            tuple(_as_read(each, note, holdings) for each in joined),
            cause if cause is None or seen is event else cause_of_the_whole(cause),
        )


def _domain(sender: str) -> str | None:
    try:
        subject = parse_subject(sender.rpartition("@")[2])
    except ValueError:
        return None
    return subject.value if subject.kind is SubjectKind.DOMAIN and "." in subject.value else None


def _as_read(event: Event, note: Notification, holdings: Holdings) -> Event:
    return event if note.audience is Audience.OPERATOR else as_read(event, note.customers, holdings)


def _members(
    event: Event, holdings: Holdings, day: date, customers: Collection[str], audience: Audience
) -> list[Subject]:
    """What of an incident a reader may see."""
    return members(event) if audience is Audience.OPERATOR else own_members(event, customers, holdings, day)

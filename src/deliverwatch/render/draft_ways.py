"""A draft on its way out of here: to be pasted, opened in a mail program, or begun there by a link. Sent by a person.

The mail is one that nobody has sent yet (`X-Unsent`, which Outlook opens for editing), so it has neither date nor
Message-ID (RFC 5322 §3.6 asks them of messages that are sent). A link holds the whole mail in its address (RFC 6068),
and programs take only so much of one: Windows 2,083 characters. What is longer is refused, never cut.

Values come from strangers too. Each field stays under its label, whatever its value holds; of the text, the lines are
its own. In a mail's header nothing can begin another line, and the bytes are proven before they are handed out.
"""

import re
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import quote

from deliverwatch.core.errors import ChannelFailed, NotPossible
from deliverwatch.core.remediation.draft import Draft, DraftField, DraftKind
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.render.draft_words import CHANNELS
from deliverwatch.render.encode import in_header, in_lines
from deliverwatch.render.mail import UNFOLDED, author, mailbox, prove

TO_BE_COMPLETED = "[to be completed]"

_LONGEST_LINK = 1800
_LONGEST_SUBJECT = 150
_MOST_NAMED = 3
_BELOW = "(the text below)"
_ENGLISH = "----- English -----"
_BETWEEN = re.compile(r"[,;\n]\s*|\s/\s")
"""What parts the values of a field."""
_SUBJECTS: Mapping[str, Mapping[DraftKind, str]] = {
    "en": {DraftKind.BLOCK: "Mail from {} is refused", DraftKind.LISTING: "Request for removal: {}"},
    "de": {DraftKind.BLOCK: "E-Mails von {} werden abgelehnt", DraftKind.LISTING: "Bitte um Austragung: {}"},
    "es": {DraftKind.BLOCK: "El correo de {} es rechazado", DraftKind.LISTING: "Solicitud de eliminación: {}"},
    "fr": {DraftKind.BLOCK: "Courrier refusé en provenance de {}", DraftKind.LISTING: "Demande de retrait : {}"},
    "it": {DraftKind.BLOCK: "Posta respinta proveniente da {}", DraftKind.LISTING: "Richiesta di rimozione: {}"},
}


def plain(draft: Draft) -> str:
    """All of it, to be copied at once: the fields by their labels, then the text."""
    return _below([line for field in draft.fields for line in _row(field, draft.text)], _text(draft))


def letter(draft: Draft) -> str:
    """The text alone, as a person edits it and gives it back."""
    text = in_lines(draft.text)
    return text if text.endswith("\n") else f"{text}\n"


def eml(draft: Draft, sender: str) -> bytes:
    """A message to be opened, looked through and sent. `sender`: "Name <address>". Raises NotPossible."""
    recipients = _recipients(draft)
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = author(sender)
        message["To"] = [mailbox("", address) for address in recipients]
        message["Subject"] = subject(draft)
        message["X-Unsent"] = "1"
        message.set_content(_body(draft), cte="quoted-printable")
        content = message.as_bytes(policy=UNFOLDED)
        prove(message, content)
    except ChannelFailed as failure:
        raise NotPossible(str(failure)) from None
    return content


def mailto(draft: Draft) -> str:
    """A link that begins the mail. Raises NotPossible, also for a mail that is too long for a link."""
    recipients = ",".join(quote(address, safe="@") for address in _recipients(draft))
    body = _body(draft).replace("\n", "\r\n")
    link = f"mailto:{recipients}?subject={quote(subject(draft), safe='')}&body={quote(body, safe='')}"
    if len(link) > _LONGEST_LINK:
        raise NotPossible(f"{draft.id} is too long for a link ({len(link):,} characters): take it as a mail (--as eml)")
    return link


def subject(draft: Draft) -> str:
    """As a person or the form has it, or what the mail is about; first the addressee's reference, if it follows one."""
    given = next((field.value for field in draft.fields if field.name == "subject" and field.value), None)
    words = _SUBJECTS.get(draft.language, _SUBJECTS["en"])[draft.kind].format(_named(draft.subjects))
    reference = draft.facts.get("reference") if draft.follow_up_of is not None else None
    whole = f"[{reference}] {given or words}" if reference else given or words
    return in_header(whole, _LONGEST_SUBJECT)


def _named(subjects: tuple[str, ...]) -> str:
    shown = ", ".join(subjects[:_MOST_NAMED])
    return f"{shown} (+{len(subjects) - _MOST_NAMED})" if len(subjects) > _MOST_NAMED else shown


def _recipients(draft: Draft) -> list[str]:
    if draft.channel is FormChannel.NONE:
        raise NotPossible(f"{draft.id} is not sent: nobody takes requests; take it as text (--as text)")
    if draft.channel is not FormChannel.EMAIL:
        way = CHANNELS[draft.channel]
        raise NotPossible(f"{draft.id} is not sent by mail, but by {way}: take it as text (--as text)")
    addresses = [part.strip() for part in (draft.to or "").split(",") if part.strip()]
    if not addresses:
        raise NotPossible(f"{draft.id} has no address to send it to: take it as text (--as text)")
    try:
        return [mailbox("", address).addr_spec for address in addresses]
    except ChannelFailed as failure:
        raise NotPossible(str(failure)) from None


def _body(draft: Draft) -> str:
    """The text, below those fields that it does not hold."""
    extra = [field for field in draft.fields if field.name != "subject" and not _stands_in(field, draft.text)]
    return _below([line for field in extra for line in _row(field, draft.text)], _text(draft))


def _below(rows: list[str], text: str) -> str:
    """Forms without room for a text have one that says the fields over again."""
    said = [] if text.split("\n") == rows else [text]
    return "\n\n".join([*(["\n".join(rows)] if rows else []), *said]) + "\n"


def _stands_in(field: DraftField, text: str) -> bool:
    """All of its values do, each as a whole: 192.0.2.1 is not in 192.0.2.10. A gap stands nowhere."""
    if not field.value:
        return not field.required
    values = [part for part in _BETWEEN.split(field.value.strip()) if part]
    return all(re.search(rf"(?<![\w.:]){re.escape(value)}(?![\w:]|\.\w)", text) for value in values)


def _text(draft: Draft) -> str:
    text = in_lines(draft.text).strip("\n")
    if draft.text_english is None:
        return text
    return "\n\n".join([text, _ENGLISH, in_lines(draft.text_english).strip("\n")])


def _row(field: DraftField, text: str) -> list[str]:
    """One line, or the label and the value's own lines below it, indented."""
    label = in_lines(field.label)
    if not field.value:
        return [f"{label}: {TO_BE_COMPLETED}"] if field.required else []
    if field.value.strip() == text.strip():
        return [f"{label}: {_BELOW}"]
    lines = in_lines(field.value.strip("\n")).split("\n")
    return [f"{label}: {lines[0]}"] if len(lines) == 1 else [f"{label}:", *(f"  {line}" for line in lines)]

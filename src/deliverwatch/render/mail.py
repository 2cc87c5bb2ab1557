"""One message as bytes: RFC 5322 header, text and HTML as alternatives, quoted-printable, CRLF.

The same input makes the same bytes, so that a message which is sent again is the same message. The header is proven,
not trusted: Python before 3.11.10 lets an encoded word smuggle a header line into a message (CVE-2024-6923), so what
was generated is parsed back, and the names found must be those that were set. Quoted-printable, since base64 grows by a
third and Gmail cuts a message at about 102 KB.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.parser import BytesHeaderParser
from email.policy import SMTP
from email.utils import parseaddr

from deliverwatch.core.errors import ChannelFailed
from deliverwatch.core.mailbox import parse_mailbox
from deliverwatch.render.encode import in_header
from deliverwatch.render.look import Logo

_LONGEST_LINE = 998  # RFC 5322 §2.1.1
_LONGEST_SUBJECT = 200
UNFOLDED = SMTP.clone(max_line_length=_LONGEST_LINE)
"""Header lines as they are: the library folds a long subject right behind its name, and readers see a leading space."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """What makes a message one of many of a kind. `list_id`: the part before the sender's domain (RFC 2919).
    `unsubscribe`: addresses to do so, the best first (RFC 2369); with an https one among them, one click is enough (RFC
    8058)."""

    list_id: str
    unsubscribe: tuple[str, ...]


def compose(
    sender: str,
    recipient: str,
    subject: str,
    text: str,
    html: str | None,
    message_id: str,
    date: datetime,
    reply_to: str | None = None,
    corrects: str | None = None,
    mailing: Mailing | None = None,
    logo: Logo | None = None,
) -> bytes:
    """`sender`: "Name <address>" or an address; the others are bare. `message_id`: the part before the sender's domain;
    `corrects`: that of the message which this one takes back, so that mail programs show the two together.

    Raises ChannelFailed, for good, when the message cannot be made without saying something else.
    """
    message = EmailMessage(policy=SMTP)
    from_ = author(sender)
    message["From"] = from_
    message["To"] = mailbox("", recipient)
    if reply_to is not None:
        message["Reply-To"] = mailbox("", reply_to)
    message["Subject"] = in_header(subject, _LONGEST_SUBJECT)
    message["Date"] = date.astimezone(UTC)
    message["Message-ID"] = f"<{message_id}@{from_.domain}>"
    if corrects is not None:
        message["In-Reply-To"] = message["References"] = f"<{corrects}@{from_.domain}>"  # RFC 5322 §3.6.4
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's vacation program answers
    if mailing is not None:
        _add_list_headers(message, mailing, from_.domain)
    message.set_content(text, cte="quoted-printable")
    if html is not None:
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        message.set_boundary(_boundary(message_id))
        if logo is not None:
            _add_logo(message, logo, message_id)
    content = message.as_bytes(policy=UNFOLDED)
    prove(message, content)
    return content


def _add_list_headers(message: EmailMessage, mailing: Mailing, domain: str) -> None:
    for address in mailing.unsubscribe:
        if not (address.isascii() and address.isprintable()) or set(address) & set(" <>,"):
            raise ChannelFailed(f"{address!r} is no address to unsubscribe at", permanent=True)
    message["List-Id"] = f"<{mailing.list_id}.{domain}>"
    message["List-Unsubscribe"] = ", ".join(f"<{address}>" for address in mailing.unsubscribe)
    if any(address.startswith("https://") for address in mailing.unsubscribe):
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _add_logo(message: EmailMessage, logo: Logo, message_id: str) -> None:
    """Beside the HTML that shows it (RFC 2387): nothing is fetched from anywhere."""
    html = message.get_body(("html",))
    assert isinstance(html, MIMEPart)
    html.add_related(logo.content, "image", logo.subtype, disposition="inline", cid=f"<{logo.cid}>")
    html.set_boundary(_boundary(f"{message_id} related"))


def _boundary(of: str) -> str:
    """ "=_" can occur neither in quoted-printable text (RFC 2045 §6.7) nor in base64, so no part can hold it."""
    return "=_" + hashlib.sha256(of.encode()).hexdigest()[:32]


def author(sender: str) -> Address:
    """ "Name <address>", or an address alone. Raises ChannelFailed."""
    if not sender.isprintable():
        raise ChannelFailed(f"{sender!r} is not the author of a message: expected Name <address>", permanent=True)
    return mailbox(*parseaddr(sender))


def mailbox(name: str, address: str) -> Address:
    """Raises ChannelFailed."""
    try:
        return Address(in_header(name, 100), addr_spec=parse_mailbox(address))
    except ValueError as fault:
        raise ChannelFailed(str(fault), permanent=True) from None


def prove(message: EmailMessage, content: bytes) -> None:
    """Raises unless the bytes say what was set, and nothing besides."""
    found = BytesHeaderParser(policy=SMTP).parsebytes(content.partition(b"\r\n\r\n")[0])
    if Counter(name.lower() for name in found.keys()) != Counter(name.lower() for name in message.keys()):  # noqa: SIM118
        raise ChannelFailed("the message was not made: its header would hold lines that were not set", permanent=True)
    if [str(found[name]) for name in ("From", "To")] != [str(message[name]) for name in ("From", "To")]:
        raise ChannelFailed("the message was not made: its addresses would read differently", permanent=True)
    if max(map(len, content.split(b"\r\n"))) > _LONGEST_LINE:
        raise ChannelFailed("the message was not made: a line would be over 998 octets", permanent=True)

"""Mail through a relay (RFC 5321), one message and one recipient at a time.

What the relay answers decides whether trying again can help. A 5yz to RCPT or DATA is about this message or this
recipient, and final. Everything else (4yz, no connection, a dropped one, a failed login or TLS handshake) is about the
relay or our settings, and may be over in an hour. Once the relay has answered 250 to the message it is delivered,
whatever becomes of QUIT: to fail there would send it twice.

smtplib waits for one line at a time, so a relay that sends one now and then could hold it for ever. The whole hand-over
has an end (`timeout_for`), at which the connection is cut from outside. If that falls between the message and the
answer to it, nobody knows whether the relay has it: it is sent again, under the same Message-ID.
"""

import asyncio
import contextlib
import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr

from deliverwatch.core.errors import ChannelFailed
from deliverwatch.core.mailbox import parse_mailbox
from deliverwatch.core.visible import visible
from deliverwatch.flows.ports import OutgoingMail

_REPLY_SHOWN = 300
_ABOUT_OUR_ACCESS = frozenset({530, 534, 535, 538})  # RFC 4954 §6, RFC 3207 §4: log in, or encrypt, first
_RECIPIENT = "recipient"
_ABOUT_US = re.compile(r"\b5\.7\.\d|relay", re.IGNORECASE)
"""At RCPT too a relay may refuse us and not the recipient: by policy (RFC 3463 §3.8), or since it does not relay."""
_TROUBLE = (OSError, ValueError)  # smtplib's own are OSErrors; ValueError: a host that cannot be encoded


@dataclass(frozen=True, slots=True)
class EmailChannel:
    """`helo`: the name to greet with; None: this machine's own. With `starttls` nothing is sent in the clear.
    `timeout_for` is for one message, from connecting to the relay's last word."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    starttls: bool = False
    timeout_for: timedelta = timedelta(seconds=60)
    helo: str | None = None

    async def deliver(self, mail: OutgoingMail) -> None:
        sender, recipient = _envelope(parseaddr(mail.sender)[1]), _envelope(mail.recipient)
        line = _Line()
        try:
            async with asyncio.timeout(self._allowed):
                await asyncio.to_thread(self._send, line, sender, recipient, mail.content)
        except TimeoutError:
            if not line.accepted:
                raise self._failed(f"the hand-over had no end after {self._allowed:g} s and was cut off") from None
        except ChannelFailed as failure:
            failure.__context__ = None  # what a server said to a login may repeat the password
            raise
        finally:
            line.cut()

    def _send(self, line: "_Line", sender: str, recipient: str, content: bytes) -> None:
        with contextlib.closing(line), self._connect(line) as relay:
            self._prepare(relay)
            self._hand_over(relay, sender, recipient, content)
            line.accepted = True
            with contextlib.suppress(*_TROUBLE):
                relay.quit()

    def _connect(self, line: "_Line") -> "contextlib.closing[smtplib.SMTP]":
        try:
            # A relay's first address may be dead: there must be time left for another.
            connected = socket.create_connection((self.host, self.port), self._allowed / 2)
            connected.settimeout(self._allowed)
            line.follow(connected)
            return contextlib.closing(_Session(connected, self.host, self.helo))
        except _TROUBLE as failure:
            raise self._failed("no connection", failure) from None

    def _prepare(self, relay: smtplib.SMTP) -> None:
        try:
            relay.ehlo_or_helo_if_needed()
            if self.starttls:
                relay.starttls(context=ssl.create_default_context())
        except _TROUBLE as failure:
            raise self._failed("no secure connection" if self.starttls else "no greeting", failure) from None
        if self.username is not None:
            self._log_in(relay, self.username, self.password or "")

    def _log_in(self, relay: smtplib.SMTP, username: str, password: str) -> None:
        """Shows no reply: some servers repeat there what was sent."""
        if not (username + password).isascii():
            raise self._failed("no login: username and password must be ASCII")
        try:
            relay.login(username, password)
        except smtplib.SMTPAuthenticationError as refusal:
            raise self._failed(f"the login of {username} was refused with {refusal.smtp_code}") from None
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPNotSupportedError) as failure:
            raise self._failed("no login", failure) from None
        except (smtplib.SMTPException, ValueError):
            raise self._failed("no login: the relay offers no way that is known here, or makes no sense") from None
        except OSError as failure:
            raise self._failed("no login", failure) from None

    def _hand_over(self, relay: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> None:
        try:
            relay.sendmail(sender, [recipient], content)
        except smtplib.SMTPRecipientsRefused as refusal:
            raise self._refused(_RECIPIENT, *refusal.recipients[recipient]) from None
        except smtplib.SMTPSenderRefused as refusal:
            raise self._unwelcome(refusal.smtp_code, refusal.smtp_error) from None
        except smtplib.SMTPDataError as refusal:
            raise self._refused("message", refusal.smtp_code, refusal.smtp_error) from None
        except _TROUBLE as failure:
            raise self._failed("the connection broke off", failure) from None

    def _refused(self, what: str, code: int, reply: bytes | str) -> ChannelFailed:
        said = _shown(reply)
        permanent = 500 <= code <= 599 and code not in _ABOUT_OUR_ACCESS
        no_such_reader = permanent and what == _RECIPIENT and not _ABOUT_US.search(said)
        why = f"{self._relay} refused the {what}: {code} {said}"
        return ChannelFailed(why, permanent=permanent, no_such_reader=no_such_reader)

    def _unwelcome(self, code: int, reply: bytes | str) -> ChannelFailed:
        """A refused MAIL concerns every message: our address or access is wrong, and somebody will put it right."""
        return ChannelFailed(f"{self._relay} refused the sender: {code} {_shown(reply)}", permanent=False)

    def _failed(self, what: str, failure: Exception | None = None) -> ChannelFailed:
        detail = f" ({_told(failure)})" if failure is not None else ""
        return ChannelFailed(f"{self._relay}: {what}{detail}", permanent=False)

    @property
    def _relay(self) -> str:
        return f"mail relay {self.host}:{self.port}"

    @property
    def _allowed(self) -> float:
        return self.timeout_for.total_seconds()


class _Line:
    """What the event loop and the thread that talks to the relay both know of one hand-over."""

    def __init__(self) -> None:
        self.accepted = False
        self._is_cut = False
        self._handle: socket.socket | None = None

    def follow(self, connected: socket.socket) -> None:
        """Keeps a handle of its own: TLS takes the socket over, and closing it elsewhere wakes nobody."""
        self._handle = connected.dup()
        if self._is_cut:  # looked at after the handle is there, and set before it is looked for: none slips through
            self.cut()

    def cut(self) -> None:
        """Ends whatever waits for the relay. Does nothing once the line is closed."""
        self._is_cut = True
        if self._handle is not None:
            with contextlib.suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        if self._handle is not None:
            self._handle.close()


class _Session(smtplib.SMTP):
    """Over a connection that is there already."""

    def __init__(self, connected: socket.socket, host: str, helo: str | None) -> None:
        self._connected = connected
        super().__init__(host, local_hostname=helo)

    def connect(self, *_: object, **__: object) -> tuple[int, bytes]:
        self.sock = self._connected
        return self.getreply()


def _envelope(address: str) -> str:
    try:
        return parse_mailbox(address)
    except ValueError as fault:
        raise ChannelFailed(str(fault), permanent=True) from None


def _told(failure: Exception) -> str:
    if isinstance(failure, smtplib.SMTPResponseException):
        return f"{failure.smtp_code} {_shown(failure.smtp_error)}"
    return visible(str(failure) or type(failure).__name__, _REPLY_SHOWN)


def _shown(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "backslashreplace") if isinstance(reply, bytes) else reply
    return visible(text.replace("\n", " / "), _REPLY_SHOWN)

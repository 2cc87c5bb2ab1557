"""Mails as strangers write them: split, decoded and bounded, before anything in them is believed.

Complaints and bounces come as mail, from everybody. The standard library reads the header of a part; it is not let
loose on a whole message, because its parser follows nested parts as deep as they go. Here a part may lie four levels
deep, a mail has a hundred parts at most, a header 64 KiB and a mail 1 MiB, so that time grows with size alone. What
breaks the rules is read as far as it goes: a missing boundary is looked for, a header in raw UTF-8 is taken as that,
an unknown charset as Latin-1.

A file may hold one mail or many (mbox, RFC 4155): it is one if it does not begin with "From ".
"""

import binascii
import quopri
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import mktime_tz, parsedate_tz
from hashlib import blake2b

from deliverwatch.core.delivery import Item, Rejection
from deliverwatch.flows.source_ports import ReaderOptions
from deliverwatch.sources import values

MOST_MAIL = 1 << 20
_MOST_HEADER = 1 << 16
_MOST_PARTS, _MOST_DEPTH, _MOST_GROUPS = 100, 4, 1000
_MOST_DATE = 100
_MBOX_FROM = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]*\r?\n")
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_NAME = re.compile(r"[!-9;-~]+")
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]{1,40})", re.IGNORECASE)
_CHARSETS = frozenset(
    {"iso-2022-jp", "shift_jis", "euc-jp", "gb2312", "gbk", "gb18030", "big5", "euc-kr", "koi8-r", "koi8-u"}
    | {"iso-8859-2", "iso-8859-5", "iso-8859-9", "iso-8859-15", "windows-1250", "windows-1251", "windows-1252"}
)
"""Besides UTF-8 and Latin-1. A list, because Python knows codecs that are no charsets and take long over a little."""
_PARSER = BytesHeaderParser(policy=compat32)
_ORIGINAL = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
)


class MailReader:
    """A `Reader` of one mail, or of an mbox of them; subclasses say what is in a mail."""

    def __init__(self, options: ReaderOptions) -> None:
        self.line = 0
        self.options = options

    def whole(self, buffer: bytes, last: bool) -> int:
        return len(buffer) if last else 0

    def read(self, block: bytes) -> Iterator[Item]:
        for raw in mails(block):
            self.line += 1
            if len(raw) > MOST_MAIL:
                yield Rejection(self.line, f"a mail of {len(raw):,} bytes: at most {MOST_MAIL:,} are read")
            else:
                yield from self.items(raw)

    def remember(self, block: bytes) -> None:
        """Each mail stands alone."""

    def items(self, raw: bytes) -> Iterator[Item]:
        """Of one mail, of `MOST_MAIL` bytes at most."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Part:
    """A mail, or a part of one. `fields`: by name in lower case, unfolded, in the order in which they stand. `body`: as
    sent, with its transfer encoding."""

    fields: Mapping[str, Sequence[str]]
    body: bytes

    def get(self, name: str) -> str | None:
        """The first field of the name that is not empty."""
        return next((value for value in self.fields.get(name, ()) if value), None)

    @property
    def type(self) -> str:
        """Without parameters; text/plain where it is missing (RFC 2045 §5.2)."""
        return (self.get("content-type") or "text/plain").partition(";")[0].strip().lower()

    def content(self) -> bytes:
        """Without its transfer encoding; as it stands if that is broken."""
        encoding = (self.get("content-transfer-encoding") or "").lower()
        try:
            if encoding == "base64":
                return binascii.a2b_base64(self.body)
            return quopri.decodestring(self.body) if encoding == "quoted-printable" else self.body
        except ValueError:
            return self.body

    def text(self) -> str:
        found = _CHARSET.search(self.get("content-type") or "")
        return _decoded(self.content(), found[1].lower() if found else "")


def mails(file: bytes) -> Iterator[bytes]:
    """Every mail of a file."""
    starts = [(found.start(), found.end()) for found in _MBOX_FROM.finditer(file)]
    if not starts or starts[0][0] != 0:
        yield file
        return
    for (_, start), (end, _) in zip(starts, [*starts[1:], (len(file), 0)], strict=True):
        yield file[start:end]


def read_mail(mail: bytes) -> Part:
    """Header and body. Lines of the header that are no fields end it."""
    found = _HEADER_END.search(mail)
    header, body = (mail[: found.end()], mail[found.end() :]) if found else (mail, b"")
    if mail[:1] == b"\n" or mail[:2] == b"\r\n":  # a part without a header of its own
        header, body = b"", mail.lstrip(b"\r\n")
    fields: dict[str, list[str]] = {}
    for name, value in _PARSER.parsebytes(header[:_MOST_HEADER]).raw_items():
        if _NAME.fullmatch(name):
            fields.setdefault(name.lower(), []).append(_unfolded(value))
    return Part(fields, body)


def leaves(mail: Part) -> list[Part]:
    """The parts that hold something, in order; an attached message is one of them and is not gone into."""
    return list(_leaves(mail, _MOST_DEPTH))[:_MOST_PARTS]


def report_of(parts: list[Part], *types: str) -> Part | None:
    """The first part of one of the types."""
    return next((part for part in parts if part.type in types), None)


def original_of(parts: list[Part]) -> Part:
    """The header of the mail that is reported on; an empty one if it is not there."""
    found = report_of(parts, *_ORIGINAL)
    return fields_of(found) if found else Part({}, b"")


def fields_of(part: Part) -> Part:
    """What a part holds, read as a header."""
    return read_mail(part.content().strip() + b"\n\n")


def groups(part: Part) -> Iterator[Part]:
    """Groups of fields with blank lines between them (RFC 3464 §2.1)."""
    for block in re.split(rb"\r?\n[ \t]*\r?\n", part.content().strip(), maxsplit=_MOST_GROUPS)[:_MOST_GROUPS]:
        yield read_mail(block.strip(b"\r\n") + b"\n\n")


def date_of(text: str | None) -> datetime | None:
    """A date as mail writes it (RFC 5322 §3.3, and the names of zones that are obsolete); None for anything else."""
    try:
        parsed = parsedate_tz((text or "")[:_MOST_DATE])
        return values.at_seconds(mktime_tz(parsed)) if parsed else None
    except (ValueError, TypeError, IndexError, OverflowError):  # the library's own, on dates that are none
        return None


def identity(mail: Part, raw: bytes) -> str:
    """The same for each copy of a mail: a digest of its Message-ID, or of all of it where there is none."""
    return blake2b((mail.get("message-id") or "").encode() or raw, digest_size=16).hexdigest()


def _leaves(part: Part, depth: int) -> Iterator[Part]:
    if not part.type.startswith("multipart/") or depth == 0:
        yield part
        return
    for piece in _pieces(part):
        yield from _leaves(read_mail(piece), depth - 1)


def _pieces(part: Part) -> Iterator[bytes]:
    """What stands between the boundary's lines (RFC 2046 §5.1.1)."""
    found = _BOUNDARY.search(part.get("content-type") or "")
    named = (found[1] or found[2]).rstrip().encode("utf-8", "replace") if found else b""
    line = b"--" + named
    if not named or line not in part.body:
        guess = re.search(rb"^--([!-~]{1,200})[ \t]*\r?\nContent-", part.body, re.IGNORECASE | re.MULTILINE)
        line = b"--" + (guess[1] if guess else named)
    marks = re.compile(rb"(?:\A|\r?\n)" + re.escape(line) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    start = -1
    for count, mark in enumerate(marks.finditer(part.body)):
        if start >= 0:
            yield part.body[start : mark.start()].removeprefix(b"\r").removeprefix(b"\n")
        start = -1 if mark[1] else mark.end()
        if start < 0 or count >= _MOST_PARTS:
            return
    if start >= 0:
        yield part.body[start:].removeprefix(b"\r").removeprefix(b"\n")


def _unfolded(value: str) -> str:
    """In one line. The library keeps bytes that are not ASCII as surrogates."""
    return " ".join(value.encode("utf-8", "surrogateescape").decode("utf-8", "replace").split())


def _decoded(content: bytes, charset: str) -> str:
    if charset in _CHARSETS:
        return content.decode(charset, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")

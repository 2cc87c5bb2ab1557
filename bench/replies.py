"""Replies: how many are read per CPU second, and Sisimai beside it, where it is installed."""

import random
import resource
import subprocess
import tempfile
from email.message import EmailMessage
from pathlib import Path

from engines import run_child
from reply_process import different
from results import Results
from servers import find

_BOUNCES = 1_000
_READ_ALL = (
    "my $read = Sisimai->can('rise') || Sisimai->can('make'); print scalar @{ $read->('Sisimai', $ARGV[0]) || [] }"
)


def measure_replies(results: Results, address: str) -> None:  # noqa: ARG001
    rates = run_child("reply_process.py")
    repeating, each_new = rates["repeating"], rates["different"]
    results.add("replies that repeat: at least 100,000 per CPU second", f"{repeating:,.0f}", repeating >= 100_000)
    results.add("replies of which none repeats: at least 20,000", f"{each_new:,.0f}", each_new >= 20_000)
    theirs = _sisimai_per_cpu_s()
    if theirs is None:
        results.say("Sisimai is not installed: nothing to compare with.")
    else:
        results.say(
            f"Sisimai reads {theirs:,.0f} replies per CPU second, each as a whole bounce; ours, where none repeats, "
            f"{each_new / theirs:,.0f} times as many."
        )


def _sisimai_per_cpu_s() -> float | None:
    """It takes mail: each reply in a bounce of its own. Its start is taken off."""
    if find("perl") is None or subprocess.run(["perl", "-MSisimai", "-e1"], capture_output=True).returncode != 0:
        return None
    with tempfile.TemporaryDirectory() as folder:
        empty, full = Path(folder, "empty"), Path(folder, "full")
        empty.mkdir()
        full.mkdir()
        for number, reply in enumerate(different(_BOUNCES, random.Random(5))):
            (full / f"{number}.eml").write_bytes(_bounce(number, reply))
        start_s, all_s = _cpu_s(empty), _cpu_s(full)
    return _BOUNCES / (all_s - start_s)


def _cpu_s(folder: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["perl", "-MSisimai", "-e", _READ_ALL, str(folder)], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _bounce(number: int, reply: str) -> bytes:
    """As Postfix writes it (RFC 3464)."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "MAILER-DAEMON@mta.example (Mail Delivery System)", "news@example.org"
    mail["Subject"], mail["Message-ID"] = "Undelivered Mail Returned to Sender", f"<{number}@mta.example>"
    mail["Date"] = "Thu, 26 Nov 2026 10:00:00 +0000"
    words = reply.encode("ascii", "replace").decode()
    said = f"host mx.example.net[203.0.113.5] said: {words} (in reply to RCPT TO command)"
    text = f"This is the mail system at host mta.example.\n\n<someone@example.net>: {said}\n"
    report = (
        "Reporting-MTA: dns; mta.example\n\nFinal-Recipient: rfc822; someone@example.net\nAction: failed\n"
        f"Status: 5.0.0\nRemote-MTA: dns; mx.example.net\nDiagnostic-Code: smtp; {words}\n"
    )
    boundary = "part"
    mail["MIME-Version"] = "1.0"
    mail["Content-Type"] = f'multipart/report; report-type=delivery-status; boundary="{boundary}"'
    parts = [
        f"Content-Type: text/plain\n\n{text}",
        f"Content-Type: message/delivery-status\n\n{report}",
        "Content-Type: text/rfc822-headers\n\nFrom: news@example.org\nTo: someone@example.net\nSubject: News\n",
    ]
    body = "".join(f"--{boundary}\n{part}\n" for part in parts) + f"--{boundary}--\n"
    return mail.as_bytes().rstrip() + b"\n\n" + body.encode()

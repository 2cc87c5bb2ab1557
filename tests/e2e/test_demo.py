"""`make run ARGS=--once` as a stranger runs it: the story is told to its end, by mail."""

import asyncio
import re
import sys
from email import message_from_bytes
from email.policy import default


async def test_the_sandbox_tells_its_week(tmp_path):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deliverwatch", "demo", "--once"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)},
    )
    out, err = await process.communicate()
    assert (process.returncode, err) == (0, b""), err.decode()
    told = out.decode()
    for pattern in (
        r"mail to robin\.doe@esp\.example: LISTED \(critical(, already)?\): 192\.0\.2\.10 on Spamhaus ZEN",
        r"mail to sam\.roe@esp\.example: DELISTED: 203\.0\.113\.1 on SpamCop",
        r"QUARANTINED: Passive Spam Block List",
        r"BLIND: Barracuda",
        r"mail to robin\.doe@esp\.example: LISTED \(low\): 192\.0\.2\.8/29 \(8 addresses\) on UCEPROTECT Level 1",
        r"mail to postmaster@esp\.example: CORRECTION: ",
        r"mail to postmaster@acme\.example: Attention: ",
        r"mail to mail@bravo\.example: Ended",
        r"mail to robin\.doe@esp\.example: BLOCKED: 192\.0\.2\.10 at ",
        r"mail to sam\.roe@esp\.example: (WAS )?SLOWED: 203\.0\.113\.1 at ",
        r"mail to robin\.doe@esp\.example: TO MEND \(urgent\): 198\.51\.100\.20 at ",
    ):
        assert re.search(pattern, told), pattern
    found = lines_after("What mailbox providers did", told)
    assert [line.split(" since ")[0] for line in found] == [
        "block: 192.0.2.10 at microsoft_consumer",
        "throttle: 203.0.113.1 at yahoo",
        "block: 198.51.100.35 at microsoft_consumer",
        "finding: 198.51.100.20 at google",
    ]
    assert [line.rpartition("(")[2].partition(",")[0].strip(")") for line in found] == [
        *("accepted", "accepted", "open", "open"),
    ]
    check_warmups(told, texts_in(tmp_path))
    check_requests(told, texts_in(tmp_path))
    await check_what_was_sent(told, tmp_path)
    assert len(mail_in(tmp_path)) == told.count("  mail to ")


def check_warmups(told, mails):
    """How each of Delta's six ends, and what happened to those that were held or taken back."""
    _, *rows = lines_after("Where the warm-ups are", told)
    assert [re.split(" {2,}", line)[:2] for line in rows[:6]] == [
        ["198.51.100.33", "on plan"],
        ["198.51.100.34", "behind: no traffic"],
        ["198.51.100.35", "behind: refused"],
        ["198.51.100.36", "on plan"],
        ["198.51.100.37", "fell back"],
        ["198.51.100.38", "done"],
    ]
    assert "198.51.100.37: Robin Doe stepped it back to stage 3 of 4" in told
    for words in (
        "WARM-UP HELD: 198.51.100.35 at Microsoft Outlook.com",
        "WARM-UP HELD: 198.51.100.36 on Spamhaus ZEN",
        "READY TO RELEASE: 198.51.100.36 on Spamhaus ZEN",
        "the world: Robin Doe releases the warm-up of 198.51.100.36",
        "WARM-UP STEPPED BACK: 198.51.100.37",
        "WARM-UP ENDED: 198.51.100.38",
    ):
        assert words in told
    (report,) = [text for to, text in mails if to == "postmaster@delta.example" and "Weekly" in text]
    assert "198.51.100.35: behind: refused, held at Microsoft Outlook" in report
    assert "198.51.100.36: on plan Braze" in report, "it is held no more"


def check_requests(told, mails):
    """What is asked for whom; how the block of Delta's new IP is followed up; and what the reports say of it."""
    asked = [line.partition(": ")[2] for line in lines_after("What is asked for whom", told)]
    outlook = "Microsoft Outlook.com, Hotmail, Live, MSN about the block of 198.51.100.35, for delta"
    assert f"request to {outlook} (answered)" in asked
    assert f"follow-up (denied) to {outlook} (prepared)" in asked
    assert "request to Spamhaus ZEN about the listing of 192.0.2.10, for acme (prepared)" in asked
    for words in (
        "the world: Robin Doe asks Delta what was changed",
        "mail to postmaster@delta.example: Please answer: Microsoft Outlook.com refuses mail from 198.51.100.35",
        "the world: Robin Doe sends the form about 198.51.100.35 to Outlook",
    ):
        assert words in told
    (question,) = [text for to, text in mails if to == "postmaster@delta.example" and "How to answer" in text]
    assert "A reply from there, as it came in (mailboxes masked): 550 5.7.1 " in question
    (report,) = [text for to, text in mails if to == "postmaster@delta.example" and "Weekly" in text]
    assert "198.51.100.35: follow-up: being prepared" in report
    (report,) = [text for to, text in mails if to == "postmaster@acme.example" and "Weekly" in text]
    assert "Let the reverse name of 192.0.2.12 lead back to it" in report
    assert "Mended this week: DMARC: news[.]acme[.]example" in report


async def check_what_was_sent(told, folder):
    """Delta was asked first: no gap is left in it, nor in its follow-up."""
    (config,) = folder.glob("deliverwatch-sandbox-*/deliverwatch.toml")
    (line,) = [each for each in lines_after("What is asked for whom", told) if "(answered)" in each]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deliverwatch", "drafts", "show", line.partition(":")[0], "--json"),
        *("--config", str(config)),
        stdout=asyncio.subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin"},
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert b"6,200 addresses" in out
    assert b"to be completed" not in out


def lines_after(head, told):
    """Those of the paragraph, without its head."""
    return [line.strip() for line in told.partition(head)[2].partition("\n\n")[0].splitlines()[1:]]


def texts_in(folder):
    mails = [message_from_bytes(each.read_bytes(), policy=default) for each in mail_in(folder)]
    return [(mail["To"], " ".join(mail.get_body(("plain",)).get_content().split())) for mail in mails]


def mail_in(folder):
    return list(folder.glob("deliverwatch-sandbox-*/mail/*.eml"))

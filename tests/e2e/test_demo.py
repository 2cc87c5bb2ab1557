"""`make run ARGS=--once` as a stranger runs it: the story is told to its end, by mail."""

import asyncio
import sys


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
    for words in (
        "mail to robin.doe@esp.example: LISTED (critical): 192.0.2.10 on Spamhaus ZEN",
        "mail to sam.roe@esp.example: DELISTED: 203.0.113.1 on SpamCop",
        "QUARANTINED: Passive Spam Block List",
        "BLIND: Barracuda",
        "mail to robin.doe@esp.example: LISTED (low): 192.0.2.8/29 (8 addresses) on UCEPROTECT Level 1",
        "mail to postmaster@esp.example: CORRECTION: ",
        "mail to postmaster@acme.example: Attention: ",
        "mail to mail@bravo.example: Ended",
        "mail to robin.doe@esp.example: BLOCKED: 192.0.2.10 at ",
        "mail to sam.roe@esp.example: SLOWED: 203.0.113.1 at ",
        "mail to robin.doe@esp.example: TO MEND (urgent): 198.51.100.20 at ",
    ):
        assert words in told
    _, _, found = told.partition("What mailbox providers did")
    assert [line.split(" since ")[0].strip() for line in found.splitlines()[1:4]] == [
        "block: 192.0.2.10 at microsoft_consumer",
        "throttle: 203.0.113.1 at yahoo",
        "finding: 198.51.100.20 at google",
    ]
    assert [line.rpartition("(")[2].partition(",")[0].strip(")") for line in found.splitlines()[1:4]] == [
        "accepted",
        "accepted",
        "open",
    ]
    assert len(mail_in(tmp_path)) == told.count("mail to ")


def mail_in(folder):
    return list(folder.glob("deliverwatch-sandbox-*/mail/*.eml"))

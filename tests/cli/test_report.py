"""`deliverwatch report`: what is said of one before it goes, who gets it, and the files of one."""

from email import message_from_bytes
from email.policy import SMTP

import pytest

from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.flows.contacts import token_digest
from deliverwatch.store import open_store
from flows.rounds import hold
from samples import customer

FIRST, SECOND = "first@acme.example", "second@acme.example"
INVENTORY = Inventory((customer("acme", contacts=(FIRST, SECOND)),), (Asset("192.0.2.8/29", "acme"),))


@pytest.fixture
async def installed(tmp_path, start_mailbox):
    """The mailbox that takes the mail."""
    mailbox = await start_mailbox()
    (tmp_path / "logo.gif").write_bytes(b"GIF89a" + b"\0" * 30)
    (tmp_path / "deliverwatch.toml").write_text(
        f'[mail]\nport = {mailbox.port}\nfrom = "watch@esp.example"\n[store]\nurl = "sqlite:///{tmp_path}/dw.db"\n'
        f'[dns]\nresolvers = ["127.0.0.1:9"]\n[web]\npublic_url = "https://d.esp.example"\n'
        f'[reports]\nfrom = "Example ESP <reports@esp.example>"\nlogo = "{tmp_path}/logo.gif"\n'
        f'archive = "{tmp_path}/archive"\n'
    )
    store = open_store(f"sqlite:///{tmp_path}/dw.db")
    await hold(store, INVENTORY)
    await store.close()
    return mailbox


async def test_held_noted_released_and_sent_to_whoever_is_left(deliverwatch, installed, tmp_path):
    of = ("--customer", "acme")
    noted = (await deliverwatch("report", "note", *of, "--note", "Ask me.\nAnytime.", "--json")).document
    assert (noted["plan"], noted["note"], noted["by"], noted["reason"]) == ("sent", "Ask me. Anytime.", "robin", None)
    week = ("--week", noted["week"])
    held = await deliverwatch("report", "hold", *of, *week, "--reason", "odd \x1b[2J figures", "--by", "Kim")
    assert (held.code, "is held, and goes when it is released" in held.out) == (0, True)
    refused = await deliverwatch("report", "send", *of, *week)
    assert (refused.code, "is held by Kim: release it" in refused.err) == (2, True)
    listed = await deliverwatch("report", "list")
    assert "odd \\x1b[2J figures" in listed.out
    assert "\x1b" not in listed.out
    assert (await deliverwatch("report", "release", *of, *week)).code == 0
    sent = await deliverwatch("report", "send", *of, *week, "--json")
    assert (sent.code, sent.document) == (0, {"customer": "acme", "week": noted["week"]})
    late = await deliverwatch("report", "skip", *of, *week, "--reason", "x")
    assert (late.code, "was made already" in late.err) == (2, True)
    messages = {each.recipients[0]: message_from_bytes(each.content, policy=SMTP) for each in installed.messages}
    assert messages.keys() == {FIRST, SECOND}
    assert "Ask me. Anytime." in messages[FIRST].get_body(("plain",)).get_content()
    await the_message_can_be_unsubscribed(messages[FIRST], tmp_path)
    archived = (tmp_path / "archive" / "acme" / noted["week"] / "report.eml").read_bytes()
    assert archived == installed.messages[0 if installed.messages[0].recipients == (FIRST,) else 1].content


async def the_message_can_be_unsubscribed(message, tmp_path):
    assert [name for name in message if name.lower() not in ("mime-version", "content-type")] == [
        *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"),
    ]
    assert str(message["From"]) == "Example ESP <reports@esp.example>"
    assert message["Reply-To"] == "tam-acme@esp.example"
    assert message["Message-ID"].endswith("@esp.example>")
    assert message["List-Id"] == "<weekly-report.acme.esp.example>"
    page, mailbox = message["List-Unsubscribe"].split(", ")
    assert mailbox == "<mailto:tam-acme@esp.example?subject=unsubscribe>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = page.strip("<>")
    start, _, token = url.rpartition("/")
    assert (start, len(token)) == ("https://d.esp.example/unsubscribe", 32)
    assert url in message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert url in html
    (logo,) = [part for part in message.walk() if part.get_content_type() == "image/gif"]
    assert f'src="cid:{logo["Content-ID"].strip("<>")}"' in html
    store = open_store(f"sqlite:///{tmp_path}/dw.db")
    assert await store.token_owner(token_digest(token)) == ("acme", FIRST)
    await store.close()


async def test_a_contact_whom_the_relay_refuses_is_a_task_until_it_is_seen_to(deliverwatch, installed):
    installed.script("rcpt", "550 5.1.1 no such user")
    await deliverwatch("report", "send", "--customer", "acme")
    (lost,) = (await deliverwatch("report", "contacts", "--json")).document
    assert (lost["customer"], lost["state"], lost["seen_to_at"]) == ("acme", "bounced", None)
    assert "550 5.1.1 no such user" in lost["why"]
    shown = await deliverwatch("report", "contacts", "--customer", "acme")
    assert (shown.code, lost["address"] in shown.out, "open" in shown.out) == (0, True, True)
    done = await deliverwatch("report", "contacts", "done", lost["address"], "--customer", "acme", "--json")
    assert (done.document["state"], done.document["seen_to_at"][-1]) == ("bounced", "Z")
    restored = await deliverwatch("report", "contacts", "restore", lost["address"], "--customer", "acme")
    assert restored.out == f"{lost['address']} of acme gets reports again.\n"
    again = await deliverwatch("report", "contacts", "restore", lost["address"], "--customer", "acme")
    assert (again.code, "is no lost contact of acme" in again.err) == (2, True)


async def test_a_preview_is_the_same_three_files_and_nothing_is_sent(deliverwatch, installed, tmp_path):
    ran = await deliverwatch("report", "preview", "--customer", "acme", "--out", "out", "--json")
    assert ran.document == {"files": ["out/report.html", "out/report.txt", "out/report.eml"]}
    message = message_from_bytes((tmp_path / "out" / "report.eml").read_bytes(), policy=SMTP)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert installed.messages == []
    nobody = await deliverwatch("report", "hold", "--customer", "none", "--reason", "x")
    assert (nobody.code, nobody.err.count("\n")) == (2, 1)

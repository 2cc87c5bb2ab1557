"""`deliverwatch drafts`: what it prints, what it exits with, what its JSON holds.

In this process, since there are many; tests/cli/test_work.py runs the way through it as a user does.
"""

import asyncio
import email
import io
import json
import os
import re
import signal
import sys
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from deliverwatch.cli.main import main
from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from remediation import world as worlds
from remediation.read_once import read_once
from servers.commands import Ran

S3140 = "550 5.7.1 Messages from [192.0.2.10] weren't sent. part of their network is on our block list (S3140)."
PROMISED = {
    "id": str,
    "customer": (str, type(None)),
    "form": str,
    "provider": str,
    "kind": str,
    "channel": str,
    "url": (str, type(None)),
    "to": (str, type(None)),
    "subjects": list,
    "state": str,
    "follow_up_of": (str, type(None)),
    "missing": list,
    "blockers": list,
    "fields": list,
    "text": str,
    "evidence": list,
    "created_at": str,
    "due_at": (str, type(None)),
}


WRONG = (
    (("list", "--customer", "nobody"), "nobody"),
    (("list", "--state", "lost"), "lost"),
    (("show", "d-none"), "there is no draft d-none"),
    (("show",), "ID"),
    (("pull", "d-none"), "there is no draft d-none"),
    (("submit", "d-none"), "--reference"),
    (("answer", "d-none", "--outcome", "perhaps", "--note", "x"), "perhaps"),
    (("close", "d-none", "--reason", "x"), "there is no draft d-none"),
    (("export", "d-none"), "there is no draft d-none"),
    (("export", "d-none", "--as", "fax"), "fax"),
    (("evidence", "d-none"), "there is no draft d-none"),
    (("told", "d-none", "--said-by", "Alex"), "nothing was said"),
    (("told", "d-none", "--said-by", "Alex", "--on", "yesterday"), "2026-11-24"),
    (("told", "d-none", "--what", "cleaned"), "--said-by"),
    (("ask", "d-none"), "there is no draft d-none"),
    (("edit", "d-none"), "--set FIELD=VALUE"),
    (("edit", "d-none", "--set", "contact"), "expected FIELD=VALUE"),
    (("edit", "d-none", "--text", "/nowhere/text"), "/nowhere/text"),
    (("overrule", "d-none", "ptr"), "--reason"),
    (("link", "d-none"), "--ticket"),
    (("frobnicate",), "frobnicate"),
)


@pytest.fixture
def world(tmp_path, monkeypatch):
    """run(what) does it in an installation of today, which the commands work on afterwards."""
    read_once(monkeypatch)
    monkeypatch.setattr(worlds, "NOON", datetime.now(UTC).replace(microsecond=0))

    def run(work):
        async def whole():
            world = await worlds.World(tmp_path).start()
            try:
                return await work(world)
            finally:
                await world.close()

        return asyncio.run(whole())

    return run


@pytest.fixture
def drafts(tmp_path, monkeypatch, capsys):
    """drafts("list", "--json") -> Ran"""
    monkeypatch.setenv("LOGNAME", "robin")
    read_once(monkeypatch)
    before = signal.getsignal(signal.SIGINT)

    def run(*arguments, stdin=""):
        config = tmp_path / "deliverwatch.toml"
        monkeypatch.setattr(sys, "argv", ["deliverwatch", "drafts", *map(str, arguments), "--config", str(config)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Ran(ended.value.code or 0, out, err)

    yield run
    signal.signal(signal.SIGINT, before)


async def _prepared(world):
    now = world.clock.now()
    fails = CheckResult(
        Check.PTR, "192.0.2.10", CheckOutcome.FAIL, "192.0.2.10 has no reverse name", now, "PTR", "ptr_missing"
    )
    await world.store.keep_practice("acme", [fails], [], complete=True)
    await world.blocked("192.0.2.10", "microsoft_consumer", S3140)
    await world.remediation.prepare()
    return (await world.the_draft()).id


@pytest.fixture
def block(world):
    """The id of a draft about a block."""
    return world(_prepared)


@pytest.fixture
def letter(world):
    """The id of a draft that is sent by mail, in German."""

    async def work(world):
        await world.blocked("198.51.100.3", "t_online", "554 IP=198.51.100.3 - A problem occurred. (BL)")
        await world.remediation.prepare()
        return (await world.the_draft()).id

    return world(work)


def test_a_draft_has_every_promised_key(drafts, block):
    (listed,) = drafts("list", "--json").document
    shown = drafts("show", block, "--json").document
    for draft in (listed, shown):
        assert {key: draft[key] for key, type_ in PROMISED.items() if not isinstance(draft[key], type_)} == {}
        assert all(set(each) == {"field", "why"} for each in draft["missing"])
        assert all(set(each) >= {"check", "found", "fix"} for each in draft["blockers"])
        assert all(set(each) >= {"name", "label", "value", "limit", "source"} for each in draft["fields"])
        assert '""' not in json.dumps(draft)
        for name in ("created_at", "due_at"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", draft[name])
    assert {name: shown[name] for name in listed} == listed
    assert (shown["kind"], shown["channel"], shown["state"]) == ("block", "web_form", "prepared")
    assert (shown["customer"], shown["provider"], shown["subjects"]) == ("acme", "microsoft_consumer", ["192.0.2.10"])
    assert [blocker["check"] for blocker in shown["blockers"]] == ["ptr"]
    assert [field["name"] for field in shown["fields"]][:2] == ["title", "contact"]
    assert [step["action"] for step in shown["history"]] == ["prepared"]


def test_list_chooses(drafts, block):
    assert [each["id"] for each in drafts("list", "--customer", "acme", "--json").document] == [block]
    assert drafts("list", "--customer", "bravo", "--json").document == []
    assert [each["id"] for each in drafts("list", "--state", "prepared", "--json").document] == [block]
    assert drafts("list", "--state", "closed", "--json").document == []
    assert drafts("list", "--state", "closed").out == "No drafts.\n"


def test_each_draft_is_a_block_of_lines_that_no_narrow_terminal_breaks(drafts, block, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    due = re.escape(drafts("show", block, "--json").document["due_at"][:16].replace("T", " "))
    waits = drafts("list").out
    assert re.fullmatch(
        rf"{block}  prepared  due {due} UTC\n"
        r"  192\.0\.2\.10 \(acme\)\n"
        r"  request to Microsoft Outlook\.com, Hotmail, Live, MSN\n"
        r"  \d missing, 1 against sending it now\n",
        waits,
    ), waits
    drafts("submit", block, "--reference", "SRX 1", "--by", "pat")
    first, *others = drafts("list").out.splitlines()
    assert re.fullmatch(rf"{block}  submitted  look again \d{{4}}-\d\d-\d\d \d\d:\d\d UTC", first)
    assert others[-1] == "  sent by pat"
    follow_up = drafts("answer", block, "--outcome", "denied", "--note", "no", "--json").document["follow_up"]
    listed = drafts("list").out
    assert listed.index(follow_up) < listed.index(block)
    assert "  answer to a denial to Microsoft" in listed
    assert [each["letter"] for each in drafts("list", "--json").document] == ["denied", "request"]
    drafts("close", follow_up, "--reason", "by telephone")
    assert [each["id"] for each in drafts("list", "--json").document] == [block, follow_up]
    assert f"{follow_up}  closed\n" in drafts("list").out


def test_what_is_wrong_is_said_and_is_2(drafts, world):
    world(lambda world: asyncio.sleep(0))
    for arguments, said in WRONG:
        ran = drafts(*arguments)
        assert (ran.code, ran.out, said in ran.err) == (2, "", True), (arguments, ran)


def test_from_prepared_to_a_follow_up(drafts, block):
    pulled = drafts("pull", block, "--by", "pat", "--json")
    assert (pulled.document["state"], pulled.document["pulled_by"], pulled.err) == ("pulled", "pat", "")
    again = drafts("pull", block, "--json")
    assert again.document["pulled_by"] == "robin"
    assert again.err.startswith("pat has pulled it too")

    submitted = drafts("submit", block, "--reference", "SRX 1", "--json")
    assert (submitted.document["state"], submitted.document["reference"]) == ("submitted", "SRX 1")
    assert "sent although this stood against it: 192.0.2.10 has no reverse name" in submitted.err
    assert "sent without: " in submitted.err
    refused = drafts("pull", block)
    assert (refused.code, refused.out) == (2, "")
    assert "cannot be pulled: it was submitted by robin on " in refused.err

    answered = drafts("answer", block, "--outcome", "denied", "--note", "not qualified", "--json").document
    assert (answered["state"], answered["outcome"], answered["note"]) == ("answered", "denied", "not qualified")
    follow_up = drafts("show", answered["follow_up"], "--json").document
    assert (follow_up["follow_up_of"], follow_up["state"], follow_up["channel"]) == (block, "prepared", "email")

    closed = drafts("close", block, "--reason", "by telephone")
    assert (closed.code, closed.out) == (0, f"{block} closed.\n")
    assert drafts("show", block, "--json").document["note"] == "by telephone"


def test_an_answer_that_needs_nothing_more(drafts, block):
    drafts("submit", block, "--reference", "SRX 1")
    granted = drafts("answer", block, "--outcome", "granted", "--note", "mitigated")
    assert (granted.code, granted.out) == (0, f"{block} answered.\n")
    again = drafts("answer", block, "--outcome", "granted", "--note", "mitigated", "--json").document
    assert again["follow_up"] is None


def test_edit(drafts, block, tmp_path):
    edited = drafts("edit", block, "--set", "contact=Pat = desk", "--set", "domain=a.example", "--by", "pat", "--json")
    values = {field["name"]: field["value"] for field in edited.document["fields"]}
    assert (values["contact"], values["domain"]) == ("Pat = desk", "a.example")
    (tmp_path / "text").write_text("From a file.\n")
    assert drafts("edit", block, "--text", tmp_path / "text", "--by", "pat").out == f"{block} changed.\n"
    assert drafts("show", block, "--json").document["text"] == "From a file.\n"
    assert (
        drafts("edit", block, "--text", "-", "--by", "pat", "--json", stdin="From there.\n").document["text"]
        == "From there.\n"
    )
    emptied = drafts("edit", block, "--set", "contact=", "--by", "pat", "--json").document
    assert {field["name"]: field["value"] for field in emptied["fields"]}["contact"] is None
    assert {"field": "contact", "why": "left empty by pat"} in emptied["missing"]
    (tmp_path / "text").write_bytes(b"\xff\xfe")
    unreadable = drafts("edit", block, "--text", tmp_path / "text")
    assert (unreadable.code, "is not UTF-8 text" in unreadable.err) == (2, True)
    unknown = drafts("edit", block, "--set", "contct=x")
    assert (unknown.code, "contct" in unknown.err) == (2, True)


def test_an_edit_over_somebody_elses_is_refused_with_both_texts(drafts, block):
    seen = drafts("show", block, "--json").document["version"]
    drafts("edit", block, "--set", "contact=Pat's desk", "--by", "pat")
    refused = drafts("edit", block, "--set", "contact=Sam's desk", "--by", "sam", "--version", seen)
    assert (refused.code, refused.out) == (2, "")
    assert "as pat left it: Pat's desk" in refused.err
    assert "as yours: Sam's desk" in refused.err
    now = drafts("show", block, "--json").document
    assert {field["name"]: field["value"] for field in now["fields"]}["contact"] == "Pat's desk"
    agreed = drafts("edit", block, "--set", "contact=Sam's desk", "--by", "sam", "--version", now["version"])
    assert agreed.code == 0


def test_overrule_and_link(drafts, block):
    overruled = drafts("overrule", block, "ptr", "--reason", "they know", "--by", "pat", "--json").document
    (blocker,) = overruled["blockers"]
    assert (blocker["overruled_by"], blocker["overruled_because"]) == ("pat", "they know")
    assert re.search(r"Overruled by pat at \S+: they know", drafts("show", block).out)
    nothing = drafts("overrule", block, "spf", "--reason", "they know")
    assert (nothing.code, "spf" in nothing.err) == (2, True)
    linked = drafts("link", block, "--ticket", "https://desk.esp.example/7")
    assert (linked.code, linked.out) == (0, f"{block} linked.\n")
    assert drafts("show", block, "--json").document["ticket"] == "https://desk.esp.example/7"
    assert drafts("close", block, "--reason", " ").code == 2


def test_ask_and_told(drafts, block):
    asked = drafts("ask", block, "--by", "pat", "--json").document
    assert set(asked) == {"id", "draft", "customer", "language", "questions", "sent_to"}
    assert (asked["draft"], asked["customer"], asked["language"]) == (block, "acme", "en")
    assert asked["sent_to"] == ["mail@acme.example"]
    assert "what_changed" in asked["questions"]
    said = (
        "--said-by",
        "Alex Kim",
        "--what",
        "list cleaned",
        "--on",
        "2026-11-23",
        "--who",
        "Alex",
        "--cause",
        "a trap",
    )
    why = {each["field"]: each["why"] for each in drafts("show", block, "--json").document["missing"]}
    assert re.fullmatch(r"the customer was asked on .* UTC by pat, no answer is recorded", why["what_changed"])
    told = drafts("told", block, *said, "--json").document
    assert "list cleaned" in told["text"]
    nothing = drafts("ask", block)
    assert (nothing.code, "needs nothing more" in nothing.err) == (2, True)
    steps = drafts("show", block, "--json").document["history"]
    assert [step["action"] for step in steps] == ["prepared", "asked", "told"]


def test_what_was_told_is_printed_as_it_was_kept(drafts, block):
    said = ("--said-by", "Alex Kim", "--what", "list\n cleaned", "--on", "2026-11-23")
    kept = f"{block} keeps what Alex Kim said:\n  what was changed: list cleaned\n  when it was changed: 2026-11-23\n"
    assert drafts("told", block, *said).out == kept
    drafts("submit", block, "--reference", "SRX 1")
    assert drafts("told", block, *said).out == f"{kept}It was sent before: its text stays as it was.\n"


def test_the_letter_alone_is_what_edit_takes_back(drafts, block, tmp_path):
    before = drafts("show", block, "--json").document
    drafts("export", block, "--as", "letter", "--out", tmp_path / "letter")
    assert (tmp_path / "letter").read_text() == before["text"]
    drafts("edit", block, "--text", tmp_path / "letter")
    assert drafts("show", block, "--json").document["text"] == before["text"]


def test_show_for_people(drafts, block):
    shown = drafts("show", block).out
    assert shown.startswith(f"{block}  prepared  192.0.2.10: request to ")
    for section in ("to do by hand", "missing", "against sending it now", "fields", "text (en)", "evidence", "history"):
        assert f"\n{section}\n" in shown
    assert "ptr: 192.0.2.10 has no reverse name" in shown
    assert "\nweb form: https://" in shown
    assert "what was changed: only the customer knows" in shown
    assert re.search(r"\n  How would you describe your company or yourself\?\n {30} email service provider\n", shown)


def test_each_way_out_of_a_page(drafts, block, tmp_path):
    assert "Contact name: Deliverability team" in drafts("export", block).out
    assert drafts("export", block, "--as", "markdown").out.startswith("# 192.0.2.10 at ")
    exported = drafts("export", block, "--as", "json").document
    assert (exported["id"], exported["history"][0]["action"]) == (block, "prepared")
    for way in ("eml", "mailto"):
        refused = drafts("export", block, "--as", way)
        assert (refused.code, refused.out) == (2, "")
        assert "is not sent by mail, but by web form" in refused.err
    written = drafts("export", block, "--as", "markdown", "--out", tmp_path / "draft.md")
    assert (written.code, written.out) == (0, "")
    assert (tmp_path / "draft.md").read_text().startswith("# 192.0.2.10 at ")
    nowhere = drafts("export", block, "--out", tmp_path / "none" / "draft.txt")
    assert (nowhere.code, "was not written" in nowhere.err) == (2, True)


def test_each_way_out_of_a_mail(drafts, letter):
    message = email.message_from_string(drafts("export", letter, "--as", "eml").out, policy=email.policy.default)
    assert (message["From"], message["To"]) == ("postmaster@esp.example", "tosa@rx.t-online.de")
    assert message["X-Unsent"] == "1"
    assert "198.51.100.3" in message.get_content()
    link = drafts("export", letter, "--as", "mailto")
    if link.code == 0:
        parts = urlsplit(link.out.strip())
        assert (parts.scheme, parts.path) == ("mailto", "tosa@rx.t-online.de")
        assert "198.51.100.3" in parse_qs(parts.query)["body"][0]
    else:
        assert (link.code, "too long for a link" in link.err) == (2, True)


def test_all_that_was_collected_in_one_file(drafts, block, tmp_path):
    drafts("told", block, "--said-by", "Alex Kim", "--what", "list cleaned")
    drafts("submit", block, "--reference", "SRX 1")
    drafts("told", block, "--said-by", "Sasha Loy", "--what", "list deleted")  # too late for the draft
    drafts("answer", block, "--outcome", "denied", "--note", "not qualified")
    out = drafts("evidence", block).out
    for words in ("S3140", "list cleaned", "Alex Kim", "list deleted", "SRX 1", "not qualified"):
        assert words in out
    drafts("evidence", block, "--out", tmp_path / "evidence.md")
    assert (tmp_path / "evidence.md").read_text() == out


def test_after_the_second_denial_it_says_so(drafts, block):
    drafts("submit", block, "--reference", "SRX 1")
    first = drafts("answer", block, "--outcome", "denied", "--note", "no", "--json").document["follow_up"]
    drafts("submit", first, "--reference", "SRX 1")
    denied = drafts("answer", first, "--outcome", "denied", "--note", "no again")
    assert "mediation beyond the standard form" in denied.out
    assert f"deliverwatch drafts evidence {first}" in denied.out


def test_what_has_no_draft(drafts, world):
    async def work(world):
        await world.listed("192.0.2.10", "s5h")

    world(work)
    (why,) = drafts("without", "--json").document
    assert set(why) == {"subject", "about", "why", "then"}
    assert (why["subject"], why["about"]) == ("192.0.2.10", "s5h")
    assert "s5h" in drafts("without").out


def test_foreign_text_reaches_no_terminal_raw(drafts, world):
    async def work(world):
        await world.blocked(
            "192.0.2.10", "microsoft_consumer", "550 \x1b[2Jgone\x07\u202e (S3140)\r\nBcc: x@acme.example"
        )
        await world.remediation.prepare()
        return (await world.the_draft()).id

    draft = world(work)
    drafts("close", draft, "--reason", "\x1b[31mred\u202e")
    outputs = [drafts("show", draft), drafts("show", draft, "--json"), drafts("list"), drafts("pull", draft)]
    outputs += [drafts("export", draft, "--as", way) for way in ("text", "markdown", "json")]
    for ran in outputs:
        assert not {"\x1b", "\x07", "\u202e", "\r"} & set(ran.out + ran.err)
    assert "history" in outputs[1].document


def test_a_file_that_is_no_database_is_3(drafts, world, tmp_path):
    world(lambda world: asyncio.sleep(0))
    for path in tmp_path.glob("deliverwatch.db*"):
        path.unlink()
    (tmp_path / "deliverwatch.db").write_bytes(os.urandom(4096))
    ran = drafts("list", "--json")
    assert (ran.code, ran.out) == (3, "")
    assert "deliverwatch.db" in ran.err

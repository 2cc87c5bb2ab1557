"""A draft as Markdown: everything that is in it, and no structure but ours, as a Markdown parser sees it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from deliverwatch.core.remediation.draft import (
    Action,
    Blocker,
    Draft,
    DraftField,
    DraftKind,
    DraftState,
    DraftStep,
    Evidence,
    Missing,
    RequestOutcome,
)
from deliverwatch.core.remediation.form import FormChannel, LetterKind
from deliverwatch.render.draft_markdown import markdown

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = [
    "# heading",
    "| a | b |",
    "\\| a \\\\| b",
    "[link](https://evil.example)",
    "![image](https://evil.example/x.png)",
    "<script>alert(1)</script>",
    "<https://evil.example>",
    "&lt;b&gt; &#35; &amp;",
    "*strong* __strong__ ~~gone~~ `code`",
    "```\nfenced\n```",
    "- item",
    "1. item",
    "1) item",
    "---",
    "===",
    "> quote",
    "    code",
    "a  \nb",
    "[ref]: https://evil.example",
    "line\r\n\r\n# heading",
    "bidi \u202e reversed \u2028 separated",
    "trailing backslash \\",
    "$$math$$",
    "<!-- comment",
    "+ plus",
]


def draft(word="word", text="Hello.\n"):
    """With `word` wherever a stranger's, a customer's or an operator's words can be."""
    blocker = Blocker("ptr", word, word)
    return Draft(
        id="d-1",
        customer="acme",
        form="ours",
        form_digest="0",
        provider="example_mail",
        kind=DraftKind.BLOCK,
        channel=FormChannel.WEB_FORM,
        url="https://postmaster.mail.example/form?a=1&b=2",
        to=word,
        subjects=("192.0.2.10", "192.0.2.11"),
        state=DraftState.PULLED,
        text=text,
        fields=(
            DraftField("reply", f"Label {word}", word, None, word),
            DraftField("cause", "Cause", None, None, None),
            DraftField("phone", "Phone", None, None, None, required=False),
            DraftField("text", "Message", text.strip(), None, "the text of the request"),
            DraftField("ips", "IPs", "192.0.2.10\n192.0.2.11", None, "replies", edited_by=word),
        ),
        missing=(Missing("cause", word),),
        blockers=(blocker, replace(blocker, overruled_by=word, overruled_at=word, overruled_because=word)),
        evidence=(Evidence("2026-11-24T10:00:00Z", word),),
        created_at=AT,
        changed_at=AT,
        due_at=AT,
        episodes=("e",),
        cause="c",
        addressee=f"Example {word}",
        caveat=word,
        steps=(word, "Confirm the link."),
        pulled_by=word,
        reference=word,
        outcome=RequestOutcome.DENIED,
        note=word,
        ticket=word,
    )


STEPS = (
    DraftStep(AT, DraftState.PREPARED, "deliverwatch"),
    DraftStep(AT, DraftState.PULLED, "Robin", "word", Action.HANDED_OVER),
)


def structure(text):
    """What a parser makes of it, without the words."""
    kinds = []
    for token in PARSER.parse(text):
        kinds.append((token.type, token.tag, token.level))
        kinds += [(child.type, child.tag) for child in token.children or () if child.type != "text"]
    return kinds


def words(text):
    """What a reader sees of the inline parts."""
    shown = []
    for token in PARSER.parse(text):
        shown.append("".join(child.content for child in token.children or () if child.type.startswith("text")))
    return "\n".join(shown)


def test_everything_is_there_in_order():
    whole = markdown(draft(), STEPS)
    assert whole.startswith("# 192.0.2.10, 192.0.2.11 at Example word\n")
    sections = [line for line in whole.splitlines() if line.startswith("## ")]
    assert sections == [
        "## How it is sent",
        "## Missing",
        "## Against sending it now",
        "## Overruled",
        "## Fields",
        "## Text",
        "## Evidence",
        "## History",
    ]
    for line in (
        "- Draft: d-1, pulled, request",
        "- Customer: acme",
        "- Due: 2026-11-24 10:00 UTC",
        "**Mind:** word",
        "- Web form: <https://postmaster.mail.example/form?a=1&b=2>, to word",
        "- Confirm the link.",
        "- Cause: word",
        "- ptr: Word. Word.",
        "- ptr: Word. Overruled by word at word: word",
        "| Label word | word | word |",
        "| Cause | (missing) |  |",
        "| Phone | (none) |  |",
        "| Message | (the text below) | the text of the request |",
        "| IPs | 192.0.2.10 ⏎ 192.0.2.11 | edited by word |",
        "- 2026-11-24T10:00:00Z: word",
        "- 2026-11-24 10:00 UTC: handed over by Robin, pulled: word",
    ):
        assert line in whole.splitlines()


def test_what_is_not_there_has_no_section():
    bare = replace(
        draft(), fields=(), missing=(), blockers=(), evidence=(), caveat=None, to=None, url=None, steps=(),
        customer=None, kind=DraftKind.LISTING, channel=FormChannel.NONE, letter=LetterKind.NO_ANSWER,
    )  # fmt: skip
    whole = markdown(bare)
    assert [line for line in whole.splitlines() if line.startswith("## ")] == ["## How it is sent", "## Text"]
    assert "- Not sent: nobody takes requests" in whole
    assert "- Draft: d-1, pulled, question after no answer" in whole
    assert "# 192.0.2.10, 192.0.2.11 on Example word" in whole


def test_a_text_in_another_language_stands_beside_the_english_one():
    whole = markdown(replace(draft(text="Guten Tag.\n"), language="de", text_english="Hello.\n"))
    assert "## Text (de)\n\n```text\nGuten Tag.\n```\n\n## The same in English\n\n```text\nHello.\n```" in whole


@pytest.mark.parametrize("word", HOSTILE)
def test_foreign_text_changes_no_structure(word):
    steps = (replace(STEPS[1], by=word, note=word),)
    harmless = (replace(STEPS[1], by="word", note="word"),)
    assert structure(markdown(draft(word), steps)) == structure(markdown(draft(), harmless))
    inner = f"x{word}x"
    assert structure(markdown(draft(inner))) == structure(markdown(draft()))


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(), min_size=1, max_size=40).filter(lambda word: word.strip()))
def test_whatever_the_text(word):
    assert structure(markdown(draft(f"x{word}"))) == structure(markdown(draft()))


def test_what_is_escaped_is_read_as_it_was():
    for word in ("a|b", "`a` *b* _c_ [d](e) <f> & \\ ~g~", "1. a", "- a", "192.0.2.10", "https://mail.example/a_b"):
        assert word in words(markdown(draft(word)))


@pytest.mark.parametrize("word", ["a|b", "\\|", "|", "\\\\| b", "`|`"])
def test_a_cell_holds_its_value_whole(word):
    tokens = PARSER.parse(markdown(draft(word)))
    cells = [tokens[number + 1] for number, token in enumerate(tokens) if token.type == "td_open"]
    assert "".join(child.content for child in cells[1].children) == word


def test_what_github_would_make_a_link_of_is_none():
    whole = markdown(draft("see https://evil.example and www.evil.example"))
    assert "https://evil" not in whole
    assert "www.evil" not in whole


@pytest.mark.parametrize("text", ["a\n```\n# b\n", "````\n```text\n", "~~~\n</pre>\n", "a\u202eb\x07\n", "\n\n"])
def test_the_text_cannot_leave_its_fence(text):
    whole = markdown(draft(text=f"Hello.\n{text}"))
    fences = [token for token in PARSER.parse(whole) if token.type == "fence"]
    assert len(fences) == 1
    assert fences[0].content.startswith("Hello.\n")
    assert "\u202e" not in whole
    assert "\x07" not in whole

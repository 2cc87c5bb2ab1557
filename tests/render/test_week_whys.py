"""Recorded reasons, said in another language: each that the program writes itself is known by its words."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from deliverwatch.core.inventory import Language
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.verdict import MAX_CODES, NOT_LISTED, Answer, Reply, judge
from deliverwatch.core.zone_health import judge_test_points, settle
from deliverwatch.lookup.batch import NOT_AWAITED
from deliverwatch.lookup.wire import NOT_ITS_OWN, TRUNCATED, UNREADABLE
from deliverwatch.render import tongue, week_whys
from deliverwatch.render.tongue import speaking
from deliverwatch.render.week_whys import said_why
from render.pseudo import outside, pseudo_tongue
from render.weeks import GREAT, IPS, MUTE, POINTS

ROOT = Path(__file__).parents[2] / "src" / "deliverwatch"
LISTED_POINT, CLEAR_POINT = POINTS[SubjectKind.IPV4]
LISTED, OTHER = Answer(Reply.ANSWER, ("127.0.0.2",)), Answer(Reply.ANSWER, ("127.0.0.8",))
ANSWERS = (
    *(Answer(reply) for reply in Reply if reply not in (Reply.NXDOMAIN, Reply.ANSWER)),
    Answer(Reply.TIMEOUT, detail="over TCP"),
    Answer(Reply.ANSWER, ()),
    Answer(Reply.ANSWER, ("192.0.2.1", "198.51.100.7")),
    Answer(Reply.ANSWER, tuple(f"127.0.1.{n}" for n in range(MAX_CODES + 1))),
    Answer(Reply.ANSWER, ("127.255.255.9",)),
    NOT_AWAITED,
    NOT_ITS_OWN,
    TRUNCATED,
    UNREADABLE,
)


@pytest.fixture
def said(monkeypatch):
    """As a German reads it before anything is translated: in brackets what is known, in quotes what is not."""
    sentences = [Message(sentence) for sentence in [*week_whys._SENTENCES, "“{words}”"]]
    monkeypatch.setattr(tongue, "tongue", pseudo_tongue(sentences))
    with speaking(Language.DE):
        yield lambda recorded: said_why(recorded).replace("~", "")


def reasons():
    """As rounds record them."""
    for answer in ANSWERS:
        yield judge(GREAT, answer).detail
        yield judge_test_points(GREAT, IPS, {LISTED_POINT: answer}).detail
    for answers in ({LISTED_POINT: NOT_LISTED}, {LISTED_POINT: OTHER}, {LISTED_POINT: LISTED, CLEAR_POINT: LISTED}):
        test = judge_test_points(GREAT, [SubjectKind.IPV4], answers)
        yield from (test.detail, settle(judge(GREAT, LISTED), test).detail)
    mute = judge_test_points(MUTE, IPS, {})
    yield from (mute.detail, settle(judge(MUTE, NOT_LISTED), mute).detail)


def test_whatever_an_answer_was_is_said_in_the_readers_language(said):
    for recorded in reasons():
        told = said(recorded)
        assert outside(told) == "", recorded
        assert "“" not in told, recorded


def test_reasons_are_said_within_reasons(said):
    recorded = "not asked: it refuses us since 2026-11-19 08:30 UTC: test point 127.0.0.2: no answer in time"
    inner = "⟦test point 127.0.0.2: ⟦no answer in time⟧⟧"
    assert said(recorded) == f"⟦not asked: ⟦it refuses us since 2026-11-19 08:30 UTC: {inner}⟧⟧"


def test_what_is_not_known_is_quoted(said):
    assert said("a list's own words") == "⟦“a list's own words”⟧"
    assert said("the network failed (Connection refused)") == "⟦the network failed (⟦“Connection refused”⟧)⟧"
    assert said("127.0.0.9: said in\nwords {of} its own") == "⟦“127.0.0.9: said in\nwords {of} its own”⟧"


def test_in_english_a_reason_is_told_as_it_was_recorded():
    for recorded in [*reasons(), "a list's own words"]:
        assert said_why(recorded) == recorded


def test_every_reason_is_one_that_the_program_records():
    """So that it does not change its words over there alone."""
    written = "\n".join(text for room in ("core", "flows", "lookup", "feeds") for text in literals(ROOT / room))
    for sentence in week_whys._SENTENCES:
        for part in re.split(r" ?[({]*\{\w+\}\)?|(?=: the last one)", sentence):
            assert part in written, sentence


def literals(room):
    for path in room.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value

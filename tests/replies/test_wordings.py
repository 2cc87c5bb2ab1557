"""Hundreds of wordings, none of which a rule was copied from: who is blamed, and for what."""

from pathlib import Path

import pytest

from deliverwatch.core.reply import Action, ReplyClass

WORDINGS = [
    line.split(": ", 1)
    for line in Path(__file__).with_name("wordings.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
NEVER_ASKED_FOR = {
    ReplyClass.UNKNOWN_RECIPIENT,
    ReplyClass.MAILBOX_FULL,
    ReplyClass.AUTH_FAILURE,
    ReplyClass.POLICY,
    ReplyClass.OTHER_PERMANENT,
    ReplyClass.OTHER_TRANSIENT,
}


@pytest.mark.parametrize(("classes", "reply"), WORDINGS, ids=[reply for _, reply in WORDINGS])
def test_a_wording_is_understood(classifier, classes, reply):
    found = classifier.classify(reply)
    defensible = {ReplyClass(each) for each in classes.split("/")}
    assert found.class_ in defensible
    if defensible <= NEVER_ASKED_FOR:
        assert found.action is not Action.DRAFT


def test_every_class_and_enough_languages_are_among_them():
    assert {each for classes, _ in WORDINGS for each in classes.split("/")} == set(ReplyClass) - {ReplyClass.UNKNOWN}
    assert len(WORDINGS) > 400

"""The receiver's own words, cut out of what is around them; and what follows from a class."""

import pytest

from deliverwatch.core.reply import BLOCK_SIDE, Action, ReplyClass, action_of, looks_like_block
from deliverwatch.core.reply_text import MOST, Words, normalised, split_reply

SAID = "550 5.7.1 No entry here"
REPLY = "550 5.7.1 no entry here"


@pytest.mark.parametrize(
    "wrapped",
    [
        "550 5.7.1 No entry here",
        "550-5.7.1 No entry\r\n550 5.7.1 here",
        "550-5.7.1 No 550 5.7.1 entry 550-5.7.1 here",
        "550-No entry\\n550 here",
        "550-5.7.1  No\n550-5.7.1\tentry\n550 5.7.1 here",
        "host mx.example.net[192.0.2.1] said: 550 5.7.1 No entry here (in reply to RCPT TO command)",
        "host mx.example.net[192.0.2.1] refused to talk to me: 550 5.7.1 No entry here",
        "delivery temporarily suspended: host mx.example.net[2001:db8::1] refused to talk to me: " + SAID,
        "SMTP error from remote mail server after RCPT TO:<a@b.example>: host mx.b.example [192.0.2.1]: " + SAID,
        "host mx.b.example [192.0.2.1] SMTP error from remote mail server after MAIL FROM:<a@b.example> SIZE=1024: "
        + SAID,
        "SMTP error from remote mail server after end of data: 550 5.7.1 No entry here: retry timeout exceeded",
        "smtp; 550 5.7.1 No entry here",
        "smtp;550 5.7.1 No entry here",
        f"Diagnostic information for administrators: a@b.example mx.b.example Remote Server returned '{SAID}'",
        "554 5.4.7 [internal] message timeout (last transfail: 550 5.7.1 No entry here)",
        "192.0.2.1 failed after I sent the message. Remote host said: 550 5.7.1 No entry here",
        "Connected to 192.0.2.1 but sender was rejected.\nRemote host said: " + SAID + " Giving up on 192.0.2.1.",
        "The response from the remote server was: 550 5.7.1 No entry here",
        "5.1.0 - Unknown address error 550-'5.7.1 No entry here' (delivery attempts: 0)",
        "550 #5.7.1 No entry here",
        "550 5.7.1 No entry here 503 5.5.2 Need rcpt command",
        "192.0.2.1_does_not_like_recipient./Remote_host_said:_550_5.7.1_No_entry_here/Giving_up_on_192.0.2.1./",
        "PERM_FAILURE: SMTP Error (state 13): 550 5.7.1 No entry here",
        "dsn=5.7.1, stat=Deferred: 550 5.7.1 No entry here",
        "Invalid greeting. response=550 5.7.1 No entry here",
    ],
)
def test_what_stands_around_a_reply_is_cut(wrapped):
    assert normalised(wrapped).text.replace("550 no", "550 5.7.1 no") == REPLY


@pytest.mark.parametrize(
    ("wrapped", "host"),
    [
        ("host MX1.example.net[192.0.2.1] said: 550 No", "mx1.example.net"),
        (
            "SMTP error from remote mail server after end of data: host mx.example.net [192.0.2.1]: 550 No",
            "mx.example.net",
        ),
        ("lost connection with mx.example.net[192.0.2.1] while sending RCPT TO", "mx.example.net"),
        ("550 host other.example.net[192.0.2.1] is not ours", None),
        ("550 No", None),
    ],
)
def test_the_host_that_answered_is_kept(wrapped, host):
    assert normalised(wrapped).host == host


def test_a_bracket_at_the_end_stays_with_its_text():
    assert normalised("host a.example[192.0.2.1] said: 554 No (CODE)").text == "554 no (code)"


def test_addresses_and_ids_become_constants_and_codes_do_not():
    text = normalised(
        "550 [TSS04] a.b@Example.ORG 198.51.100.7 [2001:DB8:1::5] 127.0.0.2 10.0.0.1 08DD4D9FD5AFF45C 5.7.606"
    ).text
    assert text == "550 [tss04] user@example.org 192.0.2.1 [2001:db8::1] 127.0.0.2 10.0.0.1 id000000 5.7.606"


def test_each_word_knows_its_place():
    reply = "host mx.example.net[192.0.2.1] said: 550-5.7.1 No\n550 5.7.1 entry (in reply to DATA)"
    read, words = normalised(reply), split_reply(reply)
    assert read.text == "550 5.7.1 no entry"
    assert [words[place] for place in read.places] == ["550-5.7.1", "550-5.7.1", "No", "entry"]


def test_underscores_of_an_address_are_its_own():
    assert split_reply("550_<a_b@example.org>_no_entry_here") == ["550", "<a_b@example.org>", "no", "entry", "here"]
    assert split_reply("550_no_entry_for_a_b@example.org") == ["550_no_entry_for_a_b@example.org"]
    assert split_reply("550 5.7.1 no a_b c_d here") == ["550", "5.7.1", "no", "a_b", "c_d", "here"]


def test_words_are_remembered_in_bounded_room():
    words = Words()
    for number in range(120_000):
        assert words[f"Word{number % 60_001}!"]
    assert len(words) <= 50_000
    assert "x" * 300 not in words
    assert words["X" * 300] == "x" * 300
    assert len(words) <= 50_000


def test_a_reply_is_read_up_to_a_limit():
    assert len(normalised("a" * 10 * MOST).text) == MOST
    assert normalised("").text == ""
    assert normalised(" \r\n ").text == ""


def test_only_a_verdict_on_the_sender_is_asked_about():
    asked = {class_ for class_ in ReplyClass if action_of(class_) is Action.DRAFT}
    assert asked == {ReplyClass.IP_BLOCK, ReplyClass.DOMAIN_BLOCK, ReplyClass.DNSBL_CITED}
    assert action_of(ReplyClass.RATE_LIMIT) is Action.NOTICE
    assert action_of(ReplyClass.RATE_LIMIT, reputation=True) is Action.DRAFT
    assert action_of(ReplyClass.AUTH_FAILURE) is Action.FIX
    assert {class_ for class_ in ReplyClass if action_of(class_) is not Action.NONE} == BLOCK_SIDE


def test_words_of_refusing_are_known_in_several_languages():
    assert all(map(looks_like_block, ("550 blocked", "550 abgelehnt", "550 заблокировано", "550 拒绝", "550 차단")))
    assert not looks_like_block("550 moved to another place")

"""What receivers said, added up by provider and rule."""

from datetime import timedelta

from deliverwatch.core.delivery import ReplyCounts, ReplyKey
from deliverwatch.core.heard import heard
from deliverwatch.core.reply import ReplyClass
from samples import NOON


def reply(hour=0, deferred=0, bounced=1, sample="new", source="postfix", rule="content", provider="mail"):
    at = NOON + timedelta(hours=hour)
    key = ReplyKey(source, "192.0.2.10", provider, "", ReplyClass.CONTENT_BLOCK, rule, "", "", at)
    return key, ReplyCounts(deferred, bounced, 0, sample)


def test_hours_add_up_and_the_newest_words_are_shown():
    (found,) = heard([reply(2, 3, 0), reply(1, 1, 4, "old")])
    assert (found.deferred, found.bounced, found.sample, found.last_hour_at) == (4, 4, "new", NOON + timedelta(hours=2))


def test_the_most_frequent_first_each_source_for_itself():
    found = heard([reply(), reply(source="exim", deferred=8), reply(rule="other", provider="", bounced=2)])
    assert [(each.source, each.provider, each.rule) for each in found] == [
        ("exim", "mail", "content"),
        ("postfix", None, "other"),
        ("postfix", "mail", "content"),
    ]


def test_replies_that_cite_different_lists_are_told_apart():
    cited = [reply()[0]._replace(list_id=list_id) for list_id in ("zen", "", "zen")]
    found = heard([(key, ReplyCounts(0, 1, 0, "no")) for key in cited])
    assert [(each.blocklist, each.bounced) for each in found] == [("zen", 2), (None, 1)]

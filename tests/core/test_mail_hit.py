"""How much of a customer's mail an event hits, as far as that is known."""

from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.mail_share import Attempts, MailShares
from deliverwatch.core.subjects import parse_subject
from samples import NOON

HELD = Holdings(
    (
        Asset("192.0.2.8/29", "acme"),
        Asset("news.acme.example", "acme"),
        Asset("198.51.100.7", "bravo"),
    )
)
MAIL = (
    Attempts("192.0.2.10", "news.acme.example", "gmail", 600),
    Attempts("192.0.2.11", "other.acme.example", "yahoo", 400),
)


def hit(name, mail=MAIL):
    return MailShares(mail, HELD, NOON.date()).hit(parse_subject(name))


def test_a_sender_hits_its_share_of_the_mail_of_whoever_holds_it():
    assert hit("192.0.2.10") == {"mail_share": 0.6}
    assert hit("news.acme.example") == {"mail_share": 0.6}


def test_an_ip_without_mail_is_idle_only_where_its_customers_mail_is_measured():
    assert hit("192.0.2.12") == {"idle": True}
    assert hit("198.51.100.7") == {}, "nobody counts Bravo's mail"
    assert hit("192.0.2.12", ()) == {}
    assert hit("203.0.113.9") == {}, "nobody holds it"


def test_a_domain_without_mail_is_no_idle_one_since_it_may_stand_in_every_link():
    held = Holdings((Asset("links.acme.example", "acme"), Asset("192.0.2.8/29", "acme")))
    assert MailShares(MAIL, held, NOON.date()).hit(parse_subject("links.acme.example")) == {}

"""Who is asked, by whose form."""

import itertools
from dataclasses import replace

import pytest

from core.remediation_samples import PROVIDER, form
from deliverwatch.catalogue.blocklists import load_lists
from deliverwatch.catalogue.forms import load_forms
from deliverwatch.core.blocklist import CodeStyle
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.provider import MailboxProvider, ProviderDirectory, ProviderKind
from deliverwatch.core.remediation.addressee import (
    FormDirectory,
    MailHosts,
    block_addressee,
    covers,
    listing_addressee,
    own_domain,
)
from deliverwatch.core.remediation.form import ListCodes, Sender
from deliverwatch.core.verdict import Answer, Outcome, Reply, judge
from samples import SAMPLE_LIST

OTHERS = form("others", lists=(ListCodes("sample"),))
OWNER = form("owner", lists=(ListCodes("sample", ("127.0.0.2", "127.0.0.9")),), sender=Sender.NETWORK_OWNER)
OPERATIONS = form("operations", lists=(ListCodes("sample", ("127.0.0.10-11",)),), sender=Sender.NETWORK_OPERATIONS)
LETTERS = (form("list-operator"), form("postmaster-letter"))
MOVED = MailboxProvider(
    "moved", "Moved", ProviderKind.MAILBOX_PROVIDER, ("moved.*", "moved.example"), ("*.moved.example",)
)
TAKER = MailboxProvider("taker", "Taker", ProviderKind.MAILBOX_PROVIDER, ("taker.example",), ("*.taker.example",))


@pytest.fixture
def directory():
    of_moved = form("of_moved", providers=("moved",), check_mx=True)
    return FormDirectory.of((OWNER, OTHERS, OPERATIONS, *LETTERS, of_moved, form("of_taker", providers=("taker",))))


def answers_of(blocklist):
    """All that the list explains: each end of each octet's range, or each bit."""
    for code in blocklist.codes:
        if blocklist.style is CodeStyle.BITMASK:
            yield f"127.0.0.{code.value}"
        else:
            octets = [{"0", "255"} if part == "*" else set(part.split("-")) for part in code.value.split(".")]
            yield from (".".join(parts) for parts in itertools.product(*octets))


def accuses(blocklist, answer):
    return judge(blocklist, Answer(Reply.ANSWER, (answer,))).outcome is Outcome.LISTED


def test_every_answer_that_accuses_belongs_to_exactly_one_form():
    directory, asked = FormDirectory.of(load_forms()), 0
    for blocklist in load_lists().usable:
        entries = [
            (each.id, e.codes) for each in directory.forms.values() for e in each.lists if e.list_id == blocklist.id
        ]
        others = [id_ for id_, codes in entries if not codes]
        assert len(others) <= 1, (blocklist.id, others)
        for answer in [each for each in answers_of(blocklist) if accuses(blocklist, each)]:
            asked += 1
            naming = [id_ for id_, codes in entries if any(covers(pattern, answer) for pattern in codes)]
            assert len(naming) <= 1, (blocklist.id, answer, naming)
            assert directory.of_listing(blocklist, (answer,)).id == [*naming, *others, "list-operator"][0]
    assert asked > 200


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (("127.0.0.2",), "owner"),
        (("127.0.0.9",), "owner"),
        (("127.0.0.10",), "operations"),
        (("127.0.0.11",), "operations"),
        (("127.0.0.12",), "others"),
        (("127.0.0.4", "127.0.0.10"), "others"),
        (("127.0.0.4", "127.0.0.10", "127.0.0.2"), "owner"),
        (("127.0.0.10", "127.0.0.2"), "owner"),
    ],
)
def test_of_several_codes_the_one_that_must_go_first_decides(directory, codes, expected):
    assert directory.of_listing(SAMPLE_LIST, codes).id == expected


def test_who_has_no_form_gets_the_letter(directory):
    unknown = replace(SAMPLE_LIST, id="nobody", name="Nobody's list")
    found = listing_addressee(directory, unknown, ("127.0.0.2",))
    assert (found.id, found.name, found.form.id) == ("nobody", "Nobody's list", "list-operator")
    assert directory.of_provider(PROVIDER).id == "postmaster-letter"
    assert directory.of_provider(None).id == "postmaster-letter"


def test_a_provider_that_names_a_form_has_that_one(directory):
    assert directory.of_provider(TAKER).id == "of_taker"
    assert directory.of_provider(replace(TAKER, form="of_moved")).id == "of_moved"
    assert directory.of_provider(replace(TAKER, form="gone")).id == "of_taker"


def test_a_form_that_is_not_there_is_said(directory):
    with pytest.raises(NotPossible, match="there is no form nothing"):
        directory.form("nothing")


@pytest.mark.parametrize(
    ("pattern", "code", "expected"),
    [
        ("127.0.0.4", "127.0.0.4", True),
        ("127.0.0.4", "127.0.0.40", False),
        ("127.0.0.4-7", "127.0.0.4", True),
        ("127.0.0.4-7", "127.0.0.7", True),
        ("127.0.0.4-7", "127.0.0.8", False),
        ("127.0.*.2", "127.0.99.2", True),
        ("127.0.*.2", "127.1.99.2", False),
        ("127.0.*.0-3", "127.0.1.3", True),
        ("8", "127.0.0.8", True),
        ("8", "127.0.0.12", True),
        ("8", "127.0.0.4", False),
        ("127.0.0.4", "nonsense", False),
        ("nonsense", "127.0.0.4", False),
    ],
)
def test_a_pattern_covers_a_code(pattern, code, expected):
    assert covers(pattern, code) is expected


def addressee_of(directory, provider, hosts, detail=None):
    providers = ProviderDirectory.of((MOVED, TAKER))
    return block_addressee(directory, providers, provider, MailHosts("moved.example", hosts, detail))


def test_who_serves_the_domains_now_is_asked(directory):
    found = addressee_of(directory, MOVED, ("mx1.taker.example",))
    assert (found.id, found.name, found.form.id) == ("moved", "Taker", "of_taker")
    assert found.through == "moved.example has its mail at mx1.taker.example: Taker answers for it"
    assert found.doubt is None


@pytest.mark.parametrize("hosts", [("mx1.moved.example",), ("mx.nobody.example",), ()])
def test_who_has_not_moved_is_asked_by_its_own_form(directory, hosts):
    found = addressee_of(directory, MOVED, hosts)
    assert (found.name, found.form.id, found.through, found.doubt) == ("Moved", "of_moved", None, None)


def test_a_look_up_without_an_answer_leaves_a_doubt(directory):
    found = addressee_of(directory, MOVED, None, "SERVFAIL")
    assert found.form.id == "of_moved"
    assert found.doubt == "the mail hosts of moved.example could not be looked up (SERVFAIL)"


def test_who_cannot_have_moved_is_not_doubted(directory):
    assert addressee_of(directory, TAKER, None, "SERVFAIL").doubt is None


def test_the_domain_to_look_up_is_one_that_exists():
    assert own_domain(MOVED) == "moved.example"
    assert own_domain(replace(MOVED, domains=("moved.*",), hosts=("*.mx.example",))) == "mx.example"
    assert own_domain(replace(MOVED, domains=("moved.*",), hosts=())) is None

"""Which addresses the program writes to."""

import pytest

from deliverwatch.core.mailbox import parse_mailbox


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("postmaster@acme.example", "postmaster@acme.example"),
        (" Robin.Doe+news@ACME.example. ", "Robin.Doe+news@acme.example"),
        ("o'hara@bücher.example", "o'hara@xn--bcher-kva.example"),
        ("x" * 64 + "@acme.example", "x" * 64 + "@acme.example"),
    ],
)
def test_plain_addresses_are_taken_and_their_domain_is_normalised(text, address):
    assert parse_mailbox(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "acme.example",
        "@acme.example",
        "a@b@acme.example",
        "a b@acme.example",
        "a,b@acme.example",
        "a@acme",
        "a@[192.0.2.1]",
        "a@192.0.2.1",
        '"a b"@acme.example',
        "a..b@acme.example",
        ".a@acme.example",
        "a@acme.example\r\nBcc: b@acme.example",
        "a\n@acme.example",
        "<a@acme.example>",
        "ä@acme.example",
        "x" * 65 + "@acme.example",
    ],
)
def test_everything_else_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="is not an e-mail address"):
        parse_mailbox(text)

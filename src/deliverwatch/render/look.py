"""How an installation's reports look: its brand, colour, logo and footer, and whether they name addresses.

The words of a report are the same for all its readers but for one address: the page on which a reader unsubscribes.
So a report is rendered once, with `MARK` where each reader's own token comes (`for_reader`).
"""

from dataclasses import dataclass, replace

from deliverwatch.flows.ports import Words

MARK = "here-comes-the-token-of-a-reader"
"""As long as a token, so that no line of the text grows by it."""


@dataclass(frozen=True, slots=True)
class Logo:
    """`subtype`: png, jpeg or gif."""

    content: bytes
    subtype: str

    @property
    def cid(self) -> str:
        """By which the HTML names it (RFC 2392): it travels within the message."""
        return f"logo.{self.subtype}@report"


@dataclass(frozen=True, slots=True)
class Look:
    """`colour`: "#rrggbb", readable with white. `private`: no addresses and domains. `unsubscribe_url`: None: whoever
    wants no more answers the mail."""

    brand: str = "deliverwatch"
    colour: str = "#1f5f99"
    logo: Logo | None = None
    footer: str = ""
    private: bool = False
    unsubscribe_url: str | None = None


PLAIN = Look()


def for_reader(words: Words, token: str) -> Words:
    html = words.html.replace(MARK, token) if words.html is not None else None
    return replace(words, text=words.text.replace(MARK, token), html=html)

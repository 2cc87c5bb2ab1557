"""The page on which a reader of weekly reports says that they want no more: what it says, in the reader's language.

It names nobody: whoever holds the link may be somebody to whom a report was passed on.
"""

from dataclasses import dataclass

from deliverwatch.core.inventory import Language
from deliverwatch.render.tongue import say, speaking


@dataclass(frozen=True, slots=True)
class UnsubscribeWords:
    """`button`: None on a page that asks nothing."""

    language: Language
    title: str
    text: str
    button: str | None = None


def asked(language: Language) -> UnsubscribeWords:
    with speaking(language):
        return UnsubscribeWords(
            language,
            say("No more weekly reports?"),
            say("The weekly deliverability report is then no longer sent to the address at which this link arrived."),
            say("Unsubscribe"),
        )


def done(language: Language) -> UnsubscribeWords:
    with speaking(language):
        return UnsubscribeWords(
            language,
            say("You are unsubscribed"),
            say(
                "The weekly deliverability report is no longer sent to this address. If that was a mistake, answer the "
                "last report: your account manager can take it back."
            ),
        )


UNKNOWN = UnsubscribeWords(
    Language.EN, "This link is not known here", "It may be incomplete: copy all of it from the end of the report."
)

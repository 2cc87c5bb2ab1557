"""An alert for a chat: what Slack's incoming webhooks take, and what any chat may show.

Chats make links, mentions and markup of what they are given, each in its own way. So nothing foreign is put where
markup is read: Slack gets blocks of plain text, with "&", "<" and ">" escaped, as its documentation asks for all text.
Mattermost and others pass over the blocks and show `text`, which has the message within a fence. Nowhere is there an
"@" that could call somebody, nor a backtick that could end the fence, nor "](" to make a link.
https://docs.slack.dev/reference/block-kit/blocks (looked at on 2026-11-26)
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from deliverwatch.core.alerting import AlertView
from deliverwatch.flows.ports import Words
from deliverwatch.render.alerts import shown_rows
from deliverwatch.render.stories import story_of

_MOST_IN_HEADER = 150
_MOST_IN_SECTION = 3000
_MOST_BLOCKS = 50
_MOST_TEXT = 30_000  # of 40,000
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

Block = dict[str, Any]


def for_chat(text: str) -> str:
    """What no chat reads as more than text."""
    return text.replace("@", "[at]").replace("`", "'").replace("](", "] (")


def slack_alert(view: AlertView, words: Words) -> dict[str, Any]:
    story = story_of(view)
    evidence = [f"{label}: {value}" for label, value in shown_rows(view, story)]
    advice = (("What it means", story.means), ("What we do next", story.we_do), ("What you do", story.you_do))
    blocks = [
        _header(words.subject),
        *_sections([story.what]),
        *_sections(evidence),
        *(block for title, text in advice for block in _sections([title, text])),
    ]
    return _message(words, blocks, view.public_url)


def slack_digest(words: Words, lines: Sequence[str], parts: Sequence[Words], public_url: str | None) -> dict[str, Any]:
    """`lines`: one for each part; what of the parts finds no room in full is told by them."""
    blocks = [_header(words.subject), *_sections(lines)]
    for part in parts:
        whole = [{"type": "divider"}, _header(part.subject), *_sections(part.text.splitlines())]
        if len(blocks) + len(whole) >= _MOST_BLOCKS:
            break
        blocks += whole
    return _message(words, blocks, public_url)


def _message(words: Words, blocks: Sequence[Block], public_url: str | None) -> dict[str, Any]:
    fenced = f"{_escaped(words.subject, _MOST_IN_SECTION)}\n```\n{_escaped(words.text.rstrip(), _MOST_TEXT)}\n```"
    link = [_link(public_url)] if public_url else []
    return {
        "text": fenced,
        "blocks": [*blocks[: _MOST_BLOCKS - 1], *link],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _header(text: str) -> Block:
    return {"type": "header", "text": _plain(text, _MOST_IN_HEADER)}


def _sections(lines: Iterable[str]) -> list[Block]:
    return [{"type": "section", "text": _plain(text, _MOST_IN_SECTION)} for text in _joined(lines)]


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """As many lines together as one section holds."""
    together = ""
    for line in lines:
        if together and len(_escaped(together, _MOST_TEXT)) + len(_escaped(line, _MOST_TEXT)) >= _MOST_IN_SECTION:
            yield together
            together = ""
        together += f"\n{line}" if together else line
    if together:
        yield together


def _plain(text: str, limit: int) -> Mapping[str, Any]:
    return {"type": "plain_text", "text": _escaped(text, limit), "emoji": False}


def _escaped(text: str, limit: int) -> str:
    """No more than `limit` characters; what is cut off leaves "…", and no escape is cut in two."""
    pieces = [_ESCAPED.get(character, character) for character in for_chat(text)]
    if sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    kept, room = [], limit - 1
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept) + "…"


def _link(public_url: str) -> Block:
    """The one place where markup is read, and it is ours."""
    url = "".join(_ESCAPED.get(character, character) for character in public_url)
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": f"<{url}|deliverwatch>"}]}

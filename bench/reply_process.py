"""Replies classified, in a process of its own. Prints JSON: replies per CPU second.

The replies are the examples of all rules. `repeating`: as a queue sees them, few wordings making up most of the mail,
with another recipient each time and one of some hundred addresses. `different`: a word in each that comes only once.
"""

import json
import random
import re
import string
import time
from collections.abc import Sequence

from deliverwatch.catalogue.reply_rules import load_reply_rules
from deliverwatch.in_use import load_classifier
from deliverwatch.replies.classifier import Classifier
from deliverwatch.settings import load_settings

_REPLIES = 100_000
_ADDRESSES = 250
_IP = re.compile(r"\b(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d+\b")


def samples() -> list[str]:
    return [rule.example for rule in load_reply_rules().rules]


def repeating(count: int, chance: random.Random) -> list[str]:
    """The nth wording n times as rare as the first (Zipf)."""
    some = samples()
    chance.shuffle(some)
    drawn = chance.choices(some, [1 / rank for rank in range(1, len(some) + 1)], k=count)
    return [_of_one_recipient(reply, chance) for reply in drawn]


def different(count: int, chance: random.Random) -> list[str]:
    return [f"{chance.choice(some)} {_word(chance)}" for some in [samples()] for _ in range(count)]


def _of_one_recipient(reply: str, chance: random.Random) -> str:
    reply = _IP.sub(f"198.51.100.{chance.randrange(_ADDRESSES)}", reply)
    return f"host mx.example.net[203.0.113.5] said: {reply} <{_word(chance)}@example.net> (in reply to RCPT TO command)"


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_lowercase, k=12))


def per_cpu_s(classifier: Classifier, replies: Sequence[str]) -> float:
    began = time.process_time()
    for reply in replies:
        classifier.classify(reply)
    return len(replies) / (time.process_time() - began)


def main() -> None:
    chance = random.Random(4)
    classifier = load_classifier(load_settings(None, {}))
    rates = {each.__name__: per_cpu_s(classifier, each(_REPLIES, chance)) for each in (repeating, different)}
    print(json.dumps(rates))


if __name__ == "__main__":
    main()

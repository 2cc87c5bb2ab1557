"""The questions of one call and the answers to them, in their order.

A batch may be stopped by what it is told: then nothing more is asked, and what was not asked says so.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

from deliverwatch.core.verdict import NOT_LISTED, Answer, Reply

NOT_AWAITED = Answer(Reply.TIMEOUT, detail="asked, and then not waited for: the list is not asked any more")
_NO_ANSWER = Answer(Reply.TIMEOUT)


class Batch:
    """`answers` are complete when `done` is."""

    def __init__(self, questions: Iterator[bytes | Answer], count: int, stop: Callable[[Answer], bool]) -> None:
        self.answers: list[Answer] = [_NO_ANSWER] * count
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.stopped = False
        self._questions = questions
        self._stop = stop
        self._next = 0
        self._left = count
        self._finish_if_complete()

    @property
    def complete(self) -> bool:
        return not self._left

    @property
    def exhausted(self) -> bool:
        """Nothing is left to ask."""
        return self._next == len(self.answers)

    def take(self, most: int) -> Iterator[tuple[int, bytes]]:
        """The next questions, each with its place; fewer than `most` where some have their answer already."""
        for question in itertools.islice(self._questions, most):
            place = self._next
            self._next = place + 1
            if isinstance(question, bytes):
                yield place, question
            else:
                self.settle(place, question)
                if self.stopped:
                    return

    def settle(self, place: int, answer: Answer) -> None:
        self.answers[place] = answer
        self._left -= 1
        if answer is not NOT_LISTED and not self.stopped and self._stop(answer):
            self.stop(replace(answer, asked=False))
        elif not self._left:
            self._finish_if_complete()

    def stop(self, rest: Answer) -> None:
        """Asks nothing more; `rest` is the answer to all that was not asked."""
        self.stopped = True
        not_asked = len(self.answers) - self._next
        self.answers[self._next :] = [rest] * not_asked
        self._next = len(self.answers)
        self._left -= not_asked
        self._finish_if_complete()

    def abandon(self, rest: Answer) -> None:
        """`rest` is the answer to all that has none yet; what still comes is not heard."""
        self.stopped = True
        self._next = len(self.answers)
        self.answers = [rest if answer is _NO_ANSWER else answer for answer in self.answers]
        if not self.done.done():
            self.done.set_result(None)

    def _finish_if_complete(self) -> None:
        if not self._left and not self.done.done():
            self.done.set_result(None)

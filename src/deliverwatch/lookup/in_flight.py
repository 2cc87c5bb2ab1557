"""What was asked and not yet answered: each question with all of its tries.

A try is known by its key, the socket it went out on and an id that no other open question has there. A question may
have several: the first is not forgotten when the second leaves.
"""

from collections.abc import Iterator

from deliverwatch.core.verdict import Answer, Reply
from deliverwatch.lookup.batch import Batch
from deliverwatch.lookup.peers import Peer, Server, random_ids

TIMED_OUT = Answer(Reply.TIMEOUT)


class Query:
    """`key`, `sent_at`, `server`: of the latest try. `due_at`: when to do something about it. `earlier`: the tries
    before, and when they left. `otherwise`: the answer if none comes. `failed`: the latest try is known to be lost."""

    __slots__ = ("batch", "deadline", "due_at", "earlier", "failed", "key", "otherwise", "place", "question", "sent_at",
                 "server")  # fmt: skip

    key: int
    server: Server
    sent_at: float

    def __init__(self, batch: Batch, place: int, question: bytes, due_at: float, deadline: float) -> None:
        self.batch = batch
        self.place = place
        self.question = question
        self.due_at = due_at
        self.deadline = deadline
        self.earlier: dict[int, float] | None = None
        self.otherwise = TIMED_OUT
        self.failed = False

    @property
    def tries(self) -> int:
        return 1 + len(self.earlier or ())


class InFlight:
    """`tries`: for whoever receives. `number`: of questions, those included that pause or moved to TCP."""

    def __init__(self) -> None:
        self.tries: dict[int, Query] = {}
        self.number = 0
        self._ids = random_ids()

    def new_id(self) -> bytes:
        return next(self._ids).to_bytes(2)

    def add_try(self, query: Query, peer: Peer, now: float) -> bytes:
        """The id for the message."""
        number = next(self._ids)
        while (key := peer.base | number) in self.tries:
            number = next(self._ids)
        self.tries[key] = query
        query.key, query.server, query.sent_at = key, peer.server, now
        return number.to_bytes(2)

    def forget(self, query: Query) -> None:
        """No reply to any of its tries is known any more. The key of a try before a pause may be another's by now."""
        for key in (query.key, *(query.earlier or ())):
            if self.tries.get(key) is query:
                del self.tries[key]

    def latest(self) -> Iterator[Query]:
        """Each question once. It may be forgotten, or tried again, meanwhile."""
        for key, query in list(self.tries.items()):
            if query.key == key and key in self.tries:
                yield query

"""Where messages arrive, copy by copy: a mailbox and a help desk that know in which life of the daemon each came."""

from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default

from deliverwatch.sandbox.mailbox import Mailbox, Stage, Trouble
from servers.help_desk import Desk


@dataclass(frozen=True)
class Copy:
    """`identity`: the Message-ID, or the idempotency key. `unanswered`: its sender was not told that it came."""

    identity: str
    recipient: str
    content: bytes
    life: int
    unanswered: bool = False


class Postbox(Mailbox):
    """`life`: the one that is lived now."""

    def __init__(self):
        super().__init__()
        self.copies = []
        self.life = 0
        self._answer = None

    @property
    def talks(self):
        return self._tasks

    def lose_an_answer(self):
        self.script(Stage.MESSAGE, Trouble.ACCEPT_AND_DROP)

    def next_act(self, stage):
        self._answer = super().next_act(stage)
        return self._answer

    async def keep(self, received):
        identity = message_from_bytes(received.content, policy=default)["Message-ID"]
        unanswered = self._answer is Trouble.ACCEPT_AND_DROP
        self.copies.append(Copy(identity, received.recipients[0], received.content, self.life, unanswered))


class HelpDesk(Desk):
    """Takes whatever it is told, at any path."""

    def __init__(self):
        super().__init__(b"HTTP/1.1 204 No Content\r\n\r\n")
        self.copies = []
        self.life = 0

    async def talk(self, reader, writer):
        await super().talk(reader, writer)
        for request, headers, body in self.heard:
            self.copies.append(Copy(headers["deliverwatch-id"], request.split()[1], body, self.life))
        self.heard.clear()

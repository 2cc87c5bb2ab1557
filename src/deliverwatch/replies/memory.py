"""What was found out lately, in bounded room.

Two generations: what is asked for again moves to the young one; when that is full it becomes the old one, and the old
one goes. So what is in use stays, without a list of who used what when.
"""

from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Memory(Generic[Key, Value]):
    def __init__(self, most: int) -> None:
        """Keeps the last `most` entries at least, and twice as many at the most."""
        self._most = most
        self._young: dict[Key, Value] = {}
        self._old: dict[Key, Value] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: Key) -> Value | None:
        found = self._young.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.put(key, found)
        return found

    def put(self, key: Key, value: Value) -> None:
        if len(self._young) >= self._most:
            self._young, self._old = {}, self._young
        self._young[key] = value

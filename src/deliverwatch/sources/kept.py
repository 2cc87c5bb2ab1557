"""What a log reader keeps of messages that are under way, by their queue id: bounded, the oldest goes first."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[str, T] = {}

    def put(self, queue_id: str, value: T) -> None:
        """Becomes the newest."""
        self._kept.pop(queue_id, None)
        self._kept[queue_id] = value
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]

    def get(self, queue_id: str) -> T | None:
        return self._kept.get(queue_id)

    def take(self, queue_id: str) -> T | None:
        """And forget it."""
        return self._kept.pop(queue_id, None)

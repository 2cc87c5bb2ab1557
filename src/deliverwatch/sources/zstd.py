"""Files compressed with zstd (RFC 8878), read as a stream.

A file may hold several frames, one after the other. The last one may be unfinished, when its writer is not done or was
killed: what it gives so far is read, and nothing of it is an error; when it has grown, it is read on. The window, which
is what reading needs in memory, is limited to what the format's own tools allow (128 MiB).
"""

import io
from typing import IO, Any

import zstandard

_MAGIC = b"\x28\xb5\x2f\xfd"
_STEP = 1 << 11  # compressed bytes; a block of 128 KiB can hide in four of them


def unpacked(stream: IO[bytes]) -> IO[bytes]:
    """What the file says: decompressed, if it is compressed. The stream stands at its beginning."""
    compressed = stream.read(len(_MAGIC)) == _MAGIC
    stream.seek(0)
    return _Unpacked(stream) if compressed else stream  # type: ignore[return-value]


class _Unpacked(io.RawIOBase):
    """Goes forward, and back to the beginning. Raises EOFError where the data are damaged."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._start()

    def _start(self) -> None:
        self._packed.seek(0)
        self._frame = _frame()
        self._behind = b""  # the frame that ended
        self._ready = memoryview(b"")
        self._damage: str | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        filled = 0
        while filled < len(buffer) and (self._ready or self._unpack()):
            size = min(len(buffer) - filled, len(self._ready))
            buffer[filled : filled + size] = self._ready[:size]
            self._ready = self._ready[size:]
            filled += size
        if self._damage is not None and not filled:
            raise EOFError(self._damage)
        return filled

    def _unpack(self) -> bool:
        """False: there is nothing more now, or it cannot be read."""
        while not self._ready and self._damage is None and (packed := self._behind or self._packed.read(_STEP)):
            try:
                self._ready = memoryview(self._frame.decompress(packed))
            except zstandard.ZstdError as error:
                self._damage = str(error)
            self._behind = b""
            if self._frame.eof:
                self._frame, self._behind = _frame(), self._frame.unused_data
        return bool(self._ready)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if offset or whence != io.SEEK_SET:
            raise io.UnsupportedOperation("a compressed file can be read from its beginning only")
        self._start()
        return 0

    def close(self) -> None:
        self._packed.close()
        super().close()


def _frame() -> Any:
    return zstandard.ZstdDecompressor().decompressobj()

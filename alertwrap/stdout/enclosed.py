"""Files that go with a reply: read when its line is heard, since they may be gone or changed a moment later."""

from __future__ import annotations

import mimetypes
import os
import stat
from functools import cache
from pathlib import Path

#: Of all files of one reply. In base64 they take a third more, and must fit into a request to the message sender.
MOST_BYTES = 5 * 1024 * 1024
UNKNOWN = "application/octet-stream"


class Unreadable(Exception):
    """The file cannot go with the reply; the text says why."""


def read(path: str, directory: Path, room: int = MOST_BYTES) -> bytes:
    """The whole file. A relative path starts at `directory`. Raises Unreadable, also for more than `room` bytes."""
    try:
        # Opening a pipe would wait for its other end, and reading one for ever: look what it is before reading.
        fd = os.open(directory / path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        try:
            return _content(fd, path, room)
        finally:
            os.close(fd)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from None


def kind_of(name: str) -> str:
    """The media type that a file's name suggests."""
    kind, packed = _kinds().guess_type(name, strict=False)
    if packed:
        return "application/gzip" if packed == "gzip" else UNKNOWN
    return kind or UNKNOWN


@cache
def _kinds() -> mimetypes.MimeTypes:
    """The table that comes with Python, the same on every machine."""
    return mimetypes.MimeTypes()


def _content(fd: int, path: str, room: int) -> bytes:
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        raise Unreadable(f"{path}: expected a regular file")
    chunks, left = [], room + 1  # by the bytes, not by the size: it may grow, and under /proc it is 0
    while left > 0 and found.st_size <= room and (chunk := os.read(fd, left)):
        chunks.append(chunk)
        left -= len(chunk)
    if left <= 0 or found.st_size > room:
        raise Unreadable(f"{path}: the files of one reply may take {MOST_BYTES} bytes together")
    return b"".join(chunks)

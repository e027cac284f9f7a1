"""Identifiers: UUIDv7 (RFC 9562 §5.7), so that ids born later sort later."""

from __future__ import annotations

import os
import struct
import threading
import time
from typing import Annotated

from pydantic import StringConstraints

#: What we accept as an id: ours are UUIDv7, but a producer may bring its own. Printable ASCII without spaces,
#: since ids stand in URLs, log lines and mail headers.
Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[!-~]+$")]

#: A name that people type and that stands in URLs and file names: an alert, a topic, a channel.
Name = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]

#: An id that stands as one segment of a path or of an entity's key, `<recipient>/<notice>`: printable, without slash.
Segment = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_][A-Za-z0-9._:@+~-]*$")]

_lock = threading.Lock()
_last = 0
_POOL = "128Q"
_pool: list[int] = []

# 12 bits of counter below the millisecond keep ids of one process strictly growing.
_COUNTER_BITS = 12


def new_id() -> str:
    """A new UUIDv7; strictly greater than every one this process made before."""
    global _last  # noqa: PLW0603 - the counter is per process by definition
    with _lock:
        _last = max(_last + 1, time.time_ns() // 1_000_000 << _COUNTER_BITS)
        stamp = _last
        chance = _chance()
    high = f"{(stamp >> _COUNTER_BITS) << 16 | 0x7000 | stamp & 0xFFF:016x}"
    low = f"{0x8000000000000000 | chance & 0x3FFFFFFFFFFFFFFF:016x}"
    return f"{high[:8]}-{high[8:12]}-{high[12:]}-{low[:4]}-{low[4:]}"


def _chance() -> int:
    """64 random bits. The kernel is asked for many at once: one call for each id costs more than all the rest."""
    if not _pool:
        _pool.extend(struct.unpack(_POOL, os.urandom(struct.calcsize(_POOL))))
    return _pool.pop()


# A forked child must not hand out what its parent will.
os.register_at_fork(after_in_child=_pool.clear)

"""A checksum for each row that must not change: a flipped bit in a text is still a text, and JSON as well."""

from __future__ import annotations

import zlib


def checksum(*texts: str) -> int:
    """CRC-32 of these texts, in order. Finds every single flipped byte."""
    return zlib.crc32("\0".join(texts).encode("utf-8", "surrogatepass"))


def is_whole(crc: int | None, *texts: str) -> bool:
    """Whether these texts are what was written with `crc`; rows of before there were checksums have None."""
    return crc is None or crc == checksum(*texts)

"""What a picture is: told by its first bytes, since what its sender says of it proves nothing."""

from __future__ import annotations


def picture_kind(body: bytes) -> str | None:
    """The media type of a PNG, JPEG, GIF or WebP; None for anything else, also for drawings with scripts in them."""
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if body.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if body.startswith(b"RIFF") and body[8:12] == b"WEBP":
        return "image/webp"
    return None

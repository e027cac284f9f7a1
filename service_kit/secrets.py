"""Secrets: a type that does not print itself, opaque tokens, and a mask for texts that may hold one."""

from __future__ import annotations

import hashlib
import re
import secrets

from pydantic import SecretStr as Secret

__all__ = ["TOKEN_PREFIX", "Secret", "hash_token", "mask", "new_token"]

#: Lets people and scanners recognise a leaked token.
TOKEN_PREFIX = "aw_"  # noqa: S105 - the public prefix, not a token
_TOKEN_BYTES = 32

_PATTERNS = re.compile(
    r"aw_[A-Za-z0-9_-]{16,}"  # our tokens
    r"|(?<=bot)\d{5,}:[A-Za-z0-9_-]{20,}"  # Telegram bot tokens, as they stand in its URLs
    r"|(?<=bearer )[^\s\"']+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user:password in URLs
    r"|(?<=hooks\.slack\.com/services/)[\w/]+"
    r"|whsec_[A-Za-z0-9+/=]+"
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]*",  # JWT
    re.IGNORECASE,
)


def new_token() -> str:
    """A new opaque token of 256 bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)


def hash_token(token: str) -> str:
    """What is stored of a token. Unsalted SHA-256 is enough for 256 random bits, and can be looked up."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def mask(text: str) -> str:
    """`text` with everything that looks like a credential replaced by stars."""
    return _PATTERNS.sub("***", text)


def is_token(text: str) -> bool:
    """Whether `text` can stand in a header as a token: printable ASCII without spaces."""
    return bool(text) and all("!" <= char <= "~" for char in text)

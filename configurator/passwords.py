"""Passwords: argon2id, in threads of their own, since one hash takes a twentieth of a second and 64 MiB."""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service_kit.problems import Unavailable

T = TypeVar("T")

#: What is hashed at once, and what may wait for it: memory and time that strangers can make us spend.
_THREADS, _MOST = 2, 32


class Passwords:
    """`close` it at the end."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="argon2")
        self._busy = 0
        self._nobodys: Future[str] = self._threads.submit(self._hasher.hash, secrets.token_urlsafe())

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """What is stored of a password. Raises Unavailable when too many are being hashed."""
        return await self._run(lambda: self._hasher.hash(normal(password)))

    async def fits(self, password: str, stored: str | None) -> bool:
        """Whether this is the password; takes as long where there is none. Raises Unavailable likewise."""
        nobodys: str = await asyncio.wrap_future(self._nobodys)
        return await self._run(lambda: self._verify(stored or nobodys, normal(password))) and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether it was hashed with less effort than is spent today."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._busy >= _MOST:
            raise Unavailable("too many people sign in at once; try again", code="many-sign-in")
        self._busy += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._busy -= 1


def normal(password: str) -> str:
    """The same password, typed on another system: an accented letter may come as one character or as two."""
    return unicodedata.normalize("NFC", password)

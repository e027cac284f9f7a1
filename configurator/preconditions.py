"""ETag, If-Match and If-None-Match (RFC 9110 §13): whoever changes must have seen what they change."""

from __future__ import annotations

import re
from dataclasses import dataclass

from service_kit.problems import PreconditionFailed, PreconditionRequired

_TAG = re.compile(r'(W/)?"([^"]*)"')


def etag(revision: int) -> str:
    """The entity tag of a document's revision."""
    return etag_of(str(revision))


def etag_of(name: str) -> str:
    """The entity tag of what `name` names."""
    return f'"{name}"'


@dataclass(frozen=True)
class Precondition:
    """`tags` are those that the caller accepts; None accepts whatever is there."""

    tags: frozenset[str] | None = None

    def require(self, revision: int) -> None:
        """Raise PreconditionFailed unless the document is at a revision that the caller accepts."""
        if self.tags is not None and str(revision) not in self.tags:
            said = "it was changed meanwhile and is at revision {revision}: read it again"
            raise PreconditionFailed(said, code="other-revision", revision=revision)

    def require_none(self) -> None:
        """Raise PreconditionFailed when the caller expects a revision, and there is no document."""
        if self.tags is not None:
            raise PreconditionFailed("it was deleted meanwhile", code="deleted-meanwhile")


ANY = Precondition()


def if_match(header: str | None) -> Precondition:
    """An If-Match header that may be absent. Weak tags never match."""
    if header is None or header.strip() == "*":
        return ANY
    return Precondition(frozenset(tag for weak, tag in _TAG.findall(header) if not weak))


def required_if_match(header: str | None) -> Precondition:
    """An If-Match header that must be there; raises PreconditionRequired."""
    if header is None:
        said = "expected the header If-Match with the ETag of what you read"
        raise PreconditionRequired(said, code="if-match-required")
    return if_match(header)


def is_known(header: str | None, revision: int) -> bool:
    """Whether If-None-Match says that the caller already has this revision."""
    if header is None:
        return False
    return header.strip() == "*" or any(tag == str(revision) for _, tag in _TAG.findall(header))

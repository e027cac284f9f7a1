"""Who may write and who may follow which topic."""

from __future__ import annotations

from service_kit.auth import SERVICE, Principal

TOKEN, TOKEN_USE, INBOX = "token", "token_use", "inbox"
#: Written by the services only; the value is the scope that reads it.
_READ = {TOKEN: SERVICE, TOKEN_USE: SERVICE, INBOX: INBOX, "config": "configs:read", "recipient": "configs:read"}


def may_write(principal: Principal, topic: str) -> bool:
    """Whether `principal` may publish to `topic`."""
    return principal.may(SERVICE if topic in _READ else "events:write")


def read_scope(topic: str) -> str:
    """The scope that reads `topic`."""
    return _READ.get(topic, "events:read")


def may_read(principal: Principal, topic: str) -> bool:
    """By scope, or because the topic is one of the panel's that its people may follow."""
    return principal.may(read_scope(topic)) or (topic in principal.topics and topic not in _READ)


def visible(principal: Principal, topic: str) -> str | None:
    """The prefix of the keys of `topic` that `principal` may see: "" for all, None for nothing at all."""
    if not may_read(principal, topic):
        return None
    if topic != INBOX or principal.may(SERVICE):
        return ""
    # The hub finds the owner before the first slash of a key: one with a slash could be taken for another.
    owner = principal.recipient
    return f"{owner}/" if owner and "/" not in owner else None


def may_follow(principal: Principal) -> bool:
    """Whether there is any topic that `principal` may see."""
    return any(visible(principal, topic) is not None for topic in ("any", *_READ))

"""Whom a message would wait for: the host behind an address that is a URL."""

from __future__ import annotations

from urllib.parse import urlsplit


def destination_of(address: str) -> str | None:
    """`https://user:secret@Hooks.example.org:8443/x` → `hooks.example.org:8443`.

    None where all addresses share one provider (a mail relay, a bot API): it is up or down for everybody.
    """
    if "://" not in address:
        return None
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    return f"{host}:{port}" if host and port else host

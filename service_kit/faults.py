"""Named points where the fault tests kill this process. In production they do nothing."""

from __future__ import annotations


def faultpoint(name: str) -> None:
    """Passing here changes nothing. The fault tests replace this function from outside the product."""

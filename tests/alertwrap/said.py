"""What was said, as the tests look at it: by an alert, to it, and by the wrapper about it."""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.server import FakeServer


def hello(*features: str, **more: Any) -> str:
    return json.dumps({"type": "hello", "name": "probe", "version": "1", "features": list(features), **more})


def heard(server: FakeServer, kind: str, alert: str = "probe") -> list[dict[str, Any]]:
    """The lines of this type that tests/programs/talker.py was told."""
    return [json.loads(notice["message"]) for notice in server.of(alert) if notice.get("title") == kind]


def titles(server: FakeServer, alert: str = "probe") -> list[str]:
    return [notice.get("title", "") for notice in server.of(alert)]


def operational(server: FakeServer, kind: str) -> list[dict[str, Any]]:
    """What the wrapper itself has said."""
    return [notice for notice in server.of("alertwrap") if notice["labels"]["kind"] == kind]

"""Every channel by its name. A channel's module is imported when a message first needs it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from msg_sender.channels.contract import Channel, NotConfigured, OpenEgress
from msg_sender.reason import because

#: Name → (dotted path of what opens it, the setting without which it is not configured).
CHANNELS: Mapping[str, tuple[str, str]] = {
    "email": ("msg_sender.channels.email:open_email", "[email] url"),
    "telegram": ("msg_sender.channels.telegram:open_telegram", "[telegram] token"),
    "webhook": ("msg_sender.channels.webhook:open_webhook", "[webhook] secrets"),
}


def open_channel(name: str, settings: Any, open_egress: OpenEgress) -> Channel:
    """The channel of that name with its own settings, None when the operator gave none; `close` it at the end."""
    path, wanted = CHANNELS[name]
    if settings is None:
        said = "channel {name} is not configured: set {setting}"
        return NotConfigured(because(said, code="not-configured", name=name, setting=wanted))
    module, _, function = path.partition(":")
    channel: Channel = getattr(import_module(module), function)(settings, open_egress)
    return channel

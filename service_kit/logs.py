"""Structured logs on stderr: JSON lines in production, readable lines in a terminal; secrets masked in both."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field

from service_kit.secrets import mask

#: Longer values are cut: a log line is a pointer, not an archive.
_MAX_VALUE = 4_000
_SECRET_KEYS = ("token", "secret", "password", "authorization", "cookie", "api_key")


class LogSettings(BaseModel):
    """`format` "auto" is "console" on a terminal and "json" elsewhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level that is logged")
    format: Literal["auto", "json", "console"] = Field("auto", description="auto: console on a terminal, else json")


def configure(settings: LogSettings) -> None:
    """Set up this process's logging; call once, from main."""
    as_json = settings.format == "json" or (settings.format == "auto" and not sys.stderr.isatty())
    renderer: Any = structlog.processors.JSONRenderer() if as_json else _console()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _console() -> Any:
    """Plain tracebacks: the pretty ones print local variables, and with them every header and body."""
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


def mask_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """The processor that keeps credentials and terminal escapes out of every line."""
    return {key: _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: Any) -> Any:
    if any(word in key.lower() for word in _SECRET_KEYS) and isinstance(value, str):
        return "***"
    if not isinstance(value, str):
        return value if isinstance(value, bool | int | float | None) else _clean(key, str(value))
    text = mask(value[:_MAX_VALUE])
    return "".join(char if char.isprintable() or char in "\n\t" else f"\\x{ord(char):02x}" for char in text)

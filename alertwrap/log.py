"""The wrapper's log on stderr: a line an event, JSON or readable, secrets masked. No library: it starts fast."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable
from typing import Any, TextIO

from service_kit.secrets import mask
from wire.times import rfc3339, utc_now

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
#: Longer values are cut: a log line is a pointer, not an archive.
_MAX_VALUE = 4_000
#: Before it is searched for secrets: one across the later cut must still be found whole.
_MAX_SEARCHED = 8 * _MAX_VALUE
#: Shorter secrets are not masked: replacing "a" everywhere would make every line unreadable.
_SHORTEST_SECRET = 6


class Log:
    """Call `log.info("what happened", key=value)`. `bind` gives a log that repeats some values in every line."""

    def __init__(
        self, *, as_json: bool | None = None, level: str = "info", out: TextIO | None = None, bound: dict[str, Any]
        | None = None, masks: list[str] | None = None, lock: threading.Lock | None = None,
        also: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self._out = out or sys.stderr
        self._as_json = not self._out.isatty() if as_json is None else as_json
        self._level = level
        self._bound = bound or {}
        self._masks = masks if masks is not None else []
        self._lock = lock or threading.Lock()
        self._also = also

    def bind(self, also: Callable[[str], None] | None = None, **values: Any) -> Log:
        """A log whose lines carry these values too. It shares the secrets to mask. `also` gets each readable line."""
        return Log(
            as_json=self._as_json, level=self._level, out=self._out, bound={**self._bound, **values},
            masks=self._masks, lock=self._lock, also=also or self._also,
        )  # fmt: skip

    def hide(self, secret: str) -> None:
        """Replace this text by stars from now on, wherever it would be printed: also line by line, and inside JSON."""
        forms = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], *secret.splitlines()}
        new = {form for form in forms if len(form) >= _SHORTEST_SECRET} - set(self._masks)
        if new:
            # The longest first: one that begins another would leave the other's end. Replaced in one step, for readers.
            self._masks[:] = sorted([*self._masks, *new], key=len, reverse=True)

    def masked(self, text: str) -> str:
        """`text` without the secrets that we know and without what looks like one."""
        for secret in self._masks:
            text = text.replace(secret, "***")
        return mask(text)

    def debug(self, event: str, **values: Any) -> None:
        self.write("debug", event, values)

    def info(self, event: str, **values: Any) -> None:
        self.write("info", event, values)

    def warning(self, event: str, **values: Any) -> None:
        self.write("warning", event, values)

    def error(self, event: str, **values: Any) -> None:
        self.write("error", event, values)

    def write(self, level: str, event: str, values: dict[str, Any]) -> None:
        """One line; an unknown level counts as info."""
        if _LEVELS.get(level, 20) < _LEVELS[self._level]:
            return
        render: Callable[[str, str, dict[str, Any]], str] = self._json if self._as_json else self._readable
        clean = {self._clean(key): self._clean(value) for key, value in values.items()}
        line = render(level, event, {**self._bound, **clean})
        self._also(self._readable(level, event, clean))
        with self._lock:
            try:
                self._out.write(line + "\n")
                self._out.flush()
            except (OSError, ValueError):
                return  # nobody reads our log; the alerts must go on

    def _clean(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        text = self.masked(str(value)[:_MAX_SEARCHED])[:_MAX_VALUE]
        return "".join(char if char.isprintable() or char in "\n\t" else f"\\x{ord(char):02x}" for char in text)

    def _json(self, level: str, event: str, values: dict[str, Any]) -> str:
        return json.dumps({**values, "event": self._clean(event), "level": level, "timestamp": rfc3339(utc_now())})

    def _readable(self, level: str, event: str, values: dict[str, Any]) -> str:
        rest = " ".join(f"{key}={value}" for key, value in values.items())
        return f"{utc_now():%H:%M:%S} {level:7} {self._clean(event)} {rest}".rstrip()


class Bridge(logging.Handler):
    """What libraries say through `logging` goes into our log."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.write(record.levelname.lower(), record.getMessage(), {"source": record.name})

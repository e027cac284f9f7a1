"""Secrets of an alert: read from where its file says, given to it in line 1 and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping

from alertwrap.manifest import Manifest

#: All secrets of one alert, as they stand in its line 1 beside its configs and its state.
MAX_BYTES = 64 * 1024


def read_secrets(manifest: Manifest, environ: Mapping[str, str]) -> dict[str, str]:
    """Name → value. Raises ValueError naming every one that cannot be read, or when they are too large together."""
    values: dict[str, str] = {}
    problems: list[str] = []
    for name, source in manifest.secrets.items():
        kind, _, where = source.partition(":")
        if kind == "env":
            value = environ.get(where)
            problems += [f"secrets.{name}: {where} is not set"] if value is None else []
        else:
            try:
                value = (manifest.directory / where).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                value = None
                problems.append(f"secrets.{name}: cannot read {where}: {error}")
        if value is not None:
            values[name] = value
    if sum(len(json.dumps(value)) for value in values.values()) > MAX_BYTES:
        problems.append(f"secrets: all of them together may take {MAX_BYTES} bytes")
    if problems:
        raise ValueError("; ".join(problems))
    return values

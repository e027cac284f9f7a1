"""Secrets of an alert: read from where its file says, given to it in line 1 and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping

from alertwrap.manifest import Manifest


def read_secrets(manifest: Manifest, environ: Mapping[str, str]) -> dict[str, str]:
    """Name → value. Raises ValueError naming every one that cannot be read."""
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
    if problems:
        raise ValueError("; ".join(problems))
    return values

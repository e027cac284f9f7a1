"""The alert's file: which program it is, what it watches, how it likes to be spoken to."""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from wire.durations import Duration
from wire.ids import Name

Text = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\x00]*$")]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
#: Where a secret comes from: `env:NAME` or `file:PATH`.
SecretSource = Annotated[str, StringConstraints(pattern=r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:[^\x00]+)$")]


class ManifestError(Exception):
    """One or more mistakes in alerts' files; `problems` has a line for each, with the file and the key."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _command(value: object) -> object:
    if isinstance(value, str):
        words = ", ".join(json.dumps(word) for word in value.split())
        raise ValueError(f"expected a list of words, not one text; no shell reads it. Write: command = [{words}]")
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) and " " in value[0].strip():
        words = ", ".join(json.dumps(word) for word in value[0].split())
        if not Path(value[0]).exists():
            raise ValueError(f"expected one item for each word. Write: command = [{words}]")
    return value


class Manifest(BaseModel):
    """Relative paths are relative to the file. `directory` is where the file stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    command: Annotated[tuple[Text, ...], BeforeValidator(_command)] = Field(min_length=1)
    watch: tuple[Name, ...] = ()
    metric_schema: Path | None = None
    format: Literal["json", "text"] = "json"
    stdin: Literal["stream", "once", "none"] = "stream"
    tick: Duration | None = None
    interval: Duration | None = None
    env: tuple[Variable, ...] = ()
    on_config: Literal["auto", "stream", "restart"] = "auto"
    secrets: dict[Name, SecretSource] = Field(default_factory=dict)
    line_buffer: bool = False
    directory: Path = Path()

    @model_validator(mode="after")
    def _fits_together(self) -> Manifest:
        for key in ("tick", "interval"):
            span = getattr(self, key)
            if span == timedelta():
                raise ValueError(f"{key}: expected at least 1s")
        if self.tick and self.stdin != "stream":
            raise ValueError('tick: needs stdin = "stream"')
        return self

    @property
    def program(self) -> Path | None:
        """The program's file when the command names it by a path, else None: it is looked up in PATH."""
        word = self.command[0]
        return (self.directory / word).absolute() if "/" in word else None


def read_manifest(file: Path) -> Manifest:
    """Read an alert's file. Raises ManifestError with every mistake in it."""
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ManifestError([f"{file}: {error.strerror}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError([f"{file}: {error}"]) from None
    directory = file.absolute().parent
    problems = [f"{file}: directory: no such key"] if values.pop("directory", None) is not None else []
    try:
        manifest = Manifest.model_validate({**values, "directory": directory})
    except ValidationError as error:
        raise ManifestError(problems + [f"{file}: {_described(item)}" for item in error.errors()]) from None
    problems += [f"{file}: metric_schema: {why}" for why in _schema_problems(manifest)]
    if problems:
        raise ManifestError(problems)
    return manifest


def read_manifests(files: list[Path]) -> list[Manifest]:
    """Read several; all mistakes of all files at once, two alerts of one name among them."""
    found: dict[str, Path] = {}
    manifests, problems = [], []
    for file in files:
        try:
            manifest = read_manifest(file)
        except ManifestError as error:
            problems += error.problems
            continue
        if manifest.name in found:
            problems.append(f"{file}: name: {manifest.name!r} is already the alert of {found[manifest.name]}")
        found.setdefault(manifest.name, file)
        manifests.append(manifest)
    if problems:
        raise ManifestError(problems)
    return manifests


def metric_schema(manifest: Manifest) -> dict[str, Any] | None:
    """The JSON Schema of this alert's `metric`, or None."""
    if manifest.metric_schema is None:
        return None
    schema: dict[str, Any] = json.loads((manifest.directory / manifest.metric_schema).read_text("utf-8"))
    return schema


def _schema_problems(manifest: Manifest) -> list[str]:
    try:
        schema = metric_schema(manifest)
    except OSError as error:
        return [f"{manifest.metric_schema}: {error.strerror}"]
    except ValueError as error:
        return [f"{manifest.metric_schema}: expected JSON: {error}"]
    return [] if schema is None or isinstance(schema, dict) else [f"{manifest.metric_schema}: expected a JSON object"]


def _described(item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"])
    what = item["msg"].removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        known = sorted(Manifest.model_fields.keys() - {"directory"})
        what = f"no such key; known are {', '.join(known)}"
    elif item["type"] == "missing":
        what = "expected this key"
    return f"{where}: {what}" if where else what

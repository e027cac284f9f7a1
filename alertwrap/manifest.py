"""The alert's file: which program it is, what it watches, how it likes to be spoken to."""

from __future__ import annotations

import json
import re
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


def _size(value: object) -> object:
    """`"512M"` → bytes; a number is one of bytes."""
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if found:
        return int(found[1]) * _UNIT[found[2]]
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise ValueError('expected a size such as "512M" or "2G"')


_SIZE = re.compile(r"([1-9][0-9]{0,8})([KMGT]?)")
_UNIT = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
Size = Annotated[int, BeforeValidator(_size)]


class Limits(BaseModel):
    """What the kernel refuses to each process of the alert: `memory` of its own data, `cpu` time of one run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory: Size | None = None
    file_size: Size | None = None
    open_files: Annotated[int, Field(ge=8, le=1_048_576)] | None = None
    cpu: Duration | None = None


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
    expect_every: Duration | None = None
    limits: Limits = Field(default_factory=Limits)
    directory: Path = Path()

    @model_validator(mode="after")
    def _fits_together(self) -> Manifest:
        for key in ("tick", "interval", "expect_every"):
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

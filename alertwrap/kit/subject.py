"""The alert under the glass: its manifest, and the small world that it is shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from alertwrap.manifest import Manifest, metric_schema, read_manifest
from alertwrap.stdin.world import RECIPIENT

#: Whom an alert may name when nobody gave it recipients.
ANN = {"id": "ann", "name": "Ann", "addresses": {"email": "ann@example.org"}, "roles": []}


class SubjectError(Exception):
    """What was asked for cannot be run; the text names the file and the field."""


@dataclass(frozen=True)
class Entity:
    """One thing that the alert watches."""

    topic: str
    key: str
    data: dict[str, Any] | None


@dataclass(frozen=True)
class Subject:
    """An alert and what it is to be told."""

    manifest: Manifest
    configs: tuple[dict[str, Any], ...] = ()
    entities: tuple[Entity, ...] = ()
    recipients: tuple[Entity, ...] = field(default=(Entity(RECIPIENT, "ann", ANN),))

    def with_manifest(self, **changes: Any) -> Subject:
        """The same with other keys in its file."""
        return replace(self, manifest=self.manifest.model_copy(update=changes))


def load(target: Path, configs: Path | None = None, entities: Path | None = None) -> Subject:
    """An alert's TOML file, or just its program. What is not given is looked for beside it: `NAME.configs.json`,
    `NAME.entities.ndjson`. Raises ManifestError, SubjectError."""
    manifest = manifest_of(target)
    configs = configs or _beside(target, ".configs.json")
    entities = entities or _beside(target, ".entities.ndjson")
    given = read_configs(configs) if configs else default_configs(manifest)
    found = read_entities(entities) if entities else ()
    watched = {*manifest.watch, RECIPIENT}
    strange = sorted({entity.topic for entity in found if entity.topic not in watched})
    if strange:
        raise SubjectError(f"{entities}: topic {strange[0]!r} is not in `watch` of {target}")
    recipients = tuple(entity for entity in found if entity.topic == RECIPIENT)
    others = tuple(entity for entity in found if entity.topic != RECIPIENT)
    subject = Subject(manifest, tuple(given), others)
    return replace(subject, recipients=recipients) if recipients else subject


def overridden(subject: Subject, values: Sequence[str]) -> Subject:
    """With these `NAME=VALUE` in every metric; a value is JSON, or else a text."""
    if not values:
        return subject
    metric = dict(_value(text) for text in values)
    configs = [{**config, "metric": {**config["metric"], **metric}} for config in subject.configs]
    return replace(subject, configs=tuple(configs))


def _value(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise SubjectError(f"--set: expected NAME=VALUE, found {text!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def manifest_of(target: Path) -> Manifest:
    """What the TOML file says, or what there is to say of a program without one. Raises ManifestError, SubjectError."""
    return read_manifest(target) if target.suffix == ".toml" else _of_program(target)


def _of_program(program: Path) -> Manifest:
    """A program without a file of its own; the file beside it counts when it starts this very program."""
    if not program.exists():
        raise SubjectError(f"{program}: no such file")
    beside = program.with_suffix(".toml")
    if beside.exists():
        manifest = read_manifest(beside)
        if manifest.program == program.absolute() or any(Path(word).name == program.name for word in manifest.command):
            return manifest
    name = "".join(char if char.isalnum() or char in "._-" else "-" for char in program.stem) or "alert"
    try:
        return Manifest(name=name, command=(f"./{program.name}",), directory=program.absolute().parent)
    except ValidationError as error:
        raise SubjectError(f"{program}: {error.errors()[0]['msg']}") from None


def read_configs(file: Path) -> list[dict[str, Any]]:
    """A list of configs, one config, or only its `metric`."""
    value = _json(file)
    values = value if isinstance(value, list) else [value]
    return [_config(item, number, file) for number, item in enumerate(values, 1)]


def _config(value: Any, number: int, file: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SubjectError(f"{file}: expected a config, or a list of configs, found {type(value).__name__}")
    config = value if "metric" in value else {"metric": value}
    if not isinstance(config["metric"], dict):
        raise SubjectError(f"{file}: metric: expected an object")
    return {"id": f"c{number}", "enabled": True, "revision": 1, **config}


def refused(subject: Subject, configs: Sequence[dict[str, Any]]) -> list[str]:
    """What the alert's own schema has against these configs: production would not let it see them."""
    from alertwrap.stdin.metric_check import complaints  # noqa: PLC0415 - a library that only this needs

    schema = metric_schema(subject.manifest)
    return [] if schema is None else [what for config in configs for what in complaints(schema, config["metric"])]


def read_entities(file: Path) -> tuple[Entity, ...]:
    """NDJSON: `{"topic", "key", "data"}`, an entity a line; without `data` it is deleted."""
    found = []
    for number, line in enumerate(_text(file).splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            found.append(Entity(str(value["topic"]), str(value["key"]), value.get("data")))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise SubjectError(f'{file}:{number}: expected {{"topic": …, "key": …, "data": {{…}}}}') from None
    return tuple(found)


def default_configs(manifest: Manifest) -> list[dict[str, Any]]:
    """One config, with the defaults of its schema."""
    schema = metric_schema(manifest) or {}
    fields = schema.get("properties", {})
    metric = {name: part["default"] for name, part in fields.items() if isinstance(part, dict) and "default" in part}
    return [{"id": "c1", "metric": metric, "enabled": True, "revision": 1}]


def _beside(target: Path, suffix: str) -> Path | None:
    file = target.with_name(target.stem + suffix)
    return file if file.exists() else None


def _json(file: Path) -> Any:
    try:
        return json.loads(_text(file))
    except ValueError as error:
        raise SubjectError(f"{file}: expected JSON: {error}") from None


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise SubjectError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SubjectError(f"{file}: expected UTF-8") from None

"""What the commands of the author's kit have in common: which alert, with which configs and entities."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from alertwrap.kit.subject import Subject

EX_CONFIG = 78
FILE = click.Path(path_type=Path)

SUBJECT = click.argument("alert", type=FILE)


@dataclass(frozen=True)
class Given:
    """What was named on the command line."""

    alert: Path
    configs: Path | None
    entities: Path | None

    @property
    def configs_file(self) -> Path | None:
        """Where the configs come from."""
        return self.configs or self._beside(".configs.json")

    @property
    def entities_file(self) -> Path | None:
        """Where the entities come from."""
        return self.entities or self._beside(".entities.ndjson")

    def load(self, overrides: tuple[str, ...] = ()) -> Subject:
        """The alert with its small world; `overrides` are NAME=VALUE of every metric."""
        from alertwrap.kit.subject import load, overridden  # noqa: PLC0415

        return overridden(load(self.alert, self.configs, self.entities), overrides)

    def subject(self, overrides: tuple[str, ...] = ()) -> Subject:
        """The same; ends the command when something in it is wrong."""
        from alertwrap.kit.subject import SubjectError  # noqa: PLC0415
        from alertwrap.manifest import ManifestError  # noqa: PLC0415

        try:
            return self.load(overrides)
        except (ManifestError, SubjectError) as error:
            end(str(error), EX_CONFIG)

    def _beside(self, suffix: str) -> Path | None:
        file = self.alert.with_name(self.alert.stem + suffix)
        return file if file.exists() else None


def given(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options --configs and --entities, and the argument ALERT, as one value `given`."""

    @click.option("--configs", type=FILE, help="JSON: a config, a list of them, or only a metric. "
                  "[default: NAME.configs.json beside it, or the schema's defaults]")  # fmt: skip
    @click.option("--entities", type=FILE, help='NDJSON of {"topic", "key", "data"}; topic `recipient` is people. '
                  "[default: NAME.entities.ndjson beside it]")  # fmt: skip
    @functools.wraps(command)
    def wrapped(alert: Path, configs: Path | None, entities: Path | None, **others: Any) -> Any:
        return command(given=Given(alert, configs, entities), **others)

    return wrapped


def end(text: str, code: int) -> NoReturn:
    """Say what is wrong, and go."""
    click.echo("alertwrap: " + text.replace("\n", "\n  "), err=True)
    sys.exit(code)

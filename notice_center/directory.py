"""Who there is and what operators want: the configs and recipients as of now, followed from the notifier.

The whole is one frozen value, replaced at each change, so that a decision on another thread sees one moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import structlog
from pydantic import ValidationError

from wire.config import Config
from wire.notice import Notice
from wire.recipient import Recipient

log = structlog.get_logger()

#: The step that needs no sending: the inbox itself.
PANEL = "panel"
#: The role of those who hear of what concerns nobody in particular.
OPERATOR = "operator"


@dataclass(frozen=True)
class Directory:
    """`configs` and `recipients` by id, `by_alert`: the enabled configs of each alert, `operators`: ids, sorted.

    `deleted`: ids of configs of which it was heard that they were deleted; of those before the start nothing is known.
    """

    configs: Mapping[str, Config] = field(default_factory=dict)
    recipients: Mapping[str, Recipient] = field(default_factory=dict)
    by_alert: Mapping[str, tuple[Config, ...]] = field(default_factory=dict)
    operators: tuple[str, ...] = ()
    deleted: frozenset[str] = frozenset()

    def speaking(self, notice: Notice) -> tuple[Config, ...]:
        """The enabled configs that a notice speaks for: the one it names, else every one of its alert."""
        if notice.config is None:
            return self.by_alert.get(notice.alert, ())
        named = self.configs.get(notice.config)
        return (named,) if named and named.enabled else ()


class Directories:
    """The current Directory, told of every change. `ready` once both topics are known in full."""

    def __init__(self) -> None:
        self.now = Directory()
        self._synced = {"config": False, "recipient": False}

    @property
    def missing(self) -> list[str]:
        """The topics of which no snapshot has come yet."""
        return [topic for topic, synced in self._synced.items() if not synced]

    def replace_configs(self, items: Iterable[tuple[str, dict[str, Any]]]) -> None:
        found = {key: _config(key, data) for key, data in items}
        missed = self.now.configs.keys() - found.keys()
        self._configs({key: config for key, config in found.items() if config})
        self.now = replace(self.now, deleted=self.now.deleted.union(missed) - found.keys())
        self._synced["config"] = True

    def replace_recipients(self, items: Iterable[tuple[str, dict[str, Any]]]) -> None:
        found = {key: recipient for key, data in items if (recipient := _recipient(key, data))}
        self._recipients(found)
        self._synced["recipient"] = True

    def put_config(self, key: str, data: dict[str, Any] | None) -> None:
        config = _config(key, data) if data is not None else None
        others = {name: other for name, other in self.now.configs.items() if name != key}
        self._configs({**others, key: config} if config else others)
        deleted = self.now.deleted - {key}
        self.now = replace(self.now, deleted=deleted if data is not None else deleted | {key})

    def put_recipient(self, key: str, data: dict[str, Any] | None) -> None:
        recipient = _recipient(key, data) if data is not None else None
        others = {name: other for name, other in self.now.recipients.items() if name != key}
        self._recipients({**others, key: recipient} if recipient else others)

    def _recipients(self, recipients: dict[str, Recipient]) -> None:
        operators = tuple(sorted(key for key, one in recipients.items() if OPERATOR in one.roles))
        self.now = replace(self.now, recipients=MappingProxyType(recipients), operators=operators)

    def _configs(self, configs: dict[str, Config]) -> None:
        by_alert: dict[str, tuple[Config, ...]] = {}
        for _, config in sorted(configs.items()):
            if config.enabled:
                by_alert[config.name] = (*by_alert.get(config.name, ()), config)
        self.now = replace(self.now, configs=MappingProxyType(configs), by_alert=MappingProxyType(by_alert))


def _config(key: str, data: dict[str, Any]) -> Config | None:
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        log.error("a config is not understood and has no effect", config=key, error=str(error))
        return None


def _recipient(key: str, data: dict[str, Any]) -> Recipient | None:
    try:
        return Recipient.model_validate(data)
    except ValidationError as error:
        log.error("a recipient is not understood and has no effect", recipient=key, error=str(error))
        return None

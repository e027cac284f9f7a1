"""What the notifier told us: this alert's configs, the entities it watches, the recipients. The latest value of each.

Filled by the NotifyWatcher, read by the main thread when it writes a line: never a queue of payloads, so a busy topic
and an alert that does not read cost no more memory than what there is to know.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

CONFIG, RECIPIENT = "config", "recipient"


class Item(NamedTuple):
    """One thing that may have to be told to the alert. `topic` is CONFIG, RECIPIENT or one that it watches."""

    topic: str
    key: str = ""


#: Everything was told: the snapshot is complete.
SYNCED = Item("synced")


class Frame(Protocol):
    """What both kinds of frames of the notifier have."""

    @property
    def topic(self) -> str: ...


class World:
    """Safe to use from every thread. `lock` holds it still while several values are read."""

    def __init__(self, alert: str, watch: Sequence[str]) -> None:
        self.alert = alert
        self.watch = tuple(dict.fromkeys(watch))
        self.lock = threading.RLock()
        self._items: dict[str, dict[str, dict[str, Any]]] = {topic: {} for topic in (RECIPIENT, *self.watch)}
        self._configs: dict[str, dict[str, Any]] = {}
        self._epochs: dict[str, str] = {}

    def remembered(self, configs: Iterable[dict[str, Any]]) -> None:
        """Start from the configs of an earlier run, until the notifier says what they are."""
        with self.lock:
            self._configs = {config["id"]: config for config in configs}

    @property
    def configs(self) -> list[dict[str, Any]]:
        """The enabled configs of this alert, ordered by id."""
        with self.lock:
            return [self._configs[key] for key in sorted(self._configs)]

    @property
    def synced(self) -> bool:
        """Whether a snapshot of every topic has arrived, all from one life of the notifier's journal."""
        with self.lock:
            return self._epochs.keys() >= {CONFIG, *self._items} and len(set(self._epochs.values())) == 1

    def knows(self, topic: str) -> bool:
        """Whether a snapshot of this topic has arrived."""
        return topic in self._epochs

    def get(self, item: Item) -> dict[str, Any] | None:
        """The latest value of an entity or a recipient; None when it is deleted."""
        with self.lock:
            return self._items.get(item.topic, {}).get(item.key)

    def all_items(self) -> list[Item]:
        """Every entity, then every recipient."""
        with self.lock:
            return [Item(topic, key) for topic in (*self.watch, RECIPIENT) for key in self._items[topic]]

    def counts(self) -> tuple[int, int]:
        """Entities, recipients."""
        with self.lock:
            return sum(len(self._items[topic]) for topic in self.watch), len(self._items[RECIPIENT])

    def replace(self, topic: str, items: Mapping[str, dict[str, Any]], epoch: str) -> list[Item]:
        """A snapshot of a journal's `epoch` arrived. Returns what differs from before."""
        with self.lock:
            self._epochs[topic] = epoch
            if topic == CONFIG:
                return self._set_configs({key: data for key, data in items.items() if self._concerns_us(data)})
            if topic not in self._items:
                return []
            before, self._items[topic] = self._items[topic], dict(items)
            changed = [key for key, data in items.items() if before.get(key) != data]
            return [Item(topic, key) for key in (*changed, *(before.keys() - items.keys()))]

    def change(self, topic: str, key: str, data: dict[str, Any] | None) -> list[Item]:
        """One change arrived; no data means that it is gone. Returns what differs from before."""
        with self.lock:
            if topic == CONFIG:
                others = {name: config for name, config in self._configs.items() if name != key}
                return self._set_configs({**others, key: data} if data and self._concerns_us(data) else others)
            if topic not in self._items:
                return []
            if data is None:
                self._items[topic].pop(key, None)
            else:
                self._items[topic][key] = data
            return [Item(topic, key)]

    def _concerns_us(self, config: Mapping[str, Any]) -> bool:
        return config.get("name") == self.alert and config.get("enabled", True) is True

    def _set_configs(self, configs: Mapping[str, Mapping[str, Any]]) -> list[Item]:
        """Keep what the alert gets of its configs. Where they are delivered to is not its business."""
        seen = {key: _for_alert(key, config) for key, config in configs.items()}
        if seen == self._configs:
            return []
        self._configs = seen
        return [Item(CONFIG)]


def _for_alert(key: str, config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": config.get("id", key),
        "metric": config.get("metric", {}),
        "enabled": True,
        "revision": config.get("revision", 1),
    }

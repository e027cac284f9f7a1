"""The small world: a notifier that tells what it was told, and a notice center that keeps what arrives."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

from alertwrap.delivery.post import Answer
from alertwrap.kit.subject import Entity, Subject
from alertwrap.stdin.world import CONFIG
from notifier.frames import Change, Snapshot

_EPOCH = "kit"


class SmallNotifier:
    """Followers get a snapshot of each topic, then every `put`. A topic of `withheld` has no snapshot yet."""

    def __init__(self, subject: Subject, withheld: frozenset[str] = frozenset()) -> None:
        self._lock = threading.Lock()
        self._alert = subject.manifest.name
        self._topics: dict[str, dict[str, dict[str, Any]]] = {}
        self._followers: list[SmallStream] = []
        self._offset = 0
        self._withheld = withheld
        for entity in (*subject.entities, *subject.recipients):
            self._set(entity)
        self.configure(list(subject.configs))

    def follow(self, topics: tuple[str, ...]) -> SmallStream:
        """As the wrapper wants it."""
        with self._lock:
            stream = SmallStream()
            for topic in topics:
                stream.topics.add(topic)
                if topic not in self._withheld:
                    stream.waiting.put(self._snapshot(topic))
            self._followers.append(stream)
            return stream

    def put(self, entity: Entity) -> None:
        """An entity has changed; followers hear of it."""
        with self._lock:
            self._offset += 1
            self._set(entity)
            action = "deleted" if entity.data is None else "updated"
            change = Change(entity.topic, entity.key, action, entity.data, f"{_EPOCH}:{self._offset}")
            self._tell(entity.topic, change)

    def configure(self, configs: list[dict[str, Any]]) -> None:
        """These are the configs now."""
        with self._lock:
            self._offset += 1
            self._topics[CONFIG] = {str(config["id"]): {"name": self._alert, **config} for config in configs}
            if CONFIG not in self._withheld:
                # One snapshot for all of them: an alert must not see a half-changed set.
                self._tell(CONFIG, self._snapshot(CONFIG))

    def release(self) -> None:
        """What was withheld is told."""
        with self._lock:
            withheld, self._withheld = self._withheld, frozenset()
            for topic in withheld:
                self._tell(topic, self._snapshot(topic))

    def _tell(self, topic: str, frame: Snapshot | Change) -> None:
        for stream in self._followers:
            if topic in stream.topics:
                stream.waiting.put(frame)

    def _set(self, entity: Entity) -> None:
        known = self._topics.setdefault(entity.topic, {})
        if entity.data is None:
            known.pop(entity.key, None)
        else:
            known[entity.key] = entity.data

    def _snapshot(self, topic: str) -> Snapshot:
        return Snapshot(topic, dict(self._topics.get(topic, {})), f"{_EPOCH}:{self._offset}")


class SmallStream:
    """One subscription."""

    def __init__(self) -> None:
        self.topics: set[str] = set()
        self.waiting: queue.SimpleQueue[Snapshot | Change | None] = queue.SimpleQueue()

    def __iter__(self) -> Iterator[Snapshot | Change]:
        while (frame := self.waiting.get()) is not None:
            yield frame

    def stop(self) -> None:
        self.waiting.put(None)


class SmallCenter:
    """Keeps each notice once, by its id, as the real one does. `misbehave` may answer in its place."""

    def __init__(self, arrived: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
        self.notices: dict[str, dict[str, Any]] = {}
        self.repeats = 0
        self.conflicts: list[str] = []
        self.misbehave: Callable[[], Answer | None] = lambda: None
        self._arrived = arrived

    def post(self, body: bytes) -> Answer:
        """As the courier wants it. What is stored under a bad answer comes again, and is a repeat."""
        bad = self.misbehave()
        if bad is not None and bad.status != 500:
            return bad
        results = [self._take(json.loads(line)) for line in body.split(b"\n")]
        return bad or Answer(202, None, json.dumps({"results": results}).encode())

    def end_by(self, at: float) -> None:
        """Every answer is immediate."""

    def close(self) -> None:
        """There is no connection."""

    def _take(self, notice: dict[str, Any]) -> dict[str, Any]:
        known = self.notices.get(notice["id"])
        if known is None:
            self.notices[notice["id"]] = notice
            self._arrived(notice)
            return {"id": notice["id"], "status": "accepted"}
        self.repeats += 1
        if known != notice:
            self.conflicts.append(notice["id"])
            return {"id": notice["id"], "status": "conflict"}
        return {"id": notice["id"], "status": "duplicate"}

"""Tells the notifier of every change, in order, until it has taken it."""

import collections
import json
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

_PAUSES = (0.2, 0.5, 1, 2, 5)
_AT_ONCE = 500


class Publisher:
    """A thread with a queue. An event has its id from the start, so sending it twice is harmless."""

    def __init__(self, server: str, token: str) -> None:
        self._url = f"{server}/api/v1/events"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
        self._queue: collections.deque[str] = collections.deque()
        self._filled = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def publish(self, topic: str, key: str, action: str, data: dict | None) -> None:
        event = {"id": str(uuid.uuid4()), "topic": topic, "key": key, "action": action}
        self._queue.append(json.dumps(event if data is None else {**event, "data": data}))
        self._filled.set()

    def _run(self) -> None:
        failures = 0
        while True:
            self._filled.wait()
            self._filled.clear()
            while self._queue:
                some = list(self._queue)[:_AT_ONCE]
                try:
                    self._send("\n".join(some))
                except OSError as error:  # urllib's errors are OSErrors too
                    print(f"panel: the notifier did not take {len(some)} events: {error}", file=sys.stderr, flush=True)
                    time.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])
                    failures += 1
                    continue
                failures = 0
                for _ in some:
                    self._queue.popleft()

    def _send(self, body: str) -> None:
        request = urllib.request.Request(self._url, body.encode(), self._headers)
        urllib.request.urlopen(request, timeout=10).close()

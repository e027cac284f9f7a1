"""`python -m alertwrap.kit.victim …`: a wrapper as a process of its own, for `alertwrap chaos` to kill."""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path

from alertwrap.host import Setup, Threads, hosting
from alertwrap.instruments import Instruments
from alertwrap.kit.center import SmallNotifier
from alertwrap.kit.session import TIMING
from alertwrap.kit.subject import Entity, Subject, load
from alertwrap.log import Log

#: Between two entities that come while it runs.
PACE_SECONDS = 0.02


def crowd(subject: Subject, copies: int) -> tuple[Entity, ...]:
    """Each entity again and again, under other keys: something to say all the time."""
    alive = [entity for entity in subject.entities if entity.data is not None]
    return tuple(Entity(one.topic, f"{one.key}-{number}", one.data) for number in range(copies) for one in alive)


def main(words: list[str]) -> int:
    """Until SIGTERM. What the log says goes to stdout, a JSON object a line."""
    given = json.loads(words[0])
    configs, entities = (Path(given[name]) if given[name] else None for name in ("configs", "entities"))
    subject = load(Path(given["alert"]), configs, entities)
    ended, failed = threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    log = Log(as_json=True, out=sys.stdout)
    notifier = SmallNotifier(subject)
    setup = Setup(given["server"], given["token"], Path(given["data"]))
    threads, tried = Threads(log, failed, ended), Instruments(dry_run=True)
    with hosting([subject.manifest], setup, log, threads, timing=TIMING, follow=notifier.follow, instruments=tried):
        for entity in crowd(subject, given["copies"]):
            if ended.wait(PACE_SECONDS):
                break
            notifier.put(entity)
        log.info("everything was told")
        ended.wait()
    return 70 if failed.is_set() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

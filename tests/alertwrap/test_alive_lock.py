"""The lock that tells whether an earlier run of an alert lives: held by that run, and by nobody else for a moment."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from alertwrap.manifest import Manifest
from alertwrap.process.process import is_free, spawn, wait_exit

STARTS = 40


def test_the_lock_of_one_alert_is_free_while_others_start(tmp_path: Path) -> None:
    """A process that is just being forked has a copy of whatever is open."""
    over = threading.Event()
    other = Manifest(name="other", command=("true",), directory=tmp_path, stdin="none")

    def start_others() -> None:
        try:
            for number in range(STARTS):
                _run(other, tmp_path / str(number))
        finally:
            over.set()

    others = threading.Thread(target=start_others)
    others.start()
    looks = []
    while not over.is_set():
        looks.append(is_free(tmp_path / "mine"))
    others.join()
    assert len(looks) > STARTS
    assert all(looks), f"held at {looks.count(False)} of {len(looks)} looks"


def _run(manifest: Manifest, lock: Path) -> None:
    child = spawn(manifest, os.environ, lock)
    wait_exit(child, 30)
    child.close()
    os.close(child.stdout)
    os.close(child.stderr)

"""A disk that is full, and is freed later: the alert waits, and every line of it arrives, in order."""

from __future__ import annotations

import contextlib
import os

import pytest

from tests.alertwrap.brisk import OF_THE_DISK
from tests.alertwrap.conftest import SceneOf, Write
from tests.alertwrap.scene import DEADLINE, Scene
from tests.fakes.server import Bad

LINES = 10_000


def missing(scene: Scene, *broken: str) -> set[str]:
    """Flood a small disk while the center is away, enlarge it, let the center come back. Returns what never arrives."""
    expected = [f"n{number}" for number in range(LINES)]
    scene.small_disk()
    scene.server.script.extend([Bad(503)] * 100_000)
    process = scene.start(*broken)
    scene.server.wait(lambda: _room(scene) < 64 * 1024, deadline=30)
    # A wrapper that hides that the disk is full is noticed by what is missing in the end.
    scene.server.wait(lambda: scene.logged("COMPLETED" if broken else "the spool is full"), deadline=30)
    scene.larger_disk("64m")
    scene.server.script.clear()
    with contextlib.suppress(AssertionError):
        scene.server.wait(lambda: len(scene.titles()) >= LINES, deadline=10 if broken else 60)
    process.terminate()
    assert process.wait(DEADLINE) == 0
    arrived = scene.titles()
    assert arrived == [title for title in expected if title in set(arrived)], "in order"
    return set(expected) - set(arrived)


def _room(scene: Scene) -> int:
    found = os.statvfs(scene.data)
    return found.f_bavail * found.f_bsize


def test_what_finds_no_room_waits_and_nothing_is_lost(scene: SceneOf, write_alert: Write) -> None:
    assert missing(scene(write_alert(["flood.py", str(LINES)]))) == set()


@pytest.mark.parametrize("broken", OF_THE_DISK)
def test_a_wrapper_that_breaks_the_law_is_caught(scene: SceneOf, write_alert: Write, broken: str) -> None:
    assert missing(scene(write_alert(["flood.py", str(LINES)])), broken)

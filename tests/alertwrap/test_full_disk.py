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
TOLD = "the spool is full, its output is not read"


def complaints(scene: Scene, *broken: str) -> list[str]:
    """Flood a small disk while the center is away, enlarge it, let the center come back. Returns what is wrong."""
    expected = [f"n{number}" for number in range(LINES)]
    scene.small_disk()
    scene.server.script.extend([Bad(503)] * 100_000)
    process = scene.start(*broken)
    scene.server.wait(lambda: _room(scene) < 64 * 1024 or scene.logged("COMPLETED"), deadline=30)
    # A wrapper that hides that the disk is full is noticed in the end.
    with contextlib.suppress(AssertionError):
        scene.server.wait(lambda: scene.logged(TOLD) or scene.logged("COMPLETED"), deadline=5 if broken else 30)
    told = scene.logged(TOLD)
    scene.larger_disk("64m")
    scene.server.script.clear()
    with contextlib.suppress(AssertionError):
        scene.server.wait(lambda: len(scene.titles()) >= LINES, deadline=5 if broken else 60)
    process.terminate()
    assert process.wait(DEADLINE) == 0
    arrived = scene.titles()
    found = [] if told else ["nobody was told"]
    found += [] if arrived == [title for title in expected if title in set(arrived)] else ["another order"]
    return found + [f"lost: {title}" for title in expected if title not in set(arrived)]


def _room(scene: Scene) -> int:
    found = os.statvfs(scene.data)
    return found.f_bavail * found.f_bsize


def test_what_finds_no_room_waits_and_nothing_is_lost(scene: SceneOf, write_alert: Write) -> None:
    assert complaints(scene(write_alert(["flood.py", str(LINES)]))) == []


#: A law that is broken, and what is complained of then.
LAWS = {
    "dropping_when_full": "lost: ",
    "beginning_anew_when_full": "lost: n0",
    "giving_up_when_full": f"lost: n{LINES - 1}",
    "quiet_when_full": "nobody was told",
}


@pytest.mark.parametrize("broken", OF_THE_DISK)
def test_a_wrapper_that_breaks_the_law_is_caught(scene: SceneOf, write_alert: Write, broken: str) -> None:
    found = complaints(scene(write_alert(["flood.py", str(LINES)])), broken)
    assert any(complaint.startswith(LAWS[broken]) for complaint in found)

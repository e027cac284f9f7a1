"""SIGTERM in the midst of every kind of trouble: a bounded end with the right code, nobody left, nothing accepted lost.

Each trouble is a real program, a real wrapper process with every patience a tenth as long, and a center in the mood
that the trouble wants. Afterwards the next start, with the center well again, delivers whatever was still waiting.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from alertwrap.hosted import place_of
from alertwrap.spool.entries import Emission
from alertwrap.spool.spool import Spool
from tests.alertwrap.brisk import OF_THE_END
from tests.alertwrap.conftest import SceneOf, Write
from tests.alertwrap.scene import DEADLINE, Scene, lost
from tests.fakes.server import Bad

READS_ONCE = "read -r l; jq -c '{title:(.configs|length|tostring)}' <<<$l; sleep 60"
JUDGES = """while read -r l; do case $l in *'"config"'*) r=$(jq .rev <<<$l); echo '{"title":"'$r'"}'
echo '{"type":"config_error","rev":'$r',"errors":[{"path":"","msg":"no"}]}';; esac; done"""


Prepare = Callable[[Scene], object]
Shows = Callable[[Scene], object]


@dataclass(frozen=True)
class Trouble:
    """A program, the mood of its surroundings (`before` the start, `then` once it `shows`), and keys of its file."""

    command: list[str]
    shows: Shows = Scene.titles
    before: Prepare = lambda _: None
    then: Prepare = lambda _: None
    keys: dict[str, Any] = field(default_factory=dict)
    url: str | None = None


def bad(*answers: Bad) -> Prepare:
    return lambda scene: scene.server.script.extend(itertools.islice(itertools.cycle(answers), 10_000))


def crowd(scene: Scene) -> None:
    """More to tell than a pipe holds."""
    for number in range(3_000):
        scene.server.topics.setdefault("busy", {})[f"k{number}"] = {"text": "x" * 100}


def keep_changing(change: Callable[[Scene, int], None]) -> Prepare:
    def begin(scene: Scene) -> None:
        over = threading.Event()

        def go_on() -> None:
            for number in itertools.count():
                if over.wait(0.02):
                    return
                change(scene, number)

        thread = threading.Thread(target=go_on, daemon=True)
        thread.start()
        scene.stage.callback(thread.join, 5)
        scene.stage.callback(over.set)

    return begin


def update(scene: Scene, number: int) -> None:
    for key in range(50):
        scene.server.put("busy", f"k{key}", {"n": number, "text": "x" * 200})


def flap(scene: Scene, number: int) -> None:
    scene.server.put_config("c1", "probe", revision=number + 1, max=number)


def corrupt(scene: Scene) -> None:
    path = place_of("probe", scene.data).spool
    spool = Spool(path)
    spool.append([Emission(None, json.dumps({"alert": "probe", "title": f"old {number}", "message": "x" * 500}))
                  for number in range(200)])  # fmt: skip
    spool.close()
    content = bytearray(path.read_bytes())
    content[20 * 4096 : 21 * 4096] = b"\xff" * 4096
    path.write_bytes(content)


def orphan(scene: Scene) -> None:
    """A wrapper that was killed has left an alert behind that ignores SIGTERM."""
    process = scene.start()
    scene.server.wait(scene.titles)
    process.kill()
    process.wait()


def small_disk(scene: Scene) -> None:
    scene.small_disk()
    bad(Bad(503))(scene)


def poison(scene: Scene) -> None:
    scene.server.reject = lambda notice: "no" if notice.get("title") == "tick 2" else None


def freeze(scene: Scene) -> None:
    os.kill(scene.pid(), signal.SIGSTOP)


def prove(scene: Scene) -> None:
    """There is a last good config to go back to."""
    place = place_of("probe", scene.data)
    spool = Spool(place.spool)
    good = {"id": "c1", "metric": {"max": 1}, "enabled": True, "revision": 1}
    spool.remember("good_configs", [good])
    spool.close()
    scene.server.put_config("c1", "probe", revision=2, max=999)


def closed_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def says(text: str) -> Shows:
    return lambda scene: scene.logged(text)


def shell(script: str) -> list[str]:
    return ["bash", "-c", script]


BRACKETS = "while :; do head -c 100000 /dev/zero | tr '\\0' '['; echo; done"
TROUBLES: dict[str, Trouble] = {
    "never reads, and is updated": Trouble(
        ["hang.sh"], before=crowd, then=keep_changing(update), keys={"watch": ["busy"]}
    ),
    "floods on both streams while stdin is full": Trouble(
        ["flood.py", "1000000"], before=crowd, keys={"watch": ["busy"]}
    ),
    "a line without an end": Trouble(["long_line.py", "100000"], says("has started")),
    "random bytes": Trouble(["garbage.py"]),
    "deep brackets": Trouble(shell(BRACKETS), keys={"stdin": "none"}),
    "a grandchild holds the pipe": Trouble(["grandchild.sh"]),
    "escaped into a session of its own": Trouble(shell('setsid sleep 300 & echo \'{"title":"x"}\'; exec sleep 300')),
    "ignores SIGTERM": Trouble(["ignore_term.sh"]),
    "is stopped": Trouble(["hang.sh"], then=freeze),
    "an orphan at the start": Trouble(["ignore_term.sh"], says("is still alive"), before=orphan),
    "the disk is full": Trouble(["flood.py", "1000000"], says("the spool is full"), before=small_disk),
    "the spool is damaged": Trouble(["slow.sh"], says("the spool was damaged"), before=corrupt),
    "nobody is at home": Trouble(["slow.sh"], says("notices wait"), url=closed_port()),
    "the center is slow": Trouble(["slow.sh"], says("RUNNING"), before=bad(Bad(202, store=True, delay=5.0))),
    "the center answers 500": Trouble(["slow.sh"], says("HTTP 500"), before=bad(Bad(500))),
    "the center answers 429": Trouble(["slow.sh"], says("HTTP 429"), before=bad(Bad(429, {"Retry-After": "3600"}))),
    "the center stores and does not say so": Trouble(
        ["slow.sh"], says("notices wait"), before=bad(Bad(502, store=True), Bad(202, store=True, cut=True))
    ),
    "one of a batch is poison": Trouble(["slow.sh"], lambda scene: "tick 4" in scene.titles(), before=poison),
    "the config flaps": Trouble(shell(READS_ONCE), before=keep_changing(flap)),
    "a config is taken back": Trouble(shell(JUDGES), lambda scene: len(scene.titles()) > 1, before=prove),
    "a crash loop": Trouble(["crash.sh"], says("CRASH_LOOP")),
    "half a line at a crash": Trouble(shell('printf \'{"title":"half\'; kill -9 $$'), says("BACKOFF")),
    "half a line": Trouble(shell("printf '{\"title\":'; sleep 60"), says("RUNNING")),
    "it cannot be run": Trouble(["./nowhere"], says("cannot be run")),
    "its config is wrong": Trouble(shell("exit 78"), says("HELD")),
    "it has completed": Trouble(["once.sh", '{"title":"x"}'], says("COMPLETED")),
    "it has just been started": Trouble(["slow.sh"], says("alertwrap runs")),
}


def complaints(scene: Scene, trouble: Trouble, *broken: str, deadline: float = DEADLINE) -> list[str]:
    """Go into the trouble, send SIGTERM, look around, start once more. Returns what is wrong."""
    trouble.before(scene)
    process = scene.start(*broken, url=trouble.url)
    scene.server.wait(lambda: trouble.shows(scene), deadline=30)
    trouble.then(scene)
    process.send_signal(signal.SIGTERM)
    try:
        code = process.wait(deadline)
    except subprocess.TimeoutExpired:
        return ["it does not end"]
    found = [f"exit code {code}"] if code else []
    found += [f"left behind: {one}" for one in scene.left()]
    return found + lost(scene, broken)


@pytest.mark.parametrize("name", TROUBLES)
def test_sigterm_ends_all_of_it_in_time_and_loses_nothing(scene: SceneOf, write_alert: Write, name: str) -> None:
    trouble = TROUBLES[name]
    here = scene(write_alert(trouble.command, **trouble.keys))
    assert complaints(here, trouble) == [], (here.directory / "log").read_text()[-4000:]


#: A law that is broken, the trouble in which that shows, and how the complaint begins.
LAWS = [
    ("patient_for_ever", "ignores SIGTERM", "it does not end"),
    ("blind_for_escapees", "escaped into a session of its own", "left behind: sleep"),
    ("forgetful_at_the_end", "nobody is at home", "lost: "),
    ("failing_at_the_end", "never reads, and is updated", "exit code 70"),
]


@pytest.mark.parametrize(("broken", "name", "complaint"), LAWS)
def test_a_wrapper_that_breaks_the_law_is_caught(
    scene: SceneOf, write_alert: Write, broken: str, name: str, complaint: str
) -> None:
    trouble = TROUBLES[name]
    here = scene(write_alert(trouble.command, **trouble.keys))
    found = complaints(here, trouble, broken, deadline=10)
    assert any(one.startswith(complaint) for one in found), found


def test_every_law_that_can_be_broken_is_broken_once() -> None:
    assert {case[0] for case in LAWS} == set(OF_THE_END)

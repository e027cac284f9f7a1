"""`alertwrap dev`: a timeline of both directions; what is saved is used at once."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.alertwrap.conftest import ROOT

BROKEN = ROOT / "tests" / "programs" / "broken"


class Screen:
    """What `alertwrap dev` shows, as it shows it."""

    def __init__(self, command: list[str], terminal: bool) -> None:
        self.text = ""
        out, theirs = pty.openpty() if terminal else os.pipe()
        environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"}
        self.process = subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environ, stdin=subprocess.DEVNULL)
        os.close(theirs)
        threading.Thread(target=self._read, args=(out,), daemon=True).start()

    def _read(self, out: int) -> None:
        try:
            while data := os.read(out, 65536):
                self.text += data.decode("utf-8", "replace")
        except OSError:  # the terminal's end
            return

    def wait(self, text: str, seconds: float = 20.0) -> None:
        until = time.monotonic() + seconds
        while text not in self.text:
            assert time.monotonic() < until, f"no {text!r} in:\n{self.text}"
            time.sleep(0.02)


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[Callable[..., Screen]]:
    """Start it for a copy of a test program."""
    screens: list[Screen] = []

    def start(*options: str, terminal: bool = False) -> Screen:
        command = [sys.executable, "-m", "alertwrap", "dev", str(tmp_path / "probe.toml"), *options]
        screens.append(Screen(command, terminal))
        return screens[-1]

    for name in ("base.py", "good.py"):
        (tmp_path / name).write_text((BROKEN / name).read_text())
    (tmp_path / "good.py").chmod(0o755)
    (tmp_path / "probe.toml").write_text('name = "probe"\ncommand = ["./good.py"]\nwatch = ["thing"]\n')
    (tmp_path / "probe.configs.json").write_text('{"limit": 35}')
    (tmp_path / "probe.entities.ndjson").write_text((BROKEN / "things.ndjson").read_text())
    yield start
    for screen in screens:
        screen.process.terminate()
        screen.process.wait(20)


def test_both_directions_are_shown_and_what_is_saved_is_told(dev: Callable[..., Screen], tmp_path: Path) -> None:
    screen = dev()
    screen.wait('→ config    {"limit": 35}')
    screen.wait('→ entity    thing anvil  {"name": "Anvil", "size": 12}')
    screen.wait("← notice    info     Thing Drum is 40 large  key drum")
    (tmp_path / "probe.configs.json").write_text('{"limit": 5}')
    screen.wait('→ config    {"limit": 5}')
    entity = '{"topic": "thing", "key": "elk", "data": {"name": "Elk", "size": 99}}\n'
    (tmp_path / "probe.entities.ndjson").write_text(entity)
    screen.wait("Thing Elk is 99 large")
    screen.wait("→ entity    thing anvil  deleted")
    (tmp_path / "probe.configs.json").write_text("{")
    screen.wait("expected JSON")
    screen.process.terminate()
    assert screen.process.wait(20) == 0
    assert "▪ ended     exit code 0" in screen.text


def test_a_reply_goes_nowhere_and_complains_of_nothing(dev: Callable[..., Screen], tmp_path: Path) -> None:
    (tmp_path / "chart.png").write_bytes(b"x")
    reply = '{"type":"reply","to":{"channel":"email","chat":"a@b.c"},"attachments":[{"path":"chart.png"}]}'
    script = f"echo '{reply}'; echo '{reply.replace('chart', 'none')}'; cat >/dev/null"
    (tmp_path / "probe.toml").write_text(
        f'name = "probe"\ncommand = ["bash", "-c", {json.dumps(script)}]\nwatch = ["thing"]\n'
    )
    screen = dev()
    screen.wait("a reply line is refused")
    assert "none.png: No such file" in screen.text
    screen.process.terminate()
    screen.process.wait(20)
    assert "notices wait" not in screen.text


def test_a_saved_program_is_started_again_with_its_state(dev: Callable[..., Screen], tmp_path: Path) -> None:
    screen = dev("--set", "limit=1")
    screen.wait("Thing Drum is 40 large")
    text = (tmp_path / "good.py").read_text()
    (tmp_path / "good.py").write_text(text.replace('name="good"', 'name="better"'))
    screen.wait("the program was saved: starting it again")
    screen.wait('"name": "better"')
    assert screen.text.count("Thing Drum is 40 large") == 1, "its state says that it has said so"


def test_a_mistake_in_its_file_is_shown_and_mended_while_it_runs(dev: Callable[..., Screen], tmp_path: Path) -> None:
    screen = dev()
    screen.wait("▸ started")
    good = (tmp_path / "probe.toml").read_text()
    (tmp_path / "probe.toml").write_text(good + "tock = 5\n")
    screen.wait("tock: no such key")
    (tmp_path / "probe.toml").write_text(good)
    until = time.monotonic() + 20
    while screen.text.count("▸ started") < 2:
        assert time.monotonic() < until, screen.text
        time.sleep(0.02)


def test_on_a_terminal_a_line_below_says_how_the_alert_is(dev: Callable[..., Screen]) -> None:
    screen = dev(terminal=True)
    screen.wait("Thing Drum is 40 large")
    screen.wait("running")
    screen.wait("1 notice ")
    assert "\x1b[" in screen.text


def test_a_build_that_fails_is_shown_and_tried_again_at_the_next_save(
    dev: Callable[..., Screen], tmp_path: Path
) -> None:
    screen = dev("--build", f"{sys.executable} build.py")
    screen.wait("the build has failed")
    (tmp_path / "build.py").write_text("print('built')")
    screen.wait("--- built")
    screen.wait("▸ started")

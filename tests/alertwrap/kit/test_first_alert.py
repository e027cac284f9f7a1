"""The page "Your first alert in five minutes", walked as it is written, from an empty directory to the notice."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from notice_center.panel import STATIC
from tests.alertwrap.conftest import ROOT
from tests.conftest import missing

PAGE = (ROOT / "docs" / "first-alert.md").read_text("utf-8")
#: What stays in its terminal until Ctrl-C.
STAYS = ("alertwrap dev ", "alertwrap up", "alertwrap run ", "alertwrap notices --follow")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Terminal:
    """A bash that is given the page's blocks, one after the other, in the checkout at first."""

    def __init__(self, memory: Path, environ: dict[str, str]) -> None:
        self.text = ""
        self._memory = memory
        self._environ = environ
        self._process: subprocess.Popen[str] | None = None
        self._memory.write_text(f"cd {ROOT}\n")

    def run(self, block: str) -> str:
        """To its end, which is a good one. Directory and variables are kept for the next one."""
        assert not block.splitlines()[-1].startswith(STAYS), block
        keep = f'\n{{ export -p; printf "cd %q\\n" "$PWD"; }} > {self._memory}\n'
        done = subprocess.run(["bash", "-ec", f"source {self._memory}\n{block}{keep}"], **self._how(), timeout=200)
        assert done.returncode == 0, f"{block}{done.stdout}"
        return str(done.stdout)

    def start(self, block: str) -> None:
        """Its last command stays."""
        assert block.splitlines()[-1].startswith(STAYS), block
        self.text, how = "", self._how()
        self._process = subprocess.Popen(["bash", "-ec", f"source {self._memory}\n{block}"], **how)
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()

    def shows(self, pattern: str, seconds: float = 60.0) -> str:
        """Wait until it does; the text that matched."""
        until = time.monotonic() + seconds
        while (found := re.search(pattern, self.text)) is None:
            assert time.monotonic() < until, f"no {pattern!r} in:\n{self.text}"
            time.sleep(0.02)
        return found[0]

    def interrupt(self) -> int:
        """Ctrl-C, and what became of it."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGINT)
        return self._process.wait(60)

    def close(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _how(self) -> dict[str, object]:
        return {
            "env": self._environ, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT,
            "text": True, "start_new_session": True, "preexec_fn": _heed_ctrl_c,
        }  # fmt: skip

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self.text += line


def _heed_ctrl_c() -> None:
    """What a shell starts in the background, such as these tests, ignores it, and whatever is started from there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def open_terminal(tmp_path: Path, free_port: int) -> Iterator[Callable[[], Terminal]]:
    """One more terminal, prepared as the page says; all are on a machine of their own."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ALERTWRAP_")}
    environ |= {
        "XDG_DATA_HOME": str(tmp_path / "home"), "ALERTWRAP_HTTP__PORT": str(free_port),
        "GOCACHE": str(tmp_path / "go"),
    }  # fmt: skip
    opened: list[Terminal] = []

    def one_more() -> Terminal:
        opened.append(Terminal(tmp_path / f"terminal-{len(opened)}", environ))
        opened[-1].run(blocks(tmp_path)[0])
        return opened[-1]

    yield one_more
    for terminal in reversed(opened):
        terminal.close()


def fenced(kind: str) -> list[str]:
    """The page's blocks of this kind."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == kind]


def blocks(place: Path, lang: str = "bash") -> list[str]:
    """The page's commands, in another directory than /tmp."""
    found = fenced("bash")
    return [block.replace("/tmp", str(place)).replace("--lang bash", f"--lang {lang}") for block in found]


@pytest.mark.parametrize(("lang", "needs", "files"), [("bash", "bash", 15), ("c", "cc", 16)])
def test_from_nothing_to_a_notice_on_the_screen(
    open_terminal: Callable[[], Terminal], tmp_path: Path, lang: str, needs: str, files: int
) -> None:
    if not shutil.which(needs):
        missing(f"{needs}, for the first alert")
    _, new, compiled, dev, other_config, check, up, run, make_files = blocks(tmp_path, lang)
    first, second, third = (open_terminal() for _ in range(3))
    first.run(new)
    if lang != "bash":
        first.run(compiled)
    first.start(dev)
    first.shows(r"← notice +warning +\d files, 0 are allowed")
    second.run(other_config)
    first.shows(r"← notice +resolved +\d files, 100 are allowed")
    assert first.interrupt() == 0
    assert ", 0 failed, " in first.run(check)

    first.start(up)
    first.shows("alertwrap is ready: http://127.0.0.1:")
    second.start(run)
    second.shows("the alert is now RUNNING")
    third.start(make_files)
    third.shows(f"warning +my-files +{files} files, 10 are allowed")
    _stands_in_the_panel(open_terminal().run("alertwrap sign-in"), f"{files} files, 10 are allowed")
    open_terminal().run(f"rm {tmp_path}/my-files/[0-9]*")
    third.shows(f"resolved +my-files +{files - 10} files, 10 are allowed")
    assert [terminal.interrupt() for terminal in (third, second, first)] == [0, 0, 0]


def _stands_in_the_panel(link: str, text: str) -> None:
    from playwright.sync_api import expect, sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None or not (STATIC / "index.html").exists():
        missing("chromium and the built panel (make ui)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(link.strip())
        expect(page.get_by_text(text).first).to_be_visible(timeout=30_000)
        browser.close()


def test_the_page_shows_what_is_really_shown() -> None:
    """The lines of its pictures are those that the test above waits for, in the form of today."""
    shown = "\n".join(fenced(""))
    assert re.search(r"← notice +warning +5 files, 0 are allowed +key my-files", shown)
    assert re.search(r"warning +my-files +15 files, 10 are allowed", shown)

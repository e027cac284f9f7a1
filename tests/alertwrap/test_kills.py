"""The wrapper is killed at random moments under load, two hundred times. Whatever a checkpoint covers has arrived."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from alertwrap.hosted import place_of
from alertwrap.spool.spool import Spool
from tests.alertwrap.conftest import ROOT, Write
from tests.fakes.server import FakeServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def lost(server: FakeServer, file: Path, data: Path, kills: int, *broken: str) -> list[str]:
    """The ids that the saved state covers and that never arrived."""
    command = [sys.executable, "-m", "tests.alertwrap.kill_many", server.url, str(data), str(file), str(kills), "7"]
    result = subprocess.run([*command, *broken], cwd=ROOT, capture_output=True, text=True, timeout=500)
    assert result.returncode == 0, result.stderr + (data / "log").read_text()[-3000:]
    spool = Spool(place_of("probe", data).spool)
    done, waiting = spool.state()["done"], {row.id for row in spool.pending(10**6, 10**9)}
    spool.close()
    assert done > kills, "it hardly ever got so far as to say something"
    arrived = {notice["id"] for notice in server.of("probe")} | (waiting if not broken else set())
    return [f"c{number}" for number in range(1, done + 1) if f"probe:c{number}" not in arrived]


def test_no_id_is_lost_over_two_hundred_kills(server: FakeServer, write_alert: Write, tmp_path: Path) -> None:
    assert lost(server, write_alert(["checkpoint.py"]), tmp_path / "data", 200) == []
    titles = [notice["title"] for notice in server.of("probe")]
    assert len(titles) == len(set(titles)), "each is stored once"


@pytest.mark.parametrize("broken", ["state first", "done before sent"])
def test_a_wrapper_that_breaks_the_law_is_caught(
    server: FakeServer, write_alert: Write, tmp_path: Path, broken: str
) -> None:
    assert lost(server, write_alert(["checkpoint.py"]), tmp_path / "data", 60, broken)

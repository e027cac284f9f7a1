"""`alertwrap run` as a real process: killed anywhere, refused with a reason, ended politely."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.alertwrap.conftest import Process, Write
from tests.fakes.server import Bad, FakeServer
from tests.faults.harness import Fault, points

Start = Callable[..., Process]
POINTS = [
    "spool.before_commit", "spool.after_commit",
    "delivery.before_send", "delivery.after_answer", "delivery.before_done",
]  # fmt: skip
COUNT = 40


def test_every_fault_point_of_the_wrapper_has_a_sweep() -> None:
    assert points("alertwrap") == set(POINTS)


def titles(server: FakeServer) -> list[str]:
    return [notice["title"] for notice in server.of("probe")]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("nth", [1, 2, 7])
def test_killed_at_any_point_nothing_accepted_is_lost_and_all_is_stored_once(
    server: FakeServer, start: Start, write_alert: Write, tmp_path: Path, point: str, nth: int
) -> None:
    fault = Fault(point, tmp_path / "reached", nth)
    file = write_alert(["counter.py", str(COUNT), str(fault.reached)])  # however few batches become of it
    first = start(file, environ=fault.environment())
    assert first.wait() == -signal.SIGKILL, first.logged()
    assert fault.reached.exists()
    second = start(file)
    server.wait(lambda: len(titles(server)) >= COUNT and "alertwrap runs" in second.logged(), deadline=30)
    second.popen.terminate()
    assert second.wait() == 0
    counted = [int(title.split()[1]) for title in titles(server)]
    assert sorted(counted) == list(range(1, max(counted) + 1))
    for key in range(3):
        ours = [notice["title"] for notice in server.of("probe") if notice["key"] == f"k{key}"]
        assert ours == sorted(ours, key=lambda title: int(title.split()[1])), "order per key"


#: Deliberately broken wrappers. If the sweep above does not notice them, it notices nothing.
BROKEN = {
    "done before it is sent": """
import alertwrap.delivery.courier as d
from alertwrap.delivery.retry import Judgement
ask = d.Courier._ask
def forgetful(self, items):
    self._settle(items, Judgement("settle", done=frozenset(item.row.id for item in items)))
    return ask(self, items)
d.Courier._ask = forgetful
""",
    "another id at each try": """
import alertwrap.delivery.courier as d
from wire.ids import new_id
ask = d.Courier._ask
def renaming(self, items):
    fresh = [new_id() for _ in items]
    rows = [i.row._replace(id=n, text=i.row.text.replace(i.row.id, n)) for i, n in zip(items, fresh)]
    judgement = ask(self, [d._Item(item.route, row) for item, row in zip(items, rows)])
    old = {n: i.row.id for i, n in zip(items, fresh)}
    return d.Judgement(judgement.action, judgement.reason, judgement.after, frozenset(map(old.get, judgement.done)))
d.Courier._ask = renaming
""",
}


@pytest.mark.parametrize("broken", BROKEN)
def test_the_sweep_goes_red_on_a_broken_wrapper(
    server: FakeServer, start: Start, write_alert: Write, tmp_path: Path, broken: str
) -> None:
    file = write_alert(["counter.py", str(COUNT)])
    fault = Fault(
        "delivery.after_answer" if "id" in broken.split() else "delivery.before_send", tmp_path / "reached", 3
    )
    environ = fault.environment()
    site = tmp_path / "site"
    site.mkdir()
    kill = Path(fault.environment()["PYTHONPATH"].split(os.pathsep)[0], "sitecustomize.py").read_text()
    (site / "sitecustomize.py").write_text(kill + BROKEN[broken])
    first = start(file, environ={**environ, "PYTHONPATH": f"{site}{os.pathsep}{environ['PYTHONPATH']}"})
    assert first.wait() == -signal.SIGKILL, first.logged()
    second = start(file)
    server.wait(lambda: f"count {COUNT}" in titles(server), deadline=30)
    second.popen.terminate()
    assert second.wait() == 0
    assert sorted(titles(server)) != sorted(f"count {number}" for number in range(1, COUNT + 1))


def test_killed_and_down_and_slow_at_once_everything_arrives(
    server: FakeServer, start: Start, write_alert: Write
) -> None:
    server.script.extend([Bad(500)] * 3 + [Bad(202, store=True, cut=True), Bad(503, store=True)])
    file = write_alert(["counter.py", str(COUNT)])
    for _ in range(3):
        process = start(file)
        known = len(server.posts)
        server.wait(lambda known=known: len(server.posts) > known)  # type: ignore[misc]
        process.popen.kill()
        process.wait()
    process = start(file)
    server.wait(lambda: len(titles(server)) >= COUNT, deadline=40)
    assert len(set(titles(server))) == len(titles(server)) == COUNT


def test_a_killed_wrapper_leaves_no_orphan_behind(server: FakeServer, start: Start, write_alert: Write) -> None:
    process = start(write_alert(["hang.sh"]))
    server.wait(lambda: titles(server))
    child = _pid(process)
    process.popen.kill()
    process.wait()
    server.wait(lambda: not _alive(child))


def test_an_orphan_that_will_not_die_is_ended_before_the_next_run(
    server: FakeServer, start: Start, write_alert: Write
) -> None:
    file = write_alert(["ignore_term.sh"])
    process = start(file)
    server.wait(lambda: titles(server))
    orphan = _pid(process)
    process.popen.kill()
    process.wait()
    assert _alive(orphan)
    process = start(file)
    server.wait(lambda: len(titles(server)) == 2)
    assert not _alive(orphan)


def test_a_second_wrapper_of_the_same_alert_is_refused(server: FakeServer, start: Start, write_alert: Write) -> None:
    file = write_alert(["hang.sh"])
    start(file)
    server.wait(lambda: titles(server))
    second = start(file)
    assert second.wait() == 75
    assert "another alertwrap runs this alert" in second.logged()


def test_sigterm_stops_the_alerts_and_delivers_what_they_said(
    server: FakeServer, start: Start, write_alert: Write
) -> None:
    script = """while read -r _; do :; done; echo '{"title":"last words"}'"""
    process = start(write_alert(["bash", "-c", script]), write_alert(["slow.sh"], name="other"))
    server.wait(lambda: server.of("other") and "RUNNING" in process.logged())
    process.popen.terminate()
    assert process.wait() == 0
    assert titles(server) == ["last words"]


def test_wrong_files_and_missing_settings_are_told_and_exit_78(
    server: FakeServer, start: Start, tmp_path: Path
) -> None:
    file = tmp_path / "bad.toml"
    file.write_text('name = "a"\ncommand = "x y"\nnope = 1\n')
    process = start(file)
    assert process.wait() == 78
    assert "bad.toml: command: expected a list" in process.logged()
    assert "bad.toml: nope: no such key" in process.logged()
    file.write_text('name = "a"\ncommand = ["x"]\n')
    process = start(file, url="ftp://x")
    assert process.wait() == 78
    assert "ALERTWRAP_SERVER" in process.logged()


def test_a_thread_that_fails_ends_the_process_with_70(
    server: FakeServer, start: Start, write_alert: Write, tmp_path: Path
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import alertwrap.delivery.courier as d\n"
        "def boom(self): raise RuntimeError('boom')\n"
        "d.Courier.deliver_some = boom\n"
    )
    environ = {**os.environ, "PYTHONPATH": f"{tmp_path / 'site'}{os.pathsep}{Path.cwd()}"}
    process = start(write_alert(["hang.sh"]), environ=environ)
    assert process.wait() == 70
    assert "boom" in process.logged()


def test_the_token_is_in_no_log_and_not_in_the_alert(server: FakeServer, start: Start, write_alert: Write) -> None:
    process = start(write_alert(["bash", "-c", 'env >&2; echo \'{"title":"x"}\'; sleep 60']))
    server.wait(lambda: titles(server))
    assert "ALERT_RUN_ID" in process.logged()
    assert "ALERTWRAP_TOKEN" not in process.logged()


def test_no_server_library_is_imported(server: FakeServer, start: Start, write_alert: Write, tmp_path: Path) -> None:
    heavy = ["fastapi", "sqlalchemy", "httpx2", "websockets", "structlog", "uvicorn", "starlette"]
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text("\n".join(f"import sys; sys.modules[{name!r}] = None" for name in heavy))
    environ = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{Path.cwd()}"}
    process = start(write_alert(["once.sh", '{"title":"light"}']), environ=environ)
    server.wait(lambda: titles(server) == ["light"])
    assert "following the notifier failed" not in process.logged()


def _pid(process: Process) -> int:
    for line in process.logged().splitlines():
        found = json.loads(line)
        if found["event"] == "the alert has started":
            return int(found["pid"])
    raise AssertionError(process.logged())


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

"""What has a bound, and what is heard when it is reached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alertwrap.hosted import place_of
from alertwrap.spool.spool import Spool
from notifier.frames import Change
from tests.alertwrap.conftest import Run, Write
from tests.alertwrap.said import heard, hello, operational, titles
from tests.fakes.server import Bad, FakeServer


def test_limits_are_the_kernel_s(server: FakeServer, running: Run, write_alert: Write, tmp_path: Any) -> None:
    file = write_alert(["bash", "-c", "echo '{\"title\":\"'$(ulimit -n)/$(ulimit -d)/$(ulimit -t)'\"}'"], stdin="none")
    file.write_text(file.read_text() + '[limits]\nopen_files = 64\nmemory = "512M"\ncpu = "1m"\n')
    with running(file):
        server.wait(lambda: titles(server) == ["64/524288/60"])


def test_a_c_program_that_does_not_flush_is_heard_with_line_buffer(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    """sed writes to a pipe when it ends, and its stdin stays open here."""
    with running(write_alert(["sed", 's/.*/{"title":"heard"}/'], line_buffer=True)) as alert:
        server.wait(lambda: "heard" in titles(server))
        assert alert.wrapper.situation.state == "RUNNING"


def test_what_is_too_large_for_a_line_is_not_told_and_people_hear_of_it(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    server.put("vm", "large", {"text": "x" * 1_100_000})
    server.put("vm", "small", {"text": "x"})
    with running(write_alert(["talker.py"], watch=["vm"])):
        server.wait(lambda: heard(server, "synced") and operational(server, "line_refused"))
        assert [line["key"] for line in heard(server, "entity")] == ["small"]
        assert "vm/large" in operational(server, "line_refused")[0]["title"]


def test_a_state_that_is_too_large_is_refused_by_its_number(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    script = f"""echo '{hello("errors")}'; echo '{{"type":"state","key":"a","value":1,"seq":1}}'
    printf '{{"type":"state","key":"b","value":"'; head -c 700000 /dev/zero | tr '\\0' x; echo '","seq":2}}'
    while read -r l; do jq -c '{{title:.type,message:tojson}}' <<<$l; done"""
    with running(write_alert(["bash", "-c", script])) as alert:
        server.wait(lambda: heard(server, "reject"))
        (reject,) = heard(server, "reject")
        assert (reject["seq"], reject["path"]) == (2, "/value")
        assert "bytes" in reject["reason"]
        assert Spool(place_of("probe", alert.data).spool).state() == {"a": 1}


def test_a_spool_that_fills_is_told_of_and_that_it_has_room_again(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    server.script.extend([Bad(500)] * 10_000)
    with running(write_alert(["slow.sh"])) as alert:
        alert.wrapper._spool.quota = 50_000
        server.wait(lambda: alert.logged("% full"))
        alert.wrapper._spool.quota = 10**9
        server.script.clear()
        server.wait(lambda: [one["status"] for one in operational(server, "spool_80")] == ["firing", "resolved"])


def test_a_flood_of_garbage_is_forwarded_in_part_and_that_is_told(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    script = "for i in {1..100}; do echo '{no'$i; done; echo '{\"title\":\"end\"}'; sleep 60"
    with running(write_alert(["bash", "-c", script], stdin="none")) as alert:
        server.wait(lambda: "end" in titles(server) and operational(server, "malformed"))
        assert 10 <= len(server.of("probe")) < 20
        assert alert.wrapper.report.malformed == 100
        assert len(Spool(place_of("probe", alert.data).spool).dead()) == 100


def test_unknown_types_are_counted_and_no_notices(server: FakeServer, running: Run, write_alert: Write) -> None:
    lines = ['{"type":"future","title":"a"}'] * 3 + ['{"type":[1],"title":"b"}', '{"title":"end"}']
    with running(write_alert(["talker.py", *lines])) as alert:
        server.wait(lambda: "end" in titles(server))
        assert not {"a", "b"} & set(titles(server))
        assert alert.wrapper.report.ignored == 4
        assert alert.log.getvalue().count("type=future") == 1


def test_who_only_writes_to_stderr_says_nothing(server: FakeServer, running: Run, write_alert: Write) -> None:
    with running(write_alert(["bash", "-c", "while :; do echo busy >&2; sleep 0.1; done"], expect_every="1s")):
        server.wait(lambda: operational(server, "silent"))


def test_a_never_reading_alert_costs_no_memory_for_a_hundred_thousand_updates(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    with running(write_alert(["hang.sh"], watch=["busy"])) as alert:
        server.wait(lambda: titles(server))
        before = _resident()

        def change(number: int) -> Change:
            return Change("busy", f"k{number % 50}", "updated", {"n": number, "text": "x" * 200}, "e:1")

        for number in range(100_000):
            alert.wrapper._notify.take(change(number))
        assert _resident() - before < 8_000, "kB"
        assert alert.wrapper.world.counts() == (50, 0)


def test_a_line_of_50_mb_is_reported_and_does_not_grow_memory(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    before = _resident()
    with running(write_alert(["long_line.py", "50"])):
        server.wait(lambda: "after the long line" in titles(server), deadline=30)
        assert "more than 1048576 bytes" in server.of("probe")[0]["message"]
        assert _resident() - before < 16_000, "kB"


def _resident() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return 0

"""What an alert says arrives: once, in order, whatever stands in its lines, and whatever the center and the disk do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alertwrap.hosted import place_of
from alertwrap.spool.entries import Emission
from alertwrap.spool.spool import Spool
from tests.alertwrap.conftest import Run, Write
from tests.alertwrap.said import operational, titles
from tests.fakes.server import Bad, FakeServer


def test_floods_on_both_pipes_while_stdin_is_full_stop_nothing(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    for number in range(3000):
        server.topics.setdefault("many", {})[f"k{number}"] = {"text": "x" * 100}
    with running(write_alert(["flood.py", "20000"], watch=["many"])) as alert:
        server.wait(lambda: len(titles(server)) >= 20000, deadline=60)
        assert len(server.notices) == len(set(titles(server))) == 20000
        assert titles(server) == [f"n{number}" for number in range(20000)]
        assert alert.logged("lines suppressed")


def test_random_bytes_stop_nothing_and_are_not_lost_in_silence(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    with running(write_alert(["garbage.py"])) as alert:
        server.wait(lambda: "after the garbage" in titles(server))
        assert alert.logged("stdout")


def test_malformed_lines_are_forwarded_as_text_and_kept(server: FakeServer, running: Run, write_alert: Write) -> None:
    lines = ['{"title": nonsense}', '{"title":"a","severity":"purple","key":"k"}', '{"title":"b","extra":1}', "[1,2]"]
    with running(write_alert(["once.sh", *lines])) as alert:
        server.wait(lambda: len(server.of("probe")) == 4)
        first, second, third, fourth = server.of("probe")
        assert "nonsense" in first["message"]
        assert first["labels"] == {"alertwrap": "malformed"}
        assert (second["title"], second["key"], second["severity"]) == ("a", "k", "warning")
        assert "severity" in second["message"]
        assert "purple" in second["message"]
        assert third["data"] == {"extra": 1}
        assert "expected an object" in fourth["message"]
        dead = Spool(place_of("probe", alert.data).spool).dead()
        assert [body for _, _, body in dead] == ['{"title": nonsense}', "[1,2]"]


def test_an_id_twice_is_one_notice_and_an_id_for_two_contents_is_two(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    lines = ['{"id":"a","title":"1"}', '{"id":"a","title":"1"}', '{"id":"a","title":"2"}', '{"id":"a","title":"2"}']
    with running(write_alert(["once.sh", *lines])):
        server.wait(lambda: operational(server, "id_conflict") and titles(server) == ["1", "2"])
        first, second = server.of("probe")
        assert first["id"] == "probe:a"
        assert "labels" not in first
        assert second["labels"] == {"alertwrap": "id_conflict"}


def test_a_poison_notice_goes_to_the_dead_letters_and_the_others_go_on(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    server.reject = lambda notice: "no such recipient" if notice.get("title") == "poison" else None
    with running(write_alert(["once.sh", '{"title":"a"}', '{"title":"poison"}', '{"title":"b"}'])) as alert:
        server.wait(lambda: operational(server, "dead_letter") and titles(server) == ["a", "b"])
        assert "no such recipient" in operational(server, "dead_letter")[0]["message"]
        assert "poison" in Spool(place_of("probe", alert.data).spool).dead()[0][2]


def test_a_batch_that_is_refused_whole_is_bisected(server: FakeServer, running: Run, write_alert: Write) -> None:
    server.script.extend([Bad(413), Bad(400), Bad(422)])
    lines = [json.dumps({"title": f"n{number}"}) for number in range(4)]
    with running(write_alert(["once.sh", *lines], stdin="stream")) as alert:
        server.wait(lambda: len(titles(server)) + len(Spool(place_of("probe", alert.data).spool).dead()) >= 4)
        dead = Spool(place_of("probe", alert.data).spool).dead()
        assert len(dead) <= 1, "only what was refused alone is given up"


def test_bad_days_of_the_center_lose_nothing_and_keep_the_order(
    server: FakeServer, running: Run, write_alert: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alertwrap.delivery.courier.backoff", lambda *_: 0.02)  # test_retry shows what it is
    server.script.extend([
        Bad(500), Bad(429, {"Retry-After": "0"}), Bad(503, {"Retry-After": "garbage"}), Bad(200), Bad(502, store=True),
        Bad(202, store=True, cut=True), Bad(302, {"Location": "http://127.0.0.1:1/"}), Bad(408),
    ])  # fmt: skip
    with running(write_alert(["counter.py", "25"])):
        server.wait(lambda: len(titles(server)) == 25 and not server.script, deadline=40)
        assert titles(server) == [f"count {number}" for number in range(1, 26)]


def test_what_is_not_delivered_stays_and_goes_out_at_the_next_start(
    server: FakeServer, running: Run, write_alert: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alertwrap.host.DELIVER_SECONDS", 0.3)
    server.script.extend([Bad(401)] * 50)
    file = write_alert(["once.sh", '{"title":"kept"}'])
    with running(file) as alert:
        server.wait(lambda: alert.logged("HTTP 401"))
    assert titles(server) == []
    server.script.clear()
    with running(file):
        server.wait(lambda: "kept" in titles(server))


def test_a_corrupt_spool_is_moved_aside_and_reported_and_what_can_be_read_is_saved(
    server: FakeServer, running: Run, write_alert: Write, tmp_path: Path
) -> None:
    path = place_of("probe", tmp_path / "data").spool
    spool = Spool(path)
    spool.append([Emission(None, json.dumps({"alert": "probe", "title": f"old {n}", "message": "x" * 500})) for n in
                  range(300)])  # fmt: skip
    spool.close()
    content = bytearray(path.read_bytes())
    content[20 * 4096 : 21 * 4096] = b"\xff" * 4096
    path.write_bytes(content)
    with running(write_alert(["once.sh", '{"title":"new"}'])):
        server.wait(lambda: "new" in titles(server) and operational(server, "spool_corrupt"))
        assert len(titles(server)) > 200
    assert list(path.parent.glob("probe.db.corrupt-*"))


def test_a_full_spool_blocks_the_alert_and_loses_nothing(server: FakeServer, running: Run, write_alert: Write) -> None:
    server.script.extend([Bad(500)] * 10_000)
    with running(write_alert(["flood.py", "20000"])) as alert:
        alert.wrapper._spool.quota = 300_000
        server.wait(lambda: alert.logged("the spool is full"))
        assert alert.wrapper.situation.state == "RUNNING"
        alert.wrapper._spool.quota = 10**9
        server.script.clear()
        server.wait(lambda: len(titles(server)) == 20000, deadline=60)
        assert titles(server) == [f"n{number}" for number in range(20000)]
        assert operational(server, "stopped_reading")

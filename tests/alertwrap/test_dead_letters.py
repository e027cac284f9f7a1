"""Dead letters hold no secrets: not on disk, where they outlive what was delivered, and not in what people are told."""

from __future__ import annotations

import contextlib
import json
import sqlite3

import pytest

from alertwrap.hosted import place_of
from alertwrap.spool.spool import Spool
from tests.alertwrap.conftest import Run, Write
from tests.alertwrap.said import operational
from tests.fakes.server import FakeServer

SECRET = 'hunter2"hunter2\\'
#: As it stands in JSON, and so on disk.
IN_JSON = json.dumps(SECRET)[1:-1]


@pytest.mark.parametrize("before", [0, 1_950], ids=["at the start", "across the cut of the notice"])
def test_what_the_center_refuses_is_kept_and_told_without_the_secrets(
    server: FakeServer, running: Run, write_alert: Write, before: int
) -> None:
    server.reject = lambda notice: f"odd: {notice['message']}" if notice["id"] == "probe:poison" else None
    line = json.dumps({"id": "poison", "message": "x" * before + SECRET, "data": {"token": SECRET}})
    file = write_alert(["talker.py", line], secrets={"key": "env:MY_KEY"})
    with running(file, MY_KEY=SECRET) as alert:
        server.wait(lambda: operational(server, "dead_letter"))
    with contextlib.closing(Spool(place_of("probe", alert.data).spool)) as spool:
        [(reason, name, body)] = spool.dead()
    assert name == "probe:poison"
    assert json.loads(body)["data"] == {"token": "***"}
    told = operational(server, "dead_letter")[0]["message"]
    assert "It is kept as a dead letter" in told
    assert "hunter" not in told + reason + body
    assert "hunter" not in alert.log.getvalue()


def test_what_was_buried_before_its_secret_was_known_is_shown_without_it(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    with running(write_alert(["talker.py"])) as alert:
        server.wait(lambda: server.of("probe"))
    path = place_of("probe", alert.data).spool
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO dead (at, reason, id, body) VALUES (0, 'damaged', 'n', ?)", (f'{{"a":"{IN_JSON}"}}',))
    with contextlib.closing(Spool(path, masked=lambda text: text.replace(IN_JSON, "***"))) as spool:
        assert spool.dead() == [("damaged", "n", '{"a":"***"}')]

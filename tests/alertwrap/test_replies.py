"""Files that go with a reply: read when the line is heard, refused with their place, carried to the message sender."""

from __future__ import annotations

import json
import os
import socket
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from alertwrap.delivery.courier import _BATCH_BYTES, Courier, Route
from alertwrap.delivery.letters import Letters
from alertwrap.delivery.post import Answer
from alertwrap.log import Log
from alertwrap.spool.entries import Letter
from alertwrap.spool.spool import Spool
from alertwrap.stdout import alert_watcher, enclosed
from tests.alertwrap.conftest import Run, Write
from tests.alertwrap.said import heard, hello
from tests.alertwrap.test_watcher import Watched, watched
from tests.fakes.server import FakeServer
from wire.message import Message

__all__ = ["watched"]

SMALL = 64


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enclosed, "MOST_BYTES", SMALL)


def reply(*attachments: dict[str, Any], **fields: Any) -> str:
    to = {"channel": "email", "chat": "ann@example.org"}
    return json.dumps({"type": "reply", "to": to, "attachments": attachments, **fields})


def test_the_message_carries_name_type_and_content(
    server: FakeServer, running: Run, write_alert: Write, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "chart.PNG").write_bytes(b"a\0\xff")
    (tmp_path / "b.log").write_text("b")
    lines = [
        reply({"path": "out/chart.PNG"}, {"url": "https://x/a.txt"}, {"path": "empty"}, id="r"),
        reply({"path": str(tmp_path / "b.log"), "name": "B", "type": "text/x-log"}, text="see"),
    ]
    (tmp_path / "empty").touch()
    with running(write_alert(["talker.py", *lines])):
        server.wait(lambda: len(server.messages) == 2)
    first, second = server.messages
    assert first["message"] == "chart.PNG"
    assert first["attachments"] == [
        {"name": "chart.PNG", "type": "image/png", "content": "YQD/", "size": 3},
        {"name": "a.txt", "type": "text/plain", "url": "https://x/a.txt"},
        {"name": "empty", "type": "application/octet-stream", "content": "", "size": 0},
    ]
    assert second["attachments"] == [{"name": "B", "type": "text/x-log", "content": "Yg==", "size": 1}]
    for message in server.messages:
        Message.model_validate(message)


def test_an_edit_names_the_reply_that_it_replaces(server: FakeServer, running: Run, write_alert: Write) -> None:
    texts = [reply(text="1 %", id="r"), reply(text="2 %", id="r2", edit="r"), reply(text="3 %", id="r3", edit="r3")]
    with running(write_alert(["talker.py", hello("errors"), *texts])):
        server.wait(lambda: len(server.messages) == 2 and heard(server, "reject"))
    first, second = (Message.model_validate(message) for message in server.messages)
    assert (first.id, first.replaces) == ("probe:r", None)
    assert (second.id, second.replaces) == ("probe:r2", "probe:r")
    assert second.data == {"alert": "probe"}
    assert heard(server, "reject")[0]["path"] == "/edit"


@pytest.mark.usefixtures("small")
def test_what_cannot_go_is_refused_with_its_place_and_why(
    server: FakeServer, running: Run, write_alert: Write, tmp_path: Path
) -> None:
    (tmp_path / "large").write_bytes(b"x" * (SMALL + 1))
    (tmp_path / "half").write_bytes(b"x" * (SMALL // 2))
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "socket"))
    cases = {
        "missing": "No such file", "large": "together", "pipe": "regular file", ".": "regular file",
        "loop": "symbolic links", "socket": "No such device", "half/x": "Not a directory", "/dev/zero": "regular file",
        "x" * 300: "File name too long",
    }  # fmt: skip
    lines = [reply({"path": path}) for path in cases]
    lines += [reply({"path": "half"}, {"path": "half"}, {"path": "half"}), reply({"path": "half", "url": "https://x"})]
    with running(write_alert(["talker.py", hello("errors"), *lines, reply({"path": "half"}, id="good")])) as alert:
        server.wait(lambda: len(heard(server, "reject")) == len(lines))
        server.wait(lambda: server.messages)
        assert alert.logged("a reply line is refused")
    listening.close()
    found = heard(server, "reject")
    for line, words in zip(found, cases.values(), strict=False):
        assert line["path"] == "/attachments/0/path"
        assert words in line["reason"]
    assert [line["path"] for line in found[-2:]] == ["/attachments/2/path", "/attachments/0"]
    assert [message["id"] for message in server.messages] == ["probe:good"]


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").touch(mode=0)
    with _not_root(), pytest.raises(enclosed.Unreadable, match="Permission denied"):
        enclosed.read("secret", tmp_path)


@contextmanager
def _not_root() -> Iterator[None]:
    """Root may read everything."""
    was = os.geteuid()
    os.seteuid(was or 65534)
    try:
        yield
    finally:
        os.seteuid(was)


def test_a_file_may_be_as_large_as_is_allowed_and_not_a_byte_larger(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * SMALL)
    assert len(enclosed.read("file", tmp_path, SMALL)) == SMALL
    with pytest.raises(enclosed.Unreadable):
        enclosed.read("file", tmp_path, SMALL - 1)


def test_what_has_no_size_is_read_all_the_same_and_bounded() -> None:
    assert enclosed.read("/proc/self/comm", Path("/"), SMALL)
    with pytest.raises(enclosed.Unreadable):
        enclosed.read("/proc/self/status", Path("/"), SMALL)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.png", "image/png"), ("a.WEBP", "image/webp"), ("a.log.gz", "application/gzip"), ("a.tar.xz", enclosed.UNKNOWN),
     ("a", enclosed.UNKNOWN), ("a.csv", "text/csv")],
)  # fmt: skip
def test_the_type_is_guessed_by_the_name(name: str, kind: str) -> None:
    assert enclosed.kind_of(name) == kind


def test_many_files_are_committed_in_portions_and_in_order(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_watcher, "_HEAVY", 3_000)
    (tmp_path / "file").write_bytes(os.urandom(900))
    portions: list[int] = []
    append = watched.spool.append

    def noting(entries: Any, **more: Any) -> Any:
        portions.append(sum(isinstance(entry, Letter) for entry in entries))
        return append(entries, **more)

    monkeypatch.setattr(watched.spool, "append", noting)
    watched.say(*(reply({"path": str(tmp_path / "file")}, text=str(number)) for number in range(10)), '{"title":"end"}')
    watched.end()
    watched.watcher.run()
    assert max(portions) <= 3
    letters = [json.loads(row.text) for row in watched.spool.pending(100, 10**9, table="letters")]
    assert [letter["message"] for letter in letters] == [str(number) for number in range(10)]
    assert all(len(b64decode(letter["attachments"][0]["content"])) == 900 for letter in letters)
    assert watched.titles() == ["end"]


class Notes:
    """Takes what the courier brings, and keeps the ids and the size of each request."""

    def __init__(self) -> None:
        self.requests: list[tuple[list[str], int]] = []

    def post(self, body: bytes) -> Answer:
        ids = [json.loads(line)["id"] for line in body.split(b"\n")]
        self.requests.append((ids, len(body)))
        results = [{"id": name, "status": "accepted"} for name in ids]
        return Answer(202, None, json.dumps({"results": results}).encode())

    def end_by(self, at: float) -> None:
        """Every answer is immediate."""

    def close(self) -> None:
        """There is no connection."""


def test_large_letters_of_many_alerts_do_not_become_one_request(tmp_path: Path) -> None:
    notes, large = Notes(), "x" * (_BATCH_BYTES // 2 + 1)
    courier = Courier(notes, Log(level="error"), Random(1))
    spools = [Spool(tmp_path / f"{name}.db") for name in "abcd"]
    for spool in spools:
        spool.append([Letter(f"{spool.path.stem}:{number}", f'{{"message":"{large}"}}') for number in range(2)])
        courier.carry(Route(Letters(spool), lambda *_: None))
    while courier.deliver_some():
        pass
    assert max(size for _, size in notes.requests) < 2 * _BATCH_BYTES
    assert sorted(name for ids, _ in notes.requests for name in ids) == sorted(
        f"{n}:{i}" for n in "abcd" for i in (0, 1)
    )
    first = {name[0] for ids, _ in notes.requests[: len(notes.requests) // 2 + 1] for name in ids}
    assert first == set("abcd"), "nobody waits until another has no more"
    for spool in spools:
        spool.close()

"""A spool with any one byte flipped works, sends out nothing that has changed, and lets nothing vanish untold."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alertwrap.spool import file as spool_file
from alertwrap.spool import memory as spool_memory
from alertwrap.spool import spool as spool_module
from alertwrap.spool.entries import Emission, Letter, StateChange
from alertwrap.spool.spool import Spool
from alertwrap.stdin import answers
from alertwrap.stdin.answers import Answers

STATE = {"at": 42}
ANSWER = {"channel": "telegram", "chat": "42", "text": "yes"}
NOTICES = [Emission(f"n{number}", json.dumps({"title": f"title {number}"})) for number in range(8)]
#: The file is looked at in so many parts, so that they run side by side.
PARTS = 4


@pytest.fixture
def place() -> Iterator[Path]:
    """In memory where the system has such a place: there are thousands of files to write."""
    fast = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=fast) as directory:
        yield Path(directory)


@pytest.fixture
def origin(place: Path) -> bytes:
    """A small spool with one of everything in it."""
    path = place / "origin" / "a.db"
    path.parent.mkdir()
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA page_size = 512")
        db.execute("VACUUM")
    spool = Spool(path)
    spool.append([*NOTICES, StateChange(None, STATE), Letter("l1", '{"message":"hello"}')])
    Answers(spool).take([("a1", ANSWER)])
    spool.close()
    return path.read_bytes()


def complaints(origin: bytes, at: int, place: Path) -> list[str]:
    """What is wrong with a spool in which the byte `at` is another."""
    path = place / "spool" / "a.db"
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir()
    path.write_bytes(origin[:at] + bytes([origin[at] ^ 0xFF]) + origin[at + 1 :])
    spool = Spool(path)
    told = [spool.recovered] if spool.recovered else []
    spool.on_recovered = told.append
    try:
        return list(_wrong(spool, told))
    finally:
        spool.close()


def _wrong(spool: Spool, told: list[str]) -> Iterator[str]:
    rows = [(row.id, json.loads(row.text)) for row in spool.pending(100, 10**6)]
    letters = [json.loads(row.text) for row in spool.pending(100, 10**6, table="letters")]
    state, answer = spool.state(), Answers(spool).find("a1")
    whole = [(one.id, {"id": one.id, **json.loads(one.body)}) for one in NOTICES]
    if not _is_part(rows, whole):
        yield f"something else goes out than was accepted: {rows}"
    if letters not in ([], [{"id": "l1", "message": "hello"}]):
        yield f"another letter goes out: {letters}"
    if state not in (STATE, None):
        yield f"another state: {state}"
    if answer not in (ANSWER, None):
        yield f"another answer: {answer}"
    if not told and (rows, len(letters), state, answer) != (whole, 1, STATE, ANSWER):
        yield f"in silence: {rows} {letters} {state} {answer}"
    if spool.append([Emission(None, '{"title":"new"}')]).new != 1:
        yield "it takes nothing new"
    elif len(spool.pending(100, 10**6)) != len(rows) + 1:
        yield "what is new is not there"


def _is_part(rows: list[Any], whole: list[Any]) -> bool:
    """Whether these are some of those, in their order."""
    rest = iter(whole)
    return all(row in rest for row in rows)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on every file is too large to be checked whole when it is opened."""
    monkeypatch.setattr(spool_file, "_CHECKED_BYTES", 0)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_with_any_one_byte_flipped_it_works_and_tells(origin: bytes, place: Path, part: int) -> None:
    found = {at: complaints(origin, at, place) for at in range(part, len(origin), PARTS)}
    assert {at: wrong for at, wrong in found.items() if wrong} == {}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("part", range(PARTS))
def test_in_a_large_file_it_is_found_when_it_is_read(origin: bytes, place: Path, part: int) -> None:
    found = {at: complaints(origin, at, place) for at in range(part, len(origin), PARTS)}
    assert {at: wrong for at, wrong in found.items() if wrong} == {}


@pytest.mark.usefixtures("large")
def test_in_a_large_file_nothing_that_has_changed_stops_the_rest(origin: bytes, place: Path) -> None:
    """Some bytes of each page, in every run of the tests."""
    found = {at: complaints(origin, at, place) for at in range(7, len(origin), 37)}
    assert {at: wrong for at, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(("rows", "size"), [(3, 10**6), (8, 10**6), (9, 10**6), (100, 10**6), (100, 60)])
def test_what_is_whole_is_not_looked_through(
    origin: bytes, place: Path, monkeypatch: pytest.MonkeyPatch, rows: int, size: int
) -> None:
    (place / "a.db").write_bytes(origin)
    spool = Spool(place / "a.db")
    looks: list[Any] = []
    monkeypatch.setattr(spool_module, "require_integrity", looks.append)
    while waiting := spool.pending(rows, size):
        spool.done([waiting[0].seq])
    assert looks == []
    assert spool.pending_count == 0
    spool.close()


@pytest.mark.usefixtures("large")
def test_a_large_file_whose_rows_are_not_counted_is_caught(
    origin: bytes, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "require_integrity", lambda _: None)
    first_page_of_rows = range(512, 560)
    assert any("in silence" in str(complaints(origin, at, place)) for at in first_page_of_rows)


def in_the_texts(origin: bytes) -> Iterator[int]:
    """Where what was accepted stands in the file."""
    for text in (b"title 3", b'"at": 42', b"telegram", b"hello"):
        at = origin.index(text)
        yield from range(at, at + len(text))


@pytest.mark.parametrize("broken", ["checksums are not looked at", "damage is not told"])
def test_a_spool_that_breaks_the_law_is_caught(
    origin: bytes, place: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    if broken == "checksums are not looked at":
        for module in (spool_module, spool_file, spool_memory, answers):
            monkeypatch.setattr(module, "is_whole", lambda *_: True)
    else:
        monkeypatch.setattr(Spool, "report", lambda *_: None)
    places = in_the_texts(origin)
    assert any(complaints(origin, at, place) for at in places)


def test_what_has_changed_is_a_dead_letter_and_told(origin: bytes, place: Path) -> None:
    path = place / "a.db"
    path.write_bytes(origin.replace(b"title 3", b"title 4"))
    spool = Spool(path)
    told: list[str] = []
    spool.on_recovered = told.append
    assert [row.id for row in spool.pending(100, 10**6)] == [f"n{number}" for number in range(8) if number != 3]
    assert [(reason, name) for reason, name, _ in spool.dead()] == [("damaged", "n3")]
    assert "had changed since it was written" in told[0]
    assert spool.pending_count == 7
    spool.close()


OLD = """
CREATE TABLE pending (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE letters (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE memory (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE answers (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL,
  settled INTEGER NOT NULL DEFAULT 0);
INSERT INTO pending (id, body) VALUES ('n1', '{"title":"old"}');
INSERT INTO letters (id, body) VALUES ('l1', '{"message":"old"}');
INSERT INTO memory VALUES ('state', '{"at": 1}');
INSERT INTO answers (id, body) VALUES ('a1', '{"text": "old"}');
"""


@pytest.mark.parametrize("damaged", [False, True])
def test_a_file_of_before_there_were_checksums_is_taken_over(place: Path, damaged: bool) -> None:
    path = place / "a.db"
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.executescript(OLD)
    spool = Spool(path)
    if damaged:
        spool._start_afresh(sqlite3.DatabaseError("as if"))
    assert json.loads(spool.pending(9, 10**6)[0].text) == {"id": "n1", "title": "old"}
    assert json.loads(spool.pending(9, 10**6, table="letters")[0].text) == {"id": "l1", "message": "old"}
    assert (spool.state(), Answers(spool).find("a1")) == ({"at": 1}, {"text": "old"})
    assert spool.append([Emission(None, '{"title":"new"}')]).new == 1
    spool.close()

"""The spool: accepted means committed, in order, once."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertwrap.spool.entries import Burial, Emission, Entry, StateChange
from alertwrap.spool.file import SpoolUnusable
from alertwrap.spool.spool import Spool, SpoolFull


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool" / "a.db"


def say(title: str, name: str | None = None, key: str | None = None, *, firing: bool = True) -> Emission:
    return Emission(name, json.dumps({"title": title}), key, firing)


def titles(spool: Spool) -> list[str]:
    return [json.loads(row.text)["title"] for row in spool.pending(100, 10**6)]


def test_it_outlives_the_process_in_order_with_ids(path: Path) -> None:
    Spool(path).append([say("a"), say("b", "mine"), StateChange(None, {"n": 1})])
    spool = Spool(path)
    assert titles(spool) == ["a", "b"]
    assert [row.id == json.loads(row.text)["id"] for row in spool.pending(9, 10**6)] == [True, True]
    assert spool.pending(9, 10**6)[1].id == "mine"
    assert spool.state() == {"n": 1}
    assert spool.pending_count == 2


def test_it_is_durable_private_and_written_by_one(path: Path) -> None:
    spool = Spool(path)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert spool._db.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert spool._db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_symlink_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(tmp_path / "victim")
    with pytest.raises(SpoolUnusable, match="symlink"):
        Spool(path)
    assert not (tmp_path / "victim").exists()


def test_repeats_vanish_also_after_delivery_and_other_contents_get_an_id_of_their_own(path: Path) -> None:
    spool = Spool(path)
    assert spool.append([say("a", "1"), say("a", "1")]).repeated == 1
    spool.done(row.seq for row in spool.pending(9, 10**6))
    assert spool.append([say("a", "1")]).repeated == 1
    assert spool.append([say("b", "1")]).conflicts == ("1",)
    assert spool.append([say("b", "1")]).repeated == 1
    assert titles(spool) == ["b"]
    assert spool.pending(9, 10**6)[0].id.startswith("1~")


def test_state_by_key_is_merged_and_null_deletes(path: Path) -> None:
    spool = Spool(path)
    spool.append([StateChange("a", 1), StateChange("b", [2]), StateChange("a", None)])
    assert spool.state() == {"b": [2]}
    spool.append([StateChange(None, None)])
    assert spool.state() is None


def test_open_conditions_are_remembered_until_resolved(path: Path) -> None:
    spool = Spool(path)
    spool.append([say("a", "1", "disk"), say("b", "2", "disk"), say("c", "3", "load")])
    spool.append([say("d", "4", "load", firing=False)])
    assert [(item["key"], item["id"]) for item in spool.open()] == [("disk", "1")]


def test_when_it_is_full_nothing_of_the_batch_is_accepted_and_the_wrapper_can_still_speak(path: Path) -> None:
    spool = Spool(path, quota=200_000)
    with contextlib.suppress(SpoolFull):
        for _ in range(1000):
            spool.append([say("x" * 1000)])
    count = spool.pending_count
    with pytest.raises(SpoolFull):
        spool.append([say("a"), StateChange(None, {"n": 1})])
    assert (spool.pending_count, spool.state()) == (count, None)
    spool.append([say("help")], reserved=True)
    spool.done(row.seq for row in spool.pending(10**6, 10**9))
    assert spool.append([say("again")]).new == 1


def test_a_failing_disk_accepts_nothing(path: Path) -> None:
    spool = Spool(path)
    spool._db.execute("PRAGMA max_page_count = 12")
    with pytest.raises(SpoolFull, match="full"):
        spool.append([say("x" * 100_000)])
    assert spool.pending(9, 10**6) == []


def test_damage_that_shows_while_running_is_survived(path: Path) -> None:
    spool = Spool(path)
    spool.append([say(f"n{number}" + "x" * 2000) for number in range(200)])
    spool._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    spool.close()
    spool = Spool(path)
    content = bytearray(path.read_bytes())
    content[:100] = b"\x00" * 100
    path.write_bytes(content)
    spool._db.close()
    spool._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    assert spool.append([say("after")]).new == 1
    assert spool.recovered is not None
    assert "after" in titles(spool)


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 60_000), junk=st.binary(min_size=1, max_size=600))
def test_any_damage_leaves_a_spool_that_works(
    tmp_path_factory: pytest.TempPathFactory, place: int, junk: bytes
) -> None:
    path = tmp_path_factory.mktemp("spool") / "a.db"
    spool = Spool(path)
    spool.append([say(f"n{number}" + "x" * 300) for number in range(100)])
    spool.close()
    content = bytearray(path.read_bytes())
    place %= len(content)
    content[place : place + len(junk)] = junk
    path.write_bytes(content)
    spool = Spool(path)
    assert spool.append([say("after")]).new == 1
    spool.done([spool.pending(10**6, 10**9)[-1].seq])
    spool.close()


def test_dead_letters_are_kept_and_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alertwrap.spool.dead_letters.MOST_ROWS", 3)
    spool = Spool(path)
    entries: list[Entry] = [Burial("why", f"raw {number}") for number in range(5)]
    spool.append(entries)
    spool.trim()
    assert [body for _, _, body in spool.dead()] == ["raw 2", "raw 3", "raw 4"]


def test_garbage_does_not_take_the_room_of_what_is_accepted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alertwrap.spool.dead_letters.MOST_ROWS", 3)
    spool = Spool(path, quota=500_000)
    for _ in range(100):
        spool.append([Burial("why", "x" * 16_000)])
    assert len(spool.dead()) == 3
    assert spool.append([say("accepted")]).new == 1


def test_large_dead_letters_are_bounded_by_their_bytes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alertwrap.spool.dead_letters.MOST_BYTES", 2_500)
    spool = Spool(path)
    spool.append([Burial("why", str(number) * 1000) for number in range(5)])
    spool.trim()
    assert [body[0] for _, _, body in spool.dead()] == ["3", "4"]


def test_conditions_that_are_never_closed_are_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alertwrap.spool.open_conditions.MOST_ROWS", 2)
    spool = Spool(path)
    for name in "abc":
        spool.append([say(name, key=name)])
    spool.trim()
    assert [one["key"] for one in spool.open()] == ["b", "c"]


def test_an_id_that_was_forgotten_may_still_be_waiting(path: Path) -> None:
    spool = Spool(path)
    spool.append([say("a", "1"), say("b", "2")])
    spool._db.execute("DELETE FROM seen")
    accepted = spool.append([say("a", "1"), say("changed", "2")])
    assert (accepted.new, accepted.repeated, accepted.conflicts) == (1, 1, ("2",))
    assert (titles(spool), spool.recovered) == (["a", "b", "changed"], None)


def test_the_whole_state_is_bounded_not_only_each_of_its_keys(path: Path) -> None:
    spool = Spool(path)
    assert spool.append([StateChange("a", "x" * 600_000)]).refused_states == ()
    assert spool.append([StateChange("b", "x" * 600_000), say("goes on")]).refused_states == (0,)
    assert (list(spool.state()), titles(spool)) == (["a"], ["goes on"])


def test_a_failing_disk_is_told_as_such_by_all_that_writes(path: Path) -> None:
    spool = Spool(path)
    spool._db.execute("PRAGMA query_only = ON")
    for write in (spool.trim, lambda: spool.remember("configs", [1]), lambda: spool.append([say("a")])):
        with pytest.raises(SpoolFull):
            write()


def test_a_large_file_whose_damage_shows_only_when_it_is_counted_is_replaced(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alertwrap.spool.file._CHECKED_BYTES", 0)
    spool = Spool(path)
    spool.append([say(f"n{number}" + "x" * 300) for number in range(500)])
    spool.close()
    content = bytearray(path.read_bytes())
    content[4096 : 4096 * 12] = b"\xff" * 4096 * 11
    path.write_bytes(content)
    spool = Spool(path)
    assert spool.recovered is not None
    assert spool.append([say("after")]).new == 1


def test_on_a_full_disk_what_waits_is_delivered_all_the_same_each_once(path: Path) -> None:
    spool = Spool(path)
    spool.append([say(f"n{number}") for number in range(10)])
    spool._db.execute("PRAGMA query_only = ON")  # nothing can be written, as on a disk that is full
    delivered: list[str] = []
    while rows := spool.pending(3, 10**6):
        delivered += [json.loads(row.text)["title"] for row in rows]
        assert spool.first_waiting() == rows[0].seq
        spool.done(row.seq for row in rows)
    assert delivered == [f"n{number}" for number in range(10)]
    assert (spool.pending_count, spool.first_waiting()) == (0, None)
    spool._db.execute("PRAGMA query_only = OFF")
    spool.append([say("later")])
    assert (titles(spool), spool.pending_count) == (["later"], 1)
    spool.close()
    assert titles(Spool(path)) == ["later"], "what was delivered is written down as soon as there is room"

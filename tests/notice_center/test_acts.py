"""Acts on many entries: they touch what was announced, repeating is harmless, and undoing restores exactly that."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select, text

from notice_center import act_store, acts, fold_store, inbox_store, paging
from notice_center.acts import ActRequest
from notice_center.app import MIGRATIONS
from notice_center.directory import Directory
from notice_center.emissions import append
from notice_center.filters import InboxFilter
from notice_center.tables import entry, touch
from service_kit.database import Database, open_database
from service_kit.problems import Unavailable
from tests.notice_center.conftest import INBOX, Town, get, post

U1 = {"recipient": "u1"}
ACTS = f"{INBOX}/acts"


def said(id_: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "title": "t", "recipients": ["u1"]} | more


async def act(center: httpx2.AsyncClient, what: str, **more: Any) -> dict[str, Any]:
    answer = await center.post(ACTS, params=U1, json={"act": what} | more)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def undo(center: httpx2.AsyncClient, id_: str) -> tuple[int, int]:
    answer = await center.post(f"{ACTS}/{id_}/undo", params=U1)
    assert answer.status_code == 200, answer.text
    return answer.json()["restored"], answer.json()["kept"]


async def ids(center: httpx2.AsyncClient, **params: Any) -> list[str]:
    return [one["id"] for one in (await get(center, INBOX, **U1, **params))["items"]]


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few entries are enough to need many transactions."""
    monkeypatch.setattr(act_store, "CHUNK", 3)
    monkeypatch.setattr(act_store, "WINDOW", 5)


@pytest.mark.usefixtures("small_steps")
async def test_an_act_on_a_filter_touches_what_matched_at_its_bound(center: httpx2.AsyncClient) -> None:
    await post(center, *(said(f"d{n}", title="Disk full" if n % 3 else "calm") for n in range(20)))
    as_of = (await get(center, INBOX, **U1))["as_of"]
    await post(center, said("late", title="disk"))
    chosen = {"view": "unread", "q": "disk"}
    dry = await act(center, "read", filter=chosen, as_of=as_of, dry_run=True)
    done = await act(center, "read", filter=chosen, as_of=as_of)
    assert (dry["touched"], done["touched"], done["more"]) == (13, 13, False)
    assert await ids(center, view="unread", q="disk") == ["late"]
    assert len(await ids(center, view="unread")) == 8


@pytest.mark.usefixtures("small_steps")
async def test_undo_restores_what_the_act_touched_and_nothing_else(center: httpx2.AsyncClient) -> None:
    await post(center, *(said(f"n{n}") for n in range(10)))
    await act(center, "read", ids=["n0", "n1"])
    done = await act(center, "read", filter={"view": "inbox"})
    await post(center, said("later"))
    await act(center, "read", ids=["later"])
    await act(center, "unread", ids=["n5"])
    assert (done["touched"], await undo(center, done["id"])) == (8, (7, 1))
    assert await ids(center, view="unread") == [f"n{n}" for n in range(9, 1, -1)]
    assert await undo(center, done["id"]) == (7, 1), "again changes nothing"


async def test_undoing_unread_gives_the_time_of_reading_back(center: httpx2.AsyncClient) -> None:
    await post(center, said("n"))
    read = (await center.post(f"{INBOX}/n/read", params=U1)).json()
    done = await act(center, "unread", ids=["n"])
    assert await undo(center, done["id"]) == (1, 0)
    assert (await get(center, f"{INBOX}/n", **U1)) == read


async def test_what_became_more_severe_since_stays_unread(center: httpx2.AsyncClient) -> None:
    await post(center, said("n", key="k"))
    await center.post(f"{INBOX}/n/read", params=U1)
    done = await act(center, "unread", ids=["n"])
    await post(center, said("worse", key="k", severity="critical"))
    assert await undo(center, done["id"]) == (0, 1)
    assert await ids(center, view="unread") == ["n"]


@pytest.mark.parametrize(("what", "back"), [("archive", "unarchive"), ("unarchive", "archive")])
async def test_archive_and_back(center: httpx2.AsyncClient, what: str, back: str) -> None:
    await post(center, said("a"), said("b"))
    await center.post(f"{INBOX}/b/archive", params=U1)
    done = await act(center, what, filter={"view": "all"})
    everything = {"archive": "archived", "unarchive": "inbox"}[what]
    assert (done["touched"], await ids(center, view=everything)) == (1, ["b", "a"])
    assert await undo(center, done["id"]) == (1, 0)
    assert (await ids(center), await ids(center, view="archived")) == (["a"], ["b"])
    assert (await act(center, back, filter={"view": "all"}))["touched"] == 1


async def test_repeating_an_act_is_harmless_and_its_id_is_for_one_act(center: httpx2.AsyncClient) -> None:
    await post(center, *(said(f"n{n}") for n in range(3)))
    first = await act(center, "read", id="mine", filter={"view": "unread"})
    await act(center, "unread", ids=["n1"])
    assert await act(center, "read", id="mine", filter={"view": "unread"}) == first
    assert await ids(center, view="unread") == ["n1"], "it is not done anew"
    answer = await center.post(ACTS, params=U1, json={"id": "mine", "act": "archive", "ids": ["n1"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "act-id-taken")


async def test_an_act_that_was_cut_off_goes_on_when_it_is_repeated(
    center: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(center, *(said(f"n{n}") for n in range(9)))
    monkeypatch.setattr(act_store, "CHUNK", 3)
    original, calls = act_store.go_on, []

    def fails(*args: Any) -> act_store.Progress:
        calls.append(1)
        if len(calls) > 1:
            raise Unavailable("cut off")
        return original(*args)

    monkeypatch.setattr(act_store, "go_on", fails)
    body = {"id": "a", "act": "read", "filter": {"view": "unread"}}
    assert (await center.post(ACTS, params=U1, json=body)).status_code == 503
    assert len(await ids(center, view="unread")) == 6
    assert (await get(center, f"{ACTS}/a", **U1))["done"] is False
    assert (await center.post(f"{ACTS}/a/undo", params=U1)).status_code == 409
    monkeypatch.setattr(act_store, "go_on", original)
    assert (await center.post(ACTS, params=U1, json=body)).json()["touched"] == 9
    assert await undo(center, "a") == (9, 0)


@pytest.mark.usefixtures("small_steps")
async def test_a_long_act_says_how_far_it_came_and_ends_although_nobody_asks(
    center: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(center, *(said(f"n{n}") for n in range(40)))
    monkeypatch.setattr(acts, "PATIENCE_SECONDS", 0.0)
    begun = await act(center, "read", id="a", filter={"view": "unread", "q": "t"})
    assert (begun["done"], begun["touched"] < 40) == (False, True)
    done = await ended(center, "a")
    assert (done["touched"], await ids(center, view="unread")) == (40, [])
    answer = (await center.post(f"{ACTS}/a/undo", params=U1)).json()
    assert answer["done"] is False
    async with asyncio.timeout(40):
        while not answer["done"]:
            answer = (await center.post(f"{ACTS}/a/undo", params=U1)).json()
    assert (answer["restored"], len(await ids(center, view="unread"))) == (40, 40)


async def ended(center: httpx2.AsyncClient, id_: str) -> dict[str, Any]:
    """The act once it is done."""
    async with asyncio.timeout(40):
        while not (found := await get(center, f"{ACTS}/{id_}", **U1))["done"]:
            await asyncio.sleep(0.01)
    done: dict[str, Any] = found
    return done


@pytest.mark.usefixtures("small_steps")
async def test_an_act_that_a_stopped_center_left_behind_is_done_by_the_next_one(
    town: Town, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(self: Any) -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as patched:
        patched.setattr(acts, "PATIENCE_SECONDS", 0.0)
        patched.setattr(acts.Acts, "run", nothing)
        async with town.opened(database_url) as client:
            await post(client, *(said(f"n{n}") for n in range(9)))
            times = {"from": "2020-01-01T00:00:00Z"}
            assert (await act(client, "archive", id="a", filter=times))["done"] is False
    async with town.opened(database_url) as client:
        assert (await ended(client, "a"))["touched"] == 9
        assert len(await ids(client, view="archived")) == 9


async def test_a_choosy_act_looks_beside_the_writer(
    center: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While an act looks for what matches, somebody else's mark is written."""
    await post(center, said("n"), said("other"))
    looking, marked, original = threading.Event(), threading.Event(), act_store.look

    def slow(*args: Any) -> act_store.Stretch:
        looking.set()
        assert marked.wait(20)
        return original(*args)

    monkeypatch.setattr(act_store, "look", slow)
    acting = asyncio.create_task(act(center, "archive", filter={"q": "t"}))
    await asyncio.to_thread(looking.wait, 20)
    assert (await center.post(f"{INBOX}/other/read", params=U1)).status_code == 200
    marked.set()
    assert (await acting)["touched"] == 2
    assert (await get(center, f"{INBOX}/other", **U1))["read_at"] is not None, "the act keeps what was marked meanwhile"


async def test_two_processes_that_mark_one_entry_keep_both_marks(postgres_url: str) -> None:
    """What another process changes while we wait for its row is not written over."""
    database = open_database(postgres_url, MIGRATIONS)
    try:
        await database.write(append, [("n", '{"title":"t","recipients":["u1"]}')])
        await database.write(fold_store.fold_batch, Directory(), 10)
        now = await database.now()
        with database.engine.begin() as other:
            other.execute(entry.update().values(read_at=now))
            archiving = asyncio.create_task(database.write(inbox_store.mark, "u1", "n", "archive", None, now))
            await _waits_for_a_lock(database)
        pair = await archiving
        assert pair is not None
        assert (pair[1].read_at, pair[1].archived_at) == (now, now)
    finally:
        await database.close()


async def _waits_for_a_lock(database: Database) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(40):
        while not await database.read(lambda connection: connection.scalar(waiting)):
            await asyncio.sleep(0.01)


async def test_old_acts_are_forgotten_bit_by_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(act_store, "_FORGOTTEN", 4)
    database = open_database(f"sqlite:///{tmp_path}/x.db", MIGRATIONS)
    try:
        await database.write(append, [(f"n{n}", '{"title":"t","recipients":["u1"]}') for n in range(9)])
        await database.write(fold_store.fold_batch, Directory(), 20)
        wanted = ActRequest(act="read", filter=InboxFilter()).wanted("u1", 99)
        now = await database.now()
        begun = await database.write(act_store.begin, wanted, "a", "{}", now)
        stretch = await database.read(act_store.look, wanted, begun)
        assert (await database.write(act_store.go_on, begun.number, wanted, stretch)).touched == 9
        steps = 0
        while await database.write(act_store.forget_some, now + timedelta(seconds=1)):
            steps += 1
            left = await database.read(lambda connection: connection.scalar(select(func.count()).select_from(touch)))
        assert (steps, left) == (4, 0), "three portions of touches, and the act itself"
        assert await database.read(act_store.find, "u1", "a") is None
    finally:
        await database.close()


async def test_one_act_has_a_limit_and_says_that_there_is_more(
    center: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("notice_center.act_store", "notice_center.act_routes"):
        monkeypatch.setattr(f"{module}.MOST", 4)
    monkeypatch.setattr(act_store, "CHUNK", 3)
    await post(center, *(said(f"n{n}") for n in range(6)))
    dry = await act(center, "read", filter={}, dry_run=True)
    done = await act(center, "read", filter={})
    assert [(one["touched"], one["more"]) for one in (dry, done)] == [(4, True), (4, True)]


WRONG = [
    ({"act": "read"}, "expected either ids or filter"),
    ({"act": "read", "ids": ["n"], "filter": {}}, "expected either ids or filter"),
    ({"act": "burn", "ids": ["n"]}, "/act"),
    ({"act": "read", "ids": []}, "/ids"),
    ({"act": "read", "filter": {"entity": "x"}}, "entity: expected together with topic"),
    ({"act": "read", "filter": {}, "as_of": "soon"}, "/as_of"),
]


@pytest.mark.parametrize(("body", "says"), WRONG, ids=[says for _, says in WRONG])
async def test_a_wrong_act_names_the_field(center: httpx2.AsyncClient, body: dict[str, Any], says: str) -> None:
    answer = await center.post(ACTS, params=U1, json=body)
    assert (answer.status_code, says in answer.json()["detail"]) == (422, True), answer.text


async def test_nobody_acts_on_anothers_entries_or_undoes_anothers_act(town: Town, database_url: str) -> None:
    one, two = [await town.token("inbox", recipient=name) for name in ("u1", "u2")]
    async with town.opened(database_url) as service, town.client(one) as mine, town.client(two) as other:
        await post(service, said("n"))
        async with asyncio.timeout(40):
            while (await mine.get(INBOX)).status_code != 200 or (await other.get(INBOX)).status_code != 200:
                await asyncio.sleep(0.02)
        for body in ({"act": "read", "ids": ["n"]}, {"act": "read", "filter": {"view": "all"}}):
            assert (await other.post(ACTS, json=body)).json()["touched"] == 0
        assert (await mine.post(ACTS, json={"id": "a", "act": "read", "ids": ["n"]})).json()["touched"] == 1
        assert (await other.post(f"{ACTS}/a/undo")).status_code == 404
        assert (await other.get(f"{INBOX}/n")).status_code == 404


async def test_a_click_reads_and_says_where_to_go(center: httpx2.AsyncClient) -> None:
    await post(center, said("n", url="/vm/12"), said("m"))
    opened = (await center.post(f"{INBOX}/n/open", params=U1)).json()
    assert (opened["url"], opened["entry"]["read_at"] is not None) == ("/vm/12", True)
    assert (await center.post(f"{INBOX}/m/open", params=U1)).json()["url"] is None
    answer = await center.post("/api/v1/notices", json=said("x", url="javascript:alert(1)"))
    assert answer.status_code == 422


FILTERS = [
    ({"severity": ["error", "critical"]}, ["c", "b"]), ({"topic": "vm"}, ["c", "b"]), ({"topic": "v"}, []),
    ({"topic": "vm", "entity": 'q"1'}, ["b"]), ({"q": "disk FULL"}, ["a"]), ({"q": "full disk"}, ["a"]),
    ({"q": "full calm"}, []), ({"topic": "vm", "severity": ["error"]}, ["b"]),
]  # fmt: skip


@pytest.mark.parametrize(("chosen", "expected"), FILTERS)
@pytest.mark.parametrize("window", [1, 20_000])
async def test_pages_find_the_same_however_little_one_request_looks_at(
    center: httpx2.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    chosen: dict[str, Any],
    expected: list[str],
    window: int,
) -> None:
    for module in (inbox_store, paging):
        monkeypatch.setattr(module, "WINDOW", window)
    monkeypatch.setattr("notice_center.notice_store.WINDOW", window)
    await post(
        center,
        said("a", title="Disk / is full"),
        said("b", severity="error", entity={"topic": "vm", "key": 'q"1'}),
        said("c", severity="critical", entity={"topic": "vm", "key": "2"}),
    )
    for path in (INBOX, "/api/v1/notices"):
        found, following = [], ""
        while following is not None:
            page = await get(center, path, **U1, **chosen, **({"next": following} if following else {}))
            found += [one["id"] for one in page["items"]]
            following = page["next"]
        assert found == expected, path


async def test_times_bound_pages_and_acts(center: httpx2.AsyncClient) -> None:
    for name in "abc":
        await post(center, said(name))
    times = {one["id"]: one["created_at"] for one in (await get(center, "/api/v1/notices"))["items"]}
    between = {"from": times["b"], "to": times["c"]}
    assert [one["id"] for one in (await get(center, "/api/v1/notices", **between))["items"]] == ["b"]
    assert await ids(center, **between) == ["b"]
    assert (await act(center, "read", filter=between))["touched"] == 1
    assert await ids(center, view="unread") == ["c", "a"]


async def test_operators_find_whose_inbox_has_a_notice(center: httpx2.AsyncClient) -> None:
    await post(center, said("mine"), said("yours", recipients=["u2"]))
    assert [one["id"] for one in (await get(center, "/api/v1/notices", recipient="u2"))["items"]] == ["yours"]


async def test_a_badge_does_not_count_beyond_what_anyone_needs(
    center: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_store, "COUNTED", 4)
    await post(center, *(said(f"n{n}") for n in range(4)))
    assert (await get(center, f"{INBOX}/counts", **U1))["exact"] is True
    await post(center, said("one-more"))
    assert (await get(center, f"{INBOX}/counts", **U1))["exact"] is False


async def test_every_entry_of_an_act_is_told_live(center: httpx2.AsyncClient, town: Town) -> None:
    await post(center, *(said(f"n{n}") for n in range(3)))
    await act(center, "archive", filter={})
    async with asyncio.timeout(40):
        while True:
            items = (await get(center, "/api/v1/topics/inbox"))["items"]
            if len(items) == 3 and all(one["data"]["archived_at"] for one in items):
                break
            await asyncio.sleep(0.02)
    listed = (await get(center, INBOX, view="all", **U1))["items"]
    assert {one["id"]: one for one in listed} == {one["data"]["id"]: one["data"] for one in items}

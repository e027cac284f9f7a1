"""Variants of the product that break one law each. The fault tests must complain about every one of them."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


def answer_before_commit(intake: ModuleType) -> None:
    """The notice center says "accepted" and stores afterwards."""
    import asyncio
    import json

    honest = intake.GroupCommit.add
    running: set[Any] = set()

    async def add(self: Any, items: Any) -> Any:
        task = asyncio.get_running_loop().create_task(_later(honest, self, items))
        running.add(task)
        return [intake.Result(json.loads(item)["id"], "accepted") for item in items]

    intake.GroupCommit = type("GroupCommit", (intake.GroupCommit,), {"add": add})


async def _later(honest: Any, commits: Any, items: Any) -> None:
    import asyncio

    await asyncio.sleep(0.3)
    await honest(commits, items)


def no_idempotency_key(intake: ModuleType) -> None:
    """The notice center stores whatever comes under a new id."""
    from wire.ids import new_id

    honest = intake.emissions.append
    intake.emissions.append = lambda connection, rows: honest(connection, [(new_id(), body) for _, body in rows])


def claim_without_fencing(worker: ModuleType) -> None:
    """The message sender takes the number of a message for the right to send it, for ever."""
    from types import SimpleNamespace

    from sqlalchemy import update

    table = worker.store.messages
    worker.store._held = lambda held: update(table).where(table.c.number == held.number)
    worker.time = SimpleNamespace(monotonic=lambda: 0.0)


def not_synced(engine: ModuleType) -> None:
    """The services leave it to the system when what they have stored comes to the disk."""
    _synchronous(engine, "OFF")


def synced_at_checkpoints(engine: ModuleType) -> None:
    """The log of SQLite is synced only when it is moved into the file: what many take for good enough."""
    _synchronous(engine, "NORMAL")


def _synchronous(engine: ModuleType, mode: str) -> None:
    pragmas = engine._SQLITE_PRAGMAS
    engine._SQLITE_PRAGMAS = tuple(one.replace("synchronous=FULL", f"synchronous={mode}") for one in pragmas)


def spool_not_synced(spool_file: ModuleType) -> None:
    """The same for the wrapper's spool."""
    honest = spool_file.connect

    def connect(path: Any) -> Any:
        opened = honest(path)
        opened.execute("PRAGMA synchronous = OFF")
        return opened

    spool_file.connect = connect


VARIANTS: dict[str, tuple[str, Callable[[ModuleType], None]]] = {
    "answer_before_commit": ("notice_center.intake", answer_before_commit),
    "no_idempotency_key": ("notice_center.intake", no_idempotency_key),
    "claim_without_fencing": ("msg_sender.worker", claim_without_fencing),
    "not_synced": ("service_kit.engine", not_synced),
    "synced_at_checkpoints": ("service_kit.engine", synced_at_checkpoints),
    "spool_not_synced": ("alertwrap.spool.file", spool_not_synced),
}


def install(name: str) -> None:
    """Break the module as soon as it has been imported."""
    module, change = VARIANTS[name]
    sys.meta_path.insert(0, _Breaker(module, change))


class _Breaker(importlib.abc.MetaPathFinder):
    def __init__(self, module: str, change: Callable[[ModuleType], None]) -> None:
        self._module = module
        self._change = change

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name != self._module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        assert spec is not None
        assert spec.loader is not None
        load = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            self._change(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec

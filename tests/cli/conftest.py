"""A system for commands to talk to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.story.system import BOOTSTRAP, System, one_process


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A running `alertwrap up`."""
    with asyncio.Runner() as runner:
        process = one_process(tmp_path_factory.mktemp("cli"), {})
        yield runner.run(process.__aenter__())
        runner.run(process.__aexit__(None, None, None))


@pytest.fixture
def us(system: System) -> dict[str, str]:
    """The environment of someone who may do everything."""
    return {"ALERTWRAP_SERVER": system.url, "ALERTWRAP_TOKEN": BOOTSTRAP}

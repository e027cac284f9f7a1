"""A service as a process: it says where it listens, drains on SIGTERM, and says what is wrong with its settings."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import asyncio, os
from contextlib import asynccontextmanager
from pydantic import BaseModel, ConfigDict
from service_kit.process import service_command

class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    size: int = 1

class Settings(BaseModel):
    thing: Thing = Thing()

async def app(scope, receive, send):
    if scope["path"] == "/slow":
        await asyncio.sleep(0.5)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"answered"})

async def dies():
    raise RuntimeError("a loop died")

@asynccontextmanager
async def open_app(settings, common, peers, tasks):
    if os.environ.get("DIES"):
        tasks.start("loop", dies())
    yield app
    print("closed", flush=True)

service_command("thing", "A thing.", Settings, open_app)()
"""


async def start(
    *arguments: str, program: tuple[str, ...] = ("-c", PROGRAM), **environ: str
) -> asyncio.subprocess.Process:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ALERTWRAP_")}
    return await asyncio.create_subprocess_exec(
        sys.executable, *program, *arguments, cwd=ROOT, env={**clean, "ALERTWRAP_TOKEN": "t" * 16, **environ},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str, str]:
    async with asyncio.timeout(40):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def address(process: Any) -> str:
    async with asyncio.timeout(40):
        line = (await process.stderr.readline()).decode()
    assert line.startswith("thing listens on http://127.0.0.1:"), line
    return line.split()[-1]


async def test_it_prints_where_it_listens_and_drains_on_sigterm() -> None:
    process = await start("serve", "--port", "0")
    url = await address(process)
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=40) as http:
        assert (await http.get("/")).text == "answered"
        slow = asyncio.create_task(http.get("/slow"))
        await asyncio.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert (await slow).text == "answered", "a request in flight is answered before the process ends"
    assert await ended(process) == (0, "closed\n", "")


async def test_wrong_settings_exit_with_78_and_name_every_mistake_of_every_section(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[thing]\ncolour = 1\n")
    environ = {"ALERTWRAP_HTTP__PORT": "many", "ALERTWRAP_THING__SIZE": "hunter2"}
    code, _, err = await ended(await start("serve", "--config", str(file), **environ))
    assert code == 78
    for name in ("ALERTWRAP_HTTP__PORT", "ALERTWRAP_THING__SIZE", "[thing] colour"):
        assert name in err
    assert "hunter2" not in err
    assert "Traceback" not in err


async def test_a_missing_token_and_a_missing_file_are_wrong_settings() -> None:
    process = await start("serve", ALERTWRAP_TOKEN_FILE="/nowhere")
    code, _, err = await ended(process)
    assert (code, "ALERTWRAP_TOKEN_FILE" in err) == (78, True)
    code, _, err = await ended(await start("serve", "--config", "/nowhere.toml"))
    assert (code, "/nowhere.toml" in err) == (78, True)


async def test_a_taken_port_is_said_without_a_traceback() -> None:
    first = await start("serve", "--port", "0")
    port = (await address(first)).rsplit(":", 1)[1]
    code, _, err = await ended(await start("serve", "--port", port))
    assert code == 1
    assert "in use" in err
    assert "Traceback" not in err
    first.send_signal(signal.SIGINT)
    assert (await ended(first))[0] == 0


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "expected a URL"),
        ("mysql://h/d", "expected a URL"),
        ("sqlite://", "expected a file"),
        ("postgresql://ann:hunter2@127.0.0.1:1/none", "127.0.0.1"),
        ("sqlite:///DIRECTORY/no-database.db", "not a database"),
    ],
)
async def test_a_database_that_cannot_be_opened_is_said_in_a_line(tmp_path: Path, url: str, said: str) -> None:
    (tmp_path / "no-database.db").write_bytes(b"hunter2, but no database" * 100)
    environ = {"ALERTWRAP_CONFIGURATOR__DATABASE": url.replace("DIRECTORY", str(tmp_path))}
    code, _, err = await ended(await start("serve", "--port", "0", program=("-m", "configurator"), **environ))
    assert (code, said in err) == (1, True), err
    assert "hunter2" not in err
    assert "Traceback" not in err


async def test_a_loop_that_dies_ends_the_process_with_70() -> None:
    code, out, err = await ended(await start("serve", "--port", "0", DIES="1"))
    assert (code, out) == (70, "closed\n")
    assert "a loop died" in err


@pytest.mark.parametrize("package", ["wire", "service_kit", "configurator"])
async def test_importing_a_package_opens_nothing(package: str) -> None:
    program = f"""
import sys, pkgutil, importlib
opened = []
sys.addaudithook(lambda name, args: opened.append((name, args)) if name in ("socket.connect", "socket.bind",
    "sqlite3.connect", "subprocess.Popen") or (name == "open" and "w" in str(args[1])) else None)
package = importlib.import_module("{package}")
for module in pkgutil.walk_packages(package.__path__, "{package}."):
    if "migrations" not in module.name and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(opened)
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-B", "-c", program, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert (process.returncode, out.decode().strip()) == (0, "[]")

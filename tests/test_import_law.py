"""The house's rules about who may import whom, and about how small the shared base stays."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SERVICES = ("notifier", "configurator", "notice_center", "msg_sender")
PACKAGES = (*SERVICES, "alertwrap", "wire", "service_kit")
SHARED = {"wire", "service_kit"}
#: The doors through which a service may be imported, and along which arrows of the flow.
DOORS = {"client", "sync_client", "frames"}
ARROWS = {
    "notifier": set(),
    "configurator": {"notifier"},
    "notice_center": {"notifier", "msg_sender"},
    "msg_sender": {"notifier"},
    "alertwrap": {"notifier", "notice_center"},
}
#: The one place that imports every app.
COMPOSITION_ROOT = "alertwrap/up/services.py"

#: The shared base may grow only by a visible decision: change these lists in the same commit, and say why.
SERVICE_KIT_FILES = {
    "__init__", "addresses", "app", "auth", "batch", "bulk", "commit", "database", "egress", "engine", "faults",
    "guard", "issuer", "logs", "metrics", "migrations", "openapi", "origins", "outbox", "peer", "pictures", "problems",
    "process", "secrets", "serve", "settings", "system", "tasks", "times",
}  # fmt: skip
WIRE_FILES = {
    "__init__", "config", "durations", "event", "ids", "json_text", "message", "notice", "recipient", "refusal",
    "schema", "times",
}  # fmt: skip
SERVICE_KIT_LINES = 3_800
WIRE_LINES = 720


def modules(package: str) -> list[Path]:
    return sorted(path for path in (ROOT / package).rglob("*.py") if "examples" not in path.parts)


def imports(path: Path) -> set[str]:
    """The dotted names that a file imports, at any depth of its code."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names if node.module in PACKAGES}
    return found


def breaches(package: str) -> list[str]:
    found = []
    for path in modules(package):
        place = path.relative_to(ROOT).as_posix()
        for name in imports(path):
            target, _, rest = name.partition(".")
            if target not in PACKAGES or target == package or target in SHARED or place == COMPOSITION_ROOT:
                continue
            door = rest.partition(".")[0]
            if target not in ARROWS.get(package, set()) or (rest and door not in DOORS):
                found.append(f"{place} imports {name}")
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_the_law_allows(package: str) -> None:
    assert breaches(package) == []


def test_wire_imports_nothing_but_pydantic_and_the_standard_library() -> None:
    allowed = {"pydantic", "typing_extensions", "wire", *sys.stdlib_module_names}  # pydantic brings the second
    for path in modules("wire"):
        assert {name.partition(".")[0] for name in imports(path)} <= allowed, path


def test_only_the_egress_client_and_the_peers_open_outgoing_connections() -> None:
    clients = {"httpx2", "httpcore2", "requests", "urllib.request", "http.client", "aiohttp", "websockets", "websocket"}
    doors = {
        "service_kit/egress.py",  # to the outside
        "service_kit/peer.py",  # to the other services
        "service_kit/serve.py",  # the server's side of a websocket
        "notifier/client.py", "notifier/sync_client.py", "msg_sender/client.py", "configurator/client.py",
        "alertwrap/delivery/post.py", "alertwrap/cli/api.py", "alertwrap/up/services.py",
        "alertwrap/up/first_start.py",
        "alertwrap/status/control_client.py",  # to the wrappers of this machine, by their sockets
    }  # fmt: skip
    for package in PACKAGES:
        for path in modules(package):
            place = path.relative_to(ROOT).as_posix()
            used = {name for name in imports(path) if name in clients or name.partition(".")[0] in clients}
            assert not used or place in doors, f"{place} imports {used}"


@pytest.mark.parametrize(
    ("package", "files", "lines"),
    [("service_kit", SERVICE_KIT_FILES, SERVICE_KIT_LINES), ("wire", WIRE_FILES, WIRE_LINES)],
)
def test_the_shared_base_stays_small(package: str, files: set[str], lines: int) -> None:
    paths = modules(package)
    assert {path.stem for path in paths} == files
    assert sum(len(path.read_text("utf-8").splitlines()) for path in paths) <= lines


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_package_opens_nothing_and_reads_nothing(package: str) -> None:
    """A fresh interpreter imports every module and must touch no file but code, no socket and no environment."""
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in modules(package)]
    names = [name.removesuffix(".__init__") for name in names if "migrations" not in name and "__main__" not in name]
    program = f"""
import sys, importlib
touched = []
def hook(event, args):
    if event == "open":
        path, mode, flags = args
        if isinstance(path, (str, bytes)) and mode and any(letter in mode for letter in "wax+"):
            touched.append((event, path))
    elif event in ("socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen", "os.mkdir"):
        touched.append((event, str(args)))
for name in {names!r}:
    importlib.import_module(name)
for name in [name for name in sys.modules if name.partition(".")[0] in {PACKAGES!r}]:
    del sys.modules[name]
sys.dont_write_bytecode = True
sys.addaudithook(hook)
for name in {names!r}:
    importlib.import_module(name)
assert not touched, touched
"""
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr


def test_the_wrapper_starts_without_the_servers_libraries() -> None:
    program = """
import sys
import alertwrap.cli, alertwrap.cli.run, alertwrap.wrapper
heavy = {"fastapi", "starlette", "sqlalchemy", "alembic", "httpx2", "websockets", "structlog", "prometheus_client"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr

"""The examples in more languages: short, sound, within the contract; and each says what it is there for."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import shutil
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from alertwrap.cli import main
from alertwrap.kit.session import Session, Stage, session
from alertwrap.kit.subject import Entity, load
from alertwrap.manifest import metric_schema, read_manifest
from tests.alertwrap.conftest import ROOT
from tests.conftest import missing

MORE = ROOT / "examples" / "alerts" / "more"
ALL = sorted([*MORE.glob("*.toml"), *MORE.parent.glob("*.toml")])
NEEDS = {".go": "go", ".rs": "rustc", ".java": "javac", ".c": "cc", ".pl": "perl", ".rb": "ruby", ".php": "php",
         ".js": "node", ".py": "python3", ".sh": "sh"}  # fmt: skip
#: A word of the contract that an example must be able to say; the others are told what makes them speak.
SPEAKS = {file.stem for file in ALL} - {"slow-query", "machine-state"}


def source_of(file: Path) -> Path:
    return next(found for suffix in NEEDS if (found := file.with_suffix(suffix)).exists())


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """The example's TOML in a place of its own, with its program built by the line that its file names."""
    place = tmp_path_factory.mktemp("more")

    def build(file: Path) -> Path:
        tool = NEEDS[source_of(file).suffix]
        if not shutil.which(tool):
            missing(f"{tool}, for examples/alerts/{file.name}")
        own = place / file.stem
        if not own.exists():
            shutil.copytree(file.parent, own, ignore=lambda _, names: [n for n in names if not n.startswith(file.stem)])
            lines = file.read_text().splitlines()
            for words in (line.removeprefix("# Build: ").split() for line in lines if line.startswith("# Build: ")):
                environ = {**os.environ, "GOCACHE": str(place / "go"), "GOFLAGS": "-mod=mod"}
                subprocess.run(words, cwd=own, check=True, env=environ)
        return own / file.name

    return build


@pytest.mark.parametrize("file", ALL, ids=[file.stem for file in ALL])
def test_an_example_is_short_and_its_config_is_described(file: Path) -> None:
    manifest = read_manifest(file)
    assert len(source_of(file).read_text().splitlines()) <= 40
    assert file.read_text().startswith("# ")
    schema = metric_schema(manifest)
    assert schema is not None
    jsonschema.Draft202012Validator.check_schema(schema)
    for name, field in schema["properties"].items():
        assert {"title", "default"} <= field.keys(), name
        jsonschema.validate(field["default"], field)


def test_there_are_ten_languages() -> None:
    assert len({source_of(file).suffix for file in ALL} | {"bash", "sh"} - {".sh"}) >= 10


@pytest.mark.parametrize("file", ALL, ids=[file.stem for file in ALL])
def test_an_example_keeps_the_contract(file: Path, built: Callable[[Path], Path]) -> None:
    words = ["check", str(built(file)), "--format", "json", "--load", "1", "--patience", "4"]
    result = CliRunner().invoke(main, words)
    rows = {row["code"]: row["verdict"] for row in json.loads(result.output)["rows"]}
    assert result.exit_code == 0, result.output
    assert rows["C04"] == rows["C07"] == "pass"
    if file.stem in SPEAKS:
        assert rows["C01"] == rows["C09"] == rows["C23"] == "pass", result.output


@contextlib.contextmanager
def running(file: Path, metric: dict[str, Any], **stage: Any) -> Iterator[Session]:
    """The example with this config; its clock ticks fast."""
    subject = load(file)
    tick = subject.manifest.tick and timedelta(seconds=0.2)
    config = {"id": "c1", "enabled": True, "revision": 1, "metric": metric}
    with session(subject.with_manifest(tick=tick), Stage(**stage)) as run:
        run.notifier.configure([config])
        yield run


def said(run: Session, title: str, status: str = "firing") -> bool:
    def found() -> bool:
        return any(title in n["title"] and n.get("status", "firing") == status for n in run.arrived())

    return run.wait(found, 10)


@contextlib.contextmanager
def serving(handler: type[socketserver.BaseRequestHandler], context: ssl.SSLContext | None = None) -> Iterator[int]:
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that only wanted to see the certificate hangs up."""

    with Server(("127.0.0.1", 0), handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_certificate_says_when_one_ends_soon(built: Callable[[Path], Path], tmp_path: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, now, now + timedelta(days=5, hours=1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    kind = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "pem").write_bytes(certificate + key.private_bytes(*kind))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem")
    with serving(socketserver.BaseRequestHandler, context) as port:
        host = f"127.0.0.1:{port}"
        with running(built(MORE / "certificate.toml"), {"host": host, "days": 14}) as run:
            assert said(run, f"The certificate of {host} ends in 5 days")
            run.notifier.configure([{"id": "c1", "metric": {"host": host, "days": 3}, "enabled": True, "revision": 2}])
            assert said(run, "ends in 5 days", "resolved")


def test_web_page_says_what_is_wrong_with_it_and_when_it_works_again(built: Callable[[Path], Path]) -> None:
    answers = [(500, b"oops"), (200, b"empty"), (200, b"welcome")]

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers[0]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None: ...

    with serving(Page) as port:
        metric = {"url": f"http://127.0.0.1:{port}/", "text": "welcome"}
        with running(built(MORE / "web-page.toml"), metric) as run:
            assert said(run, "answers with 500")
            del answers[:2]
            assert said(run, "works", "resolved")


def test_queue_says_how_many_jobs_wait(built: Callable[[Path], Path]) -> None:
    length = [7]

    class Redis(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            command = [self.rfile.readline().strip() for _ in range(5)]
            assert command == [b"*2", b"$4", b"LLEN", b"$4", b"jobs"]
            self.wfile.write(b":%d\r\n" % length[0])

    file, metric = built(MORE / "queue.toml"), {"queue": "jobs", "max": 5}
    with serving(Redis) as port, running(file, {**metric, "port": port}) as run:
        assert said(run, "7 jobs wait in jobs (5 are allowed)")
        length[0] = 2
        assert said(run, "2 jobs wait", "resolved")


def test_failed_jobs_goes_on_where_it_was(built: Callable[[Path], Path], tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text((MORE / "failed-jobs.example.log").read_text())
    file, metric = built(MORE / "failed-jobs.toml"), {"path": str(log)}
    with running(file, metric, data=tmp_path / "data") as run:
        assert said(run, "backup.service has failed: exit-code")
        assert said(run, "mirror.service has failed: timeout")
        assert said(run, "root has failed")
        assert run.wait(lambda: any(line.get("type") == "state" for line in run.out()), 5)
    with log.open("a") as more:
        more.write("Nov 21 02:00:00 db1 systemd[1]: late.service: Failed with result 'signal'.\n")
    with running(file, metric, data=tmp_path / "data") as run:
        assert said(run, "late.service has failed: signal")
        assert len(run.arrived()) == 1


def test_file_age_says_when_a_file_is_old_and_when_it_is_fresh(built: Callable[[Path], Path], tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    with running(built(MORE / "file-age.toml"), {"path": str(backup), "hours": 1}) as run:
        assert said(run, "is not there")
        backup.touch()
        assert said(run, "is fresh", "resolved")
        os.utime(backup, (0, 0))
        assert said(run, "is older than it should be")


def test_balance_follows_its_entities(built: Callable[[Path], Path]) -> None:
    with running(built(MORE / "balance.toml"), {"min": 10}) as run:
        assert said(run, "Balance of ann is 3.50, the limit 10.00")
        run.notifier.put(Entity("account", "ann", {"name": "Ann", "balance": 11}))
        assert said(run, "Balance of ann is 11.00", "resolved")
        run.notifier.put(Entity("account", "acme", None))
        assert said(run, "Balance of acme", "resolved")
        assert not any(notice["key"] == "balance:bob" for notice in run.arrived())


def test_unfinished_follows_its_tasks(built: Callable[[Path], Path]) -> None:
    with running(built(MORE / "unfinished.toml"), {"minutes": 60}) as run:
        assert said(run, "Task import-17 still runs")
        run.notifier.put(Entity("task", "import-17", {"status": "done", "started": "2026-01-05T03:00:00Z"}))
        assert said(run, "Task import-17 is done", "resolved")
        assert not any("import-18" in notice["title"] for notice in run.arrived())


def test_slow_query_names_the_query(built: Callable[[Path], Path], postgres_url: str) -> None:
    import psycopg

    if not shutil.which("psql"):
        missing("psql, for examples/alerts/more/slow-query.toml")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        info = connection.info
        environ = {"PGHOST": info.host, "PGPORT": str(info.port), "PGUSER": info.user, "PGDATABASE": info.dbname}
        slow = threading.Thread(target=connection.execute, args=('SELECT pg_sleep(4) AS "tired \'x"',))
        slow.start()
        with running(built(MORE / "slow-query.toml"), {"seconds": 1}, environ=environ) as run:
            assert said(run, "s for a query")
            assert any("pg_sleep(4)" in notice["message"] for notice in run.arrived())
            assert said(run, "The query has ended", "resolved")
        slow.join()

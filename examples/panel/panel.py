#!/usr/bin/env python3
"""A small panel of virtual machines. Its page is kept live by alertwrap, and has alertwrap's bell in it.

    panel.py --server http://127.0.0.1:8000 --token-file events.token --key-file jwt.key

Needs nothing but Python. What a panel of yours has to do is in three places: `Publisher.publish` tells of a change,
`person_token` says who looks at the page, and `static/index.html` holds the elements.
"""

import argparse
import base64
import hashlib
import hmac
import json
import string
import sys
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

from machines import Machines, Refused, Unknown
from publisher import Publisher

STATIC = Path(__file__).parent / "static"
KINDS = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
#: Short: the page asks for another one when it needs it.
TOKEN_SECONDS = 300
MAX_BODY = 10_000


def person_token(person: str, key: bytes) -> str:
    """A JWT that says to alertwrap who this is. A real panel takes `person` from its session."""
    now = int(time.time())
    claims = {"iss": "panel", "aud": "alertwrap", "sub": person, "iat": now, "exp": now + TOKEN_SECONDS}
    signed = ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{signed}.{_base64(hmac.digest(key, signed.encode(), hashlib.sha256))}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def policy(server: str) -> str:
    """What the page may load and reach: its own files, and alertwrap."""
    socket = "ws" + server.removeprefix("http")
    return (
        f"default-src 'none'; script-src 'self' {server}; style-src 'self'; img-src 'self'; "
        f"connect-src 'self' {server} {socket}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types lit-html"
    )


class Panel(ThreadingHTTPServer):
    """The server and what its requests need."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], server: str, person: str, key: bytes) -> None:
        super().__init__(address, Request)
        self.alertwrap = server
        self.person = person
        self.key = key
        self.machines: Machines


class Request(BaseHTTPRequestHandler):
    """One request of a browser."""

    protocol_version = "HTTP/1.1"
    server: Panel

    def do_GET(self) -> None:
        if self.path == "/api/notice-token":
            self._json(HTTPStatus.OK, {"token": person_token(self.server.person, self.server.key)})
        else:
            self._file("index.html" if self.path == "/" else self.path.lstrip("/"))

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("content-length") or 0), MAX_BODY))
        if self.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            self._json(HTTPStatus.FORBIDDEN, {"detail": "not from another site"})
            return
        try:
            self._json(HTTPStatus.OK, self._act([unquote(part) for part in self.path.strip("/").split("/")], body))
        except Unknown as error:
            self._json(HTTPStatus.NOT_FOUND, {"detail": str(error)})
        except (Refused, ValueError) as error:
            self._json(HTTPStatus.CONFLICT, {"detail": str(error)})

    def _act(self, path: list[str], body: bytes) -> dict | None:
        machines = self.server.machines
        match path:
            case ["api", "machines"]:
                value = json.loads(body or b"{}")
                return machines.create(str(value.get("name", "")) if isinstance(value, dict) else "")
            case ["api", "machines", key, "start" | "stop" | "crash" | "delete" as verb]:
                return getattr(machines, verb)(key)
            case _:
                raise Unknown("no such path")

    def _file(self, name: str) -> None:
        file = STATIC / name
        if file.parent != STATIC or not file.is_file():
            self._json(HTTPStatus.NOT_FOUND, {"detail": "no such file"})
            return
        content = file.read_bytes()
        if file.suffix == ".html":
            content = string.Template(content.decode()).substitute(alertwrap=self.server.alertwrap).encode()
        self._answer(HTTPStatus.OK, KINDS[file.suffix], content)

    def _json(self, status: HTTPStatus, value: object) -> None:
        self._answer(status, "application/json", json.dumps(value).encode())

    def _answer(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind, "Content-Length": str(len(content)), "Cache-Control": "no-store",
            "Content-Security-Policy": policy(self.server.alertwrap), "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }  # fmt: skip
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: only what fails is worth a line, and that is said elsewhere."""


def main() -> None:
    parser = argparse.ArgumentParser(description="A small panel of virtual machines, kept live by alertwrap.")
    parser.add_argument("--server", default="http://127.0.0.1:8000", help="where alertwrap is, as browsers see it")
    parser.add_argument("--token-file", type=Path, required=True, help="a token with the scope events:write")
    parser.add_argument("--key-file", type=Path, required=True, help="the key that alertwrap checks our JWTs with")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--data", type=Path, default=Path("machines.json"), help="the file of the machines")
    parser.add_argument("--person", default="admin", help="the recipient who is signed in")
    given = parser.parse_args()
    server = given.server.rstrip("/")
    panel = Panel(("127.0.0.1", given.port), server, given.person, given.key_file.read_bytes().strip())
    page = f"http://127.0.0.1:{panel.server_port}"
    publisher = Publisher(server, given.token_file.read_text().strip())
    panel.machines = Machines(given.data, page, lambda action, key, data: publisher.publish("vm", key, action, data))
    print(f"panel is ready: {page}", flush=True)
    try:
        panel.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()

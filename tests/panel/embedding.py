"""Somebody else's page with our elements in it, and the cable between it and the server, which can be cut."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt

from notice_center.panel import STATIC
from tests.conftest import missing

BUNDLE = STATIC / "elements" / "v1" / "notice-elements.js"
KEY = "a secret of the panel and the server, of 32 bytes or more"


class Host(ThreadingHTTPServer):
    """A site of its own origin, with the strictest policy that the elements need. `page(…)` adds a page."""

    daemon_threads = True

    def __init__(self, server: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.server = server
        self.files: dict[str, tuple[str, str]] = {}
        #: What `/token` answers; None: nobody is signed in.
        self.person: str | None = "admin"
        self.token_seconds = 300.0
        self.tokens_given = 0
        #: Whether several copies of the bundle, or of Lit, are expected.
        self.duplicates = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def page(self, name: str, body: str, script: str = "", style: str = "") -> str:
        """The address of a page with this body, module and sheet."""
        self.files[f"/{name}.js"] = ("text/javascript", script)
        self.files[f"/{name}.css"] = ("text/css", style)
        html = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}</title>
          <meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
          <link rel="icon" href="data:,"><link rel="stylesheet" href="/{name}.css">
          <script type="module" src="{self.server}/elements/v1/notice-elements.js"></script>
          <script type="module" src="/{name}.js"></script></head>
          <body><main><h1>{name}</h1>{body}</main></body></html>"""
        self.files[f"/{name}"] = ("text/html; charset=utf-8", html)
        return f"{self.url}/{name}"

    def close(self) -> None:
        self.shutdown()
        self.server_close()

    @property
    def policy(self) -> str:
        socket_url = "ws" + self.server.removeprefix("http")
        return (
            f"default-src 'none'; script-src 'self' {self.server}; style-src 'self'; img-src 'self' data:; "
            f"connect-src 'self' {self.server} {socket_url}; base-uri 'none'; "
            "require-trusted-types-for 'script'; trusted-types lit-html" + " 'allow-duplicates'" * self.duplicates
        )

    def token(self) -> str | None:
        """The customer's JWT for whoever is signed in."""
        if self.person is None:
            return None
        self.tokens_given += 1
        now = time.time()
        claims = {"iss": "panel", "aud": "alertwrap", "sub": self.person, "iat": now, "exp": now + self.token_seconds}
        return jwt.encode(claims, KEY, "HS256")


def require_bundle() -> None:
    """The server reads it when it starts."""
    if not BUNDLE.exists():
        missing("the built elements (make ui)")


def settings_for(*origins: str) -> dict[str, str]:
    """What a server must know of its hosts."""
    return {
        "ALERTWRAP_HTTP__ORIGINS": json.dumps(origins),
        "ALERTWRAP_JWT__ISSUER": "panel",
        "ALERTWRAP_JWT__AUDIENCE": "alertwrap",
        "ALERTWRAP_JWT__ALGORITHMS": '["HS256"]',
        "ALERTWRAP_JWT__KEY": KEY,
    }


class _Request(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/token":
            token = self.server.token()
            kind, body = "application/json", json.dumps({"token": token}) if token else ""
        else:
            kind, body = self.server.files.get(path, ("text/plain", ""))
        status = 200 if path in self.server.files or body else 401 if path == "/token" else 404
        content = body.encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": kind, "Content-Length": str(len(content)), "Content-Security-Policy": self.server.policy,
        }.items():  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


class Cable:
    """Carries bytes to `port`, until it is cut, and again when it is mended; without `websockets` plain HTTP only."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._sound = True
        self.websockets = True
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._sound = False
        for pair in tuple(self._pairs):
            self._drop(pair)

    def mend(self) -> None:
        self._sound = True

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._sound:
                    near.close()
                    continue
                pair = (near, socket.create_connection(("127.0.0.1", self._port)))
                self._pairs.add(pair)
                for source, target in (pair, pair[::-1]):
                    threading.Thread(target=self._carry, args=(pair, source, target), daemon=True).start()

    def _carry(self, pair: tuple[socket.socket, socket.socket], source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not self.websockets and b"upgrade: websocket" in data.lower():
                    source.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                    break
                target.sendall(data)
        self._drop(pair)

    def _drop(self, pair: tuple[socket.socket, socket.socket]) -> None:
        self._pairs.discard(pair)
        for one in pair:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

"""The panel: files that the build of `ui/` left in `static/`, served from memory beside the API.

Names under `assets/` hold a hash of their content and never change. Every other path that a browser opens is a page of
the console, which reads the address itself.
"""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Depends, Request, Response

from service_kit.auth import public
from service_kit.problems import NotFound

STATIC = Path(__file__).parent / "static"
#: Nothing from elsewhere, nothing inline, no text that becomes markup (W3C Content Security Policy 3, Trusted Types).
POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'",
        "connect-src 'self'", "worker-src 'self'", "manifest-src 'self'", "base-uri 'none'", "form-action 'self'",
        "frame-ancestors 'none'", "object-src 'none'", "require-trusted-types-for 'script'", "trusted-types lit-html",
    )
)  # fmt: skip
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_EACH_TIME = "no-cache"
#: A page of another origin may load these: they hold nothing of anybody.
_EMBEDDABLE = "elements/"
_NOT_BUILT = "The panel is not built: run `make ui`, or install a released wheel."


@dataclass(frozen=True)
class File:
    """One file, ready to be sent."""

    body: bytes
    headers: dict[str, str]

    @cached_property
    def zipped(self) -> bytes | None:
        """Its gzip form, None where that saves nothing. Made when first asked for: a start need not wait for it."""
        zipped = gzip.compress(self.body, 9, mtime=0)
        return zipped if len(zipped) < len(self.body) * 0.9 else None


class Panel:
    """All files by their path, read once."""

    def __init__(self, directory: Path = STATIC) -> None:
        found = [path for path in sorted(directory.rglob("*")) if path.is_file()] if directory.is_dir() else []
        self._files = {path.relative_to(directory).as_posix(): _load(directory, path) for path in found}

    def find(self, path: str, wants_page: bool) -> File:
        """The file at `path`, or the page when a browser asks for one. Raises NotFound."""
        file = self._files.get(path)
        if file is None and wants_page:
            file = self._files.get("index.html")
            if file is None:
                raise NotFound(_NOT_BUILT, code="panel-not-built")
        if file is None:
            raise NotFound("no such path: {path}", code="no-path", path=f"/{path}")
        return file


def panel_router(panel: Panel) -> APIRouter:
    """Must come last: it takes every path that nobody else took."""
    routes = APIRouter()

    @routes.api_route("/{path:path}", methods=["GET", "HEAD"], dependencies=[Depends(public)], include_in_schema=False)
    async def page(path: str, request: Request) -> Response:
        return _answer(panel.find(path, _wants_page(path, request)), request)

    return routes


def _wants_page(path: str, request: Request) -> bool:
    asks = "text/html" in request.headers.get("accept", "")
    return not path or (asks and not path.startswith(("api/", "assets/")))


def _load(directory: Path, path: Path) -> File:
    name, body = path.relative_to(directory).as_posix(), path.read_bytes()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {
        "content-type": f"{kind}; charset=utf-8" if kind.startswith("text/") or kind.endswith("json") else kind,
        "cache-control": _FOR_EVER if name.startswith("assets/") else _ASK_EACH_TIME,
        "etag": f'"{sha256(body).hexdigest()[:20]}"',
        "vary": "accept-encoding",
    }
    if name == "index.html":
        headers["content-security-policy"] = POLICY
    if name.startswith(_EMBEDDABLE):
        headers |= {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
    return File(body, headers)


def _answer(file: File, request: Request) -> Response:
    if request.headers.get("if-none-match") == file.headers["etag"]:
        return Response(status_code=304, headers=file.headers)
    if "gzip" in request.headers.get("accept-encoding", "") and file.zipped is not None:
        return Response(file.zipped, headers={**file.headers, "content-encoding": "gzip"})
    return Response(file.body, headers=file.headers)

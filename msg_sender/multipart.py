"""A form with one file, as browsers send it (multipart/form-data)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from msg_sender.enclosed import File

_ESCAPES = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}


def encode(fields: Mapping[str, str], field: str, file: File) -> tuple[str, bytes]:
    """The Content-Type and the body. Nobody can guess the boundary, so no file can end its part early."""
    boundary = uuid.uuid4().hex
    parts = [_part(boundary, f'name="{name}"', value.encode()) for name, value in fields.items()]
    disposition = f'name="{field}"; filename="{file.name.translate(_ESCAPES)}"\r\nContent-Type: {file.kind}'
    parts.append(_part(boundary, disposition, file.body))
    return f"multipart/form-data; boundary={boundary}", b"".join([*parts, f"--{boundary}--\r\n".encode()])


def _part(boundary: str, disposition: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n"
    return head.encode() + content + b"\r\n"

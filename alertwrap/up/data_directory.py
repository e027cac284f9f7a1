"""The data directory of `alertwrap up`: what the other commands on this machine find a running system by."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from service_kit.secrets import Secret, new_token

#: What the alerts of this machine may do: the file of their token, made at the first start.
WRAPPER_TOKEN = "wrapper.token"  # noqa: S105 - a file's name


@dataclass(frozen=True)
class DataDirectory:
    """Holds the databases, the bootstrap token (readable by its owner only) and the address of the running server."""

    path: Path

    def prepare(self) -> None:
        """Make sure it exists and is nobody else's business."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)

    def bootstrap(self) -> Secret:
        """The token that the services of this directory share; made at first use, and there as a whole or not at all:
        an empty one would be a token that everybody knows."""
        file = self.path / "token"
        draft = self.path / f".token-{os.getpid()}"
        if not file.exists():
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w") as stream:
                stream.write(new_token() + "\n")
                stream.flush()
                os.fsync(descriptor)
            with contextlib.suppress(FileExistsError):  # somebody else was faster; theirs it is
                os.link(draft, file)
            draft.unlink()
        token = file.read_text("ascii").strip()
        if not token:
            raise PermissionError(f"{file} is empty; remove it, and a new one is made")
        return Secret(token)

    def known_token(self) -> Secret | None:
        """The bootstrap token if there is one; nothing is created."""
        try:
            return Secret((self.path / "token").read_text("ascii").strip())
        except OSError:
            return None

    def announce(self, url: str) -> None:
        """Leave the server's address for the other commands."""
        (self.path / "server").write_text(url + "\n", "ascii")

    def withdraw(self) -> None:
        """The server is gone."""
        (self.path / "server").unlink(missing_ok=True)

    def server(self) -> str | None:
        """The address of the server that runs on this directory, or None."""
        try:
            return (self.path / "server").read_text("ascii").strip() or None
        except OSError:
            return None

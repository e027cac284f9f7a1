"""`alertwrap dev`: run an alert, and again whenever its program, its configs or its entities are saved."""

from __future__ import annotations

import shlex
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from alertwrap.kit.screen import Screen
from alertwrap.kit.session import TIMING, Seen, Session, Stage, session
from alertwrap.kit.subject import Entity, Subject, SubjectError
from alertwrap.manifest import ManifestError

_LOOK_SECONDS = 0.2
#: A directory that is watched for the sources of a built program: no deeper, no more files than this.
_SOURCES = 500


@dataclass(frozen=True)
class Files:
    """What is looked at while it runs. `load` reads all of it anew."""

    alert: Path
    configs: Path | None
    entities: Path | None
    load: Callable[[], Subject]
    build: str | None


class Workshop:
    """`run` until `stopped` is set; `seen` is given every line that goes by."""

    def __init__(
        self, files: Files, screen: Screen, seen: Callable[[Seen], None], data: Path, stopped: threading.Event
    ) -> None:
        self._files = files
        self._screen = screen
        self._seen = seen
        self._data = data
        self._stopped = stopped

    def run(self) -> None:
        """A mistake in a file is shown, and the next save tries again."""
        while not self._stopped.is_set():
            stamp = self._code_stamp(None)
            try:
                if not self._built():
                    raise SubjectError("the build has failed")
                subject = self._files.load()
            except (ManifestError, SubjectError) as error:
                self._screen.say(f"{error}; waiting for a save")
                self._wait_for_change(stamp)
                continue
            self._one_life(subject)

    def _one_life(self, subject: Subject) -> None:
        stage = Stage(timing=TIMING, data=self._data, on_seen=self._seen)
        with session(subject, stage) as run:
            self._screen.watch(run)
            code, world = self._code_stamp(subject), self._world_stamp()
            while not self._stopped.wait(_LOOK_SECONDS) and self._code_stamp(subject) == code:
                if self._world_stamp() != world:
                    world = self._world_stamp()
                    subject = self._tell_changes(run, subject)
            if not self._stopped.is_set():
                self._screen.say("the program was saved: starting it again")
        self._screen.watch(None)

    def _tell_changes(self, run: Session, subject: Subject) -> Subject:
        try:
            changed = self._files.load()
        except (ManifestError, SubjectError) as error:
            self._screen.say(f"{error}; going on with what was there")
            return subject
        if changed.configs != subject.configs:
            run.notifier.configure(list(changed.configs))
        for entity in changes((*subject.entities, *subject.recipients), (*changed.entities, *changed.recipients)):
            run.notifier.put(entity)
        return replace(changed, manifest=subject.manifest)

    def _built(self) -> bool:
        if self._files.build is None:
            return True
        self._screen.say(self._files.build)
        words = shlex.split(self._files.build)
        try:
            done = subprocess.run(
                words, cwd=self._files.alert.absolute().parent, capture_output=True, text=True, check=False
            )
        except OSError as error:
            raise SubjectError(f"--build: {words[0]}: {error.strerror}") from None
        for line in (done.stdout + done.stderr).splitlines():
            self._screen.say(line)
        return done.returncode == 0

    def _wait_for_change(self, stamp: Any) -> None:
        while not self._stopped.wait(_LOOK_SECONDS) and self._code_stamp(None) == stamp:
            pass

    def _code_stamp(self, subject: Subject | None) -> Any:
        """Changes when the program, its TOML file or, for a built one, a source beside it is saved."""
        manifest = subject and subject.manifest
        words = [manifest.directory / word for word in manifest.command] if manifest else []
        words += [manifest.directory / manifest.metric_schema] if manifest and manifest.metric_schema else []
        beside = self._files.alert.absolute().parent
        watched = [self._files.alert, *words]
        if self._files.build is not None or manifest is None:
            built = {manifest.program} if manifest and manifest.program else set()
            sources = sorted(file for file in beside.iterdir() if file.suffix in _SOURCE_SUFFIXES)
            watched = [self._files.alert, *(file for file in sources[:_SOURCES] if file not in built)]
        return _stamps(watched)

    def _world_stamp(self) -> Any:
        return _stamps([file for file in (self._files.configs, self._files.entities) if file is not None])


_SOURCE_SUFFIXES = frozenset({
    ".c", ".h", ".go", ".rs", ".java", ".py", ".sh", ".js", ".pl", ".rb", ".php", ".toml", ".mod", ".ts", ".cc", ".cpp",
})  # fmt: skip


def changes(before: tuple[Entity, ...], after: tuple[Entity, ...]) -> list[Entity]:
    """What has to be told so that `before` becomes `after`."""
    known = {(entity.topic, entity.key): entity for entity in before}
    now = {(entity.topic, entity.key): entity for entity in after}
    changed = [entity for name, entity in now.items() if known.get(name) != entity]
    return changed + [Entity(topic, key, None) for topic, key in known if (topic, key) not in now]


def _stamps(files: list[Path]) -> tuple[float | None, ...]:
    return tuple(_stamp(file) for file in files)


def _stamp(file: Path) -> float | None:
    try:
        return file.stat().st_mtime if file.is_file() else None
    except OSError:
        return None

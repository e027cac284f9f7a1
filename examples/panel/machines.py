"""The machines, which this panel owns: what is done to them, and how they come to be what they are wanted to be."""

import ipaddress
import json
import threading
import time
from pathlib import Path

#: How long a machine takes to get there.
SECONDS = {"installing": 3.0, "starting": 1.2, "stopping": 0.8}
BECOMES = {"installing": "running", "starting": "running", "stopping": "stopped"}
FIRST = ("web-1", "web-2", "db-1", "mail-1", "backup-1")
SYSTEMS = ("Debian 13", "Ubuntu 26.04", "AlmaLinux 10", "Rocky Linux 10")


class Unknown(Exception):
    """There is no such machine."""


class Refused(Exception):
    """What was asked cannot be done to the machine as it is."""


class Machines:
    """Every change is saved, then told to `changed(action, key, machine)`, in order."""

    def __init__(self, file: Path, page: str, changed) -> None:
        self._file = file
        self._page = page
        self._changed = changed
        self._lock = threading.RLock()
        self._all = json.loads(file.read_text()) if file.exists() else {}
        for name in () if self._all else FIRST:
            self._all[name] = self._new(name, "running")
        for key, machine in self._all.items():  # tell how things are, and finish what a restart interrupted
            self._put("updated", key, {**machine, "url": f"{page}/#{key}"})

    def create(self, name: str) -> dict:
        with self._lock:
            if not name or len(name) > 40 or not all(c.isascii() and (c.isalnum() or c == "-") for c in name):
                raise Refused("name: expected letters, digits and dashes, at most 40")
            if name in self._all:
                raise Refused(f"name: there is a machine {name} already")
            return self._put("created", name, self._new(name, "installing"))

    def start(self, key: str) -> dict:
        return self._change(key, ("stopped", "crashed"), status="starting", wanted="running")

    def stop(self, key: str) -> dict:
        return self._change(key, ("running", "crashed"), status="stopping", wanted="stopped")

    def crash(self, key: str) -> dict:
        """As the world does it: nobody wanted that."""
        return self._change(key, ("running",), status="crashed")

    def delete(self, key: str) -> None:
        with self._lock:
            self._get(key)
            del self._all[key]
            self._save()
            self._changed("deleted", key, None)

    def _change(self, key: str, possible: tuple, **values) -> dict:
        with self._lock:
            machine = self._get(key)
            if machine["status"] not in possible:
                raise Refused(f"{key} is {machine['status']}")
            return self._put("updated", key, {**machine, **values})

    def _put(self, action: str, key: str, machine: dict) -> dict:
        with self._lock:
            self._all[key] = machine
            self._save()
            self._changed(action, key, machine)
        if machine["status"] in BECOMES:
            later = threading.Timer(SECONDS[machine["status"]], self._arrive, (key, machine["status"]))
            later.daemon = True
            later.start()
        return machine

    def _arrive(self, key: str, status: str) -> None:
        with self._lock:
            machine = self._all.get(key)
            if machine is not None and machine["status"] == status:
                self._put("updated", key, {**machine, "status": BECOMES[status]})

    def _get(self, key: str) -> dict:
        if key not in self._all:
            raise Unknown(f"there is no machine {key}")
        return self._all[key]

    def _new(self, name: str, status: str) -> dict:
        number = len(self._all)
        return {
            "name": name, "status": status, "wanted": "running", "system": SYSTEMS[number % len(SYSTEMS)],
            "cpus": 2 ** (number % 4), "memory_gib": 2 ** (number % 4 + 1),
            "address": str(ipaddress.ip_address("10.0.0.11") + number), "url": f"{self._page}/#{name}",
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }  # fmt: skip

    def _save(self) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(self._all, indent=1))
        fresh.replace(self._file)

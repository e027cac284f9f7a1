#!/usr/bin/env python3
"""Publishes this machine's mounts, load and memory as entities, as the back end of a panel would publish its own.

ALERTWRAP_SERVER and ALERTWRAP_TOKEN (or ALERTWRAP_TOKEN_FILE; scope events:write) say where to. Needs only Python.
"""

import json
import os
import shutil
import socket
import sys
import time
import urllib.request
from pathlib import Path

SERVER = os.environ.get("ALERTWRAP_SERVER", "http://127.0.0.1:8000").rstrip("/")
EVERY_SECONDS = float(os.environ.get("HOST_SOURCE_EVERY", "5"))
HOST = socket.gethostname()


def token():
    file = os.environ.get("ALERTWRAP_TOKEN_FILE")
    return Path(file).read_text().strip() if file else os.environ["ALERTWRAP_TOKEN"]


def mounts():
    for line in Path("/proc/mounts").read_text().splitlines() if Path("/proc/mounts").exists() else ["- / -"]:
        source, mount = line.split()[:2]
        mount = mount.replace("\\040", " ")
        if (source.startswith("/") or mount == "/") and os.path.isdir(mount):
            usage = shutil.disk_usage(mount)
            pct = round(100 * usage.used / max(usage.total, 1), 1)
            size = {"total": usage.total, "used": usage.used, "pct": pct}
            yield f"{HOST}:{mount}", {"host": HOST, "mount": mount, **size}


def load():
    one, five, fifteen = os.getloadavg()
    return {"host": HOST, "load1": one, "load5": five, "load15": fifteen, "cpus": os.cpu_count()}


def memory():
    lines = Path("/proc/meminfo").read_text().splitlines() if Path("/proc/meminfo").exists() else []
    kib = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    return {"host": HOST, "total": kib.get("MemTotal", 0) * 1024, "available": kib.get("MemAvailable", 0) * 1024}


def publish():
    entities = [("host.mount", key, data) for key, data in mounts()]
    entities += [("host.load", HOST, load()), ("host.memory", HOST, memory())]
    body = "\n".join(json.dumps({"topic": topic, "key": key, "data": data}) for topic, key, data in entities)
    headers = {"Authorization": f"Bearer {token()}", "Content-Type": "application/x-ndjson"}
    request = urllib.request.Request(f"{SERVER}/api/v1/events", body.encode(), headers)
    urllib.request.urlopen(request, timeout=10).close()


while True:
    try:
        publish()
    except OSError as error:  # the server is down or refuses us: the next round tells the latest state anyway
        print(f"host source: {error}", file=sys.stderr, flush=True)
    time.sleep(EVERY_SECONDS)

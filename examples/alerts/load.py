#!/usr/bin/env python3
"""Load: opens a notice for a host whose 5-minute load per processor is above max_per_cpu, and closes it again.

Hosts come as entities of the topic host.load; this machine is looked at on every tick as well.
"""

import json
import os
import socket
import sys

HERE = socket.gethostname()
limit = 1.5
over = {}  # host → it was above the limit when last seen; line 1 tells what an earlier run has opened


def say(**notice):
    print(json.dumps(notice), flush=True)  # without the flush a pipe shows nothing until we end


def look(host, load, cpus):
    was, over[host] = over.get(host, False), load > limit * cpus
    if over[host] == was:
        return
    status, severity = ("firing", "warning") if over[host] else ("resolved", "success")
    entity = {"topic": "host.load", "key": host}
    title = f"Load of {host} is {load:.2f} on {cpus} processors"
    say(key=f"load:{host}", status=status, severity=severity, title=title, entity=entity)


say(key="load-now", severity="info", title=f"Load now: {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors")
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "config":
        over |= {opened["key"][5:]: True for opened in message["open"] if opened["key"].startswith("load:")}
        limit = min((config["metric"].get("max_per_cpu", 1.5) for config in message["configs"]), default=1.5)
    elif message["type"] == "entity" and "data" in message:
        look(message["key"], message["data"]["load5"], message["data"]["cpus"])
    elif message["type"] == "tick":
        look(HERE, os.getloadavg()[1], os.cpu_count())

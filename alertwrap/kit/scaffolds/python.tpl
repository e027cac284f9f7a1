#!/usr/bin/env python3
"""MY_ALERT: says so when there are more files in its directory than `max`, and when there no longer are."""

import json
import os
import sys

limit, firing = 10, False


def look():
    global firing
    files = len(os.listdir())
    if (files > limit) == firing:
        return  # nothing new
    firing = files > limit
    status, severity = ("firing", "warning") if firing else ("resolved", "success")
    notice = {"key": "MY_ALERT", "status": status, "severity": severity, "title": f"{files} files, {limit} are allowed"}
    print(json.dumps(notice), flush=True)  # without the flush a pipe shows nothing until we end


for line in sys.stdin:  # until stdin ends: then we end, too
    message = json.loads(line)
    if message["type"] == "config":
        limit = min((config["metric"].get("max", 10) for config in message["configs"]), default=10)
        firing = firing or any(opened["key"] == "MY_ALERT" for opened in message["open"])
    if message["type"] in ("config", "tick"):
        look()

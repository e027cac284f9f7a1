#!/usr/bin/env python3
"""Dies of a config that it does not understand."""

from base import lines, notice, say

for line in lines():
    if line["type"] == "config":
        limit = min(int(config["metric"]["limit"]) for config in line["configs"])
    elif line["type"] == "entity" and "data" in line and line["data"]["size"] > limit:
        say(**notice(line))

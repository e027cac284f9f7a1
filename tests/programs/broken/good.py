#!/usr/bin/env python3
"""Keeps the whole contract: reads on, has ids, a checkpoint, acks, verdicts, pongs; ends when its stdin ends."""

from base import lines, notice, say

told, seq, synced, large = set(), 0, False, {}
say(type="hello", name="good", features=["ack", "ping", "verdict"])
for line in lines():
    if line["type"] == "config":
        told |= set(line["state"] or ())
        limits = [config["metric"].get("limit", 0) for config in line["configs"]]
        if not all(isinstance(limit, int) for limit in limits):
            say(type="config_error", rev=line["rev"], errors=[{"path": "/limit", "msg": "expected a number"}])
            continue
        limit = min(limits, default=0)
        say(type="config_ok", rev=line["rev"])
    elif line["type"] == "entity" and "data" in line:
        name = f"{line['key']}-{line['data']['size']}"
        if line["data"]["size"] > limit and name not in told:
            seq += 1
            say(**notice(line), id=name, seq=seq)
            if len(told) < 1000:
                told.add(name)
                say(type="state", key=name, value=1)
    elif line["type"] == "ping":
        say(type="pong", seq=line["seq"])

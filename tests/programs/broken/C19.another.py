#!/usr/bin/env python3
"""Answers a ping, but not this one."""

from base import lines, notice, say

say(type="hello", features=["ping"])
for line in lines():
    if line["type"] == "ping":
        say(type="pong", seq=0)
    elif line["type"] == "entity" and "data" in line:
        say(**notice(line))

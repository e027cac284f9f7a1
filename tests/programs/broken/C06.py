#!/usr/bin/env python3
"""Has room for a thousand recipients."""

from base import lines, notice, say

recipients = 0
for line in lines():
    if line["type"] == "recipient":
        recipients += 1
        if recipients > 1000:
            raise IndexError("no room for another recipient")
    elif line["type"] == "entity" and "data" in line:
        say(**notice(line))

#!/usr/bin/env python3
"""Counts before all is told."""

from base import say, things

known = set()
for thing in things():
    known.add(thing["key"])
    few = len(known) < 3
    say(key="few", status="firing" if few else "resolved", title=f"There are {min(len(known), 3)} things")

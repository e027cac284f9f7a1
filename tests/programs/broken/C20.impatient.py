#!/usr/bin/env python3
"""Dies when an ack takes longer than a second."""

import os
import threading

from base import lines, notice, say

say(type="hello", features=["ack"])
seq, timers = 0, {}
for line in lines():
    if line["type"] == "ack":
        for number in [number for number in timers if number <= line["seq"]]:
            timers.pop(number).cancel()
    elif line["type"] == "entity" and "data" in line:
        seq += 1
        if len(timers) < 10:
            timers[seq] = threading.Timer(1, os._exit, [1])
            timers[seq].daemon = True
            timers[seq].start()
        say(**notice(line), seq=seq)

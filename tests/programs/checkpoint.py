#!/usr/bin/env python3
"""Counts for ever from where its saved state says: an id each, a checkpoint behind every fifth."""

import json
import sys
import time

number = (json.loads(sys.stdin.readline())["state"] or {}).get("done", 0)
while True:
    lines = [json.dumps({"id": f"c{number + step}", "title": f"count {number + step}"}) for step in range(1, 6)]
    number += 5
    lines.append(json.dumps({"type": "state", "value": {"done": number}}))
    for line in lines:
        print(line, flush=True)
    time.sleep(0.003)

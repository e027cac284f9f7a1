#!/usr/bin/env python3
"""Counts to the argument from where its saved state says, an id each, a checkpoint every ten; then waits for EOF."""

import json
import sys
import time

first = json.loads(sys.stdin.readline())
done = (first["state"] or {}).get("done", 0)
for number in range(done + 1, int(sys.argv[1]) + 1):
    print(json.dumps({"id": f"c{number}", "key": f"k{number % 3}", "title": f"count {number}"}), flush=True)
    if number % 10 == 0:
        print(json.dumps({"type": "state", "key": "done", "value": number}), flush=True)
    time.sleep(0.01)  # so that the wrapper sees many small batches
sys.stdin.read()

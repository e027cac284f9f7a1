#!/usr/bin/env python3
"""Counts to the first argument from where its saved state says, an id each, a checkpoint every ten; then waits for EOF.

With a second argument it goes on until that file is there.
"""

import itertools
import json
import os
import sys
import time

first = json.loads(sys.stdin.readline())
done = (first["state"] or {}).get("done", 0)
for number in itertools.count(done + 1):
    if number > int(sys.argv[1]) and all(map(os.path.exists, sys.argv[2:])):
        break
    print(json.dumps({"id": f"c{number}", "key": f"k{number % 3}", "title": f"count {number}"}), flush=True)
    if number % 10 == 0:
        print(json.dumps({"type": "state", "key": "done", "value": number}), flush=True)
    time.sleep(0.01)  # so that the wrapper sees many small batches
sys.stdin.read()

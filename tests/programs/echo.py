#!/usr/bin/env python3
"""Says everything that it is told: one notice a line, the line as its message. Ends when its stdin ends."""

import json
import sys

for number, line in enumerate(sys.stdin):
    print(json.dumps({"title": json.loads(line)["type"], "message": line.strip(), "data": {"n": number}}), flush=True)

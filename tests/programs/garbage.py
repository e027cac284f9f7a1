#!/usr/bin/env python3
"""Random bytes, a fixed seed; then one good notice."""

import random
import sys

chance = random.Random(7)
for _ in range(200):
    sys.stdout.buffer.write(chance.randbytes(chance.randrange(1, 3000)))
sys.stdout.buffer.write(b'\n{"title":"after the garbage"}\n')
sys.stdout.buffer.flush()
sys.stdin.read()

#!/usr/bin/env python3
"""One line of as many MB as the argument says, then a good notice."""

import sys

block = b"x" * 1_000_000
sys.stdout.buffer.write(b'{"title":"')
for _ in range(int(sys.argv[1])):
    sys.stdout.buffer.write(block)
sys.stdout.buffer.write(b'"}\n{"title":"after the long line"}\n')
sys.stdout.buffer.flush()
sys.stdin.read()

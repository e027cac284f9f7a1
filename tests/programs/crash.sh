#!/usr/bin/env bash
# Dies at once, with a last word on stderr.
echo "the last word" >&2
exit 3

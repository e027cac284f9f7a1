#!/usr/bin/env bash
# Never reads, never speaks after the first line, sleeps for ever: EOF does not end it.
echo '{"title":"hanging"}'
while :; do sleep 0.2; done

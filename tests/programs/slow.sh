#!/usr/bin/env bash
# A notice every 50 ms, until its stdin ends.
number=0
while :; do
  number=$((number + 1))
  echo "{\"title\":\"tick $number\",\"id\":\"$ALERT_RUN_ID-$number\"}"
  IFS= read -r -t 0.05 _ || (($? > 128)) || exit 0
done

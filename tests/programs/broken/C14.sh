#!/usr/bin/env bash
# Takes line 1 with head, which swallows what comes behind it.
config=$(head -n1)
while IFS= read -r line; do
  [[ $line =~ \"type\":\"entity\".*\"key\":\"([a-z]+) ]] && echo "{\"key\":\"${BASH_REMATCH[1]}\",\"title\":\"thing\"}"
done
exit $((${#config} == 0))

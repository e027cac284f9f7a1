#!/usr/bin/env bash
# MY_ALERT: says so when there are more files in its directory than `max`, and when there no longer are.
max=10 firing=no

look() {
  local files=(*) now=no status=firing severity=warning
  ((${#files[@]} > max)) && now=yes
  [[ $now == "$firing" ]] && return # nothing new
  firing=$now
  [[ $now == no ]] && status=resolved severity=success
  printf '{"key":"MY_ALERT","status":"%s","severity":"%s","title":"%d files, %d are allowed"}\n' \
    "$status" "$severity" "${#files[@]}" "$max"
}

while IFS= read -r line; do # until stdin ends: then we end, too
  case $line in
    '{"type":"config"'*)
      [[ $line =~ \"max\":([0-9]+) ]] && max=${BASH_REMATCH[1]}
      [[ $line == *'"key":"MY_ALERT"'* ]] && firing=yes # an earlier run has opened it
      look
      ;;
    '{"type":"tick"'*) look ;;
  esac
done

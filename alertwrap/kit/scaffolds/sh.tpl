#!/bin/sh
# MY_ALERT: says so when there are more files in its directory than `max`, and when there no longer are.
max=10 firing=no

look() {
  set -- *
  now=no status=resolved severity=success
  [ $# -gt "$max" ] && now=yes status=firing severity=warning
  [ "$now" = "$firing" ] && return # nothing new
  firing=$now
  printf '{"key":"MY_ALERT","status":"%s","severity":"%s","title":"%d files, %d are allowed"}\n' \
    "$status" "$severity" $# "$max"
}

while IFS= read -r line; do # until stdin ends: then we end, too
  case $line in
    '{"type":"config"'*)
      case $line in *'"max":'*) max=${line#*'"max":'} max=${max%%[!0-9]*} ;; esac
      case $line in *'"key":"MY_ALERT"'*) firing=yes ;; esac # an earlier run has opened it
      look
      ;;
    '{"type":"tick"'*) look ;;
  esac
done

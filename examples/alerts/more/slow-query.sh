#!/bin/sh
# Slow queries: opens a notice for each query that runs in PostgreSQL for longer than `seconds`, and closes it when it ends.
# Needs psql. Where the server is stands in the environment (PGHOST, PGDATABASE, …), the password in ~/.pgpass.
seconds=30 running=' '

look() { # psql lists what runs too long; awk makes JSON of it, and of what no longer runs
  found=$(psql -XAtq -F "$(printf '\t')" -c "select pid || '.' || extract(epoch from query_start),
    extract(epoch from now() - query_start)::int, usename, left(query, 200) from pg_stat_activity where state = 'active'
    and pid <> pg_backend_pid() and now() - query_start > interval '$seconds seconds'" </dev/null) || return
  printf '%s\n' "$found" | tr -d '\000-\010\013-\037' | awk -F '\t' -v before="$running" '
    function text(value) { gsub(/\\/, "\\\\", value); gsub(/"/, "\\\"", value); return value }
    function say(id, status, severity, title, query) {
      printf "{\"key\":\"query:%s\",\"status\":\"%s\",\"severity\":\"%s\",\"title\":\"%s\",\"message\":\"%s\"}\n",
        id, status, severity, text(title), text(query)
    }
    NF >= 4 && index(before, " " $1 " ") == 0 { say($1, "firing", "warning", $3 " waits " $2 " s for a query", $4) }
    NF >= 4 { now[$1] = 1 }
    END {
      n = split(before, old, " ")
      for (i = 1; i <= n; i++) if (!(old[i] in now)) say(old[i], "resolved", "success", "The query has ended", "")
    }' || exit 1
  now=" $(printf '%s\n' "$found" | awk -F '\t' 'NF >= 4 { printf "%s ", $1 }')"
  [ "$now" = "$running" ] || printf '{"type":"state","value":"%s"}\n' "$now" # after what it covers
  running=$now
}

while IFS= read -r line; do # until stdin ends: then we end, too
  case $line in
    '{"type":"config"'*)
      case $line in *'"seconds":'*) seconds=${line#*'"seconds":'} seconds=${seconds%%[!0-9]*} ;; esac
      case $line in *'"state":" '*) running=${line#*'"state":"'} running=${running%%'"'*} ;; esac
      look
      ;;
    '{"type":"tick"'*) look ;;
  esac
done

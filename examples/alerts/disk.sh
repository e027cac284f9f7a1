#!/usr/bin/env bash
# Disk space. One notice per mount: it opens when the mount is fuller than max_pct and closes when it no longer is.
# Needs nothing but bash and df: the two numbers of its config are found without a JSON parser.
IFS= read -r config # line 1 is always the config

number() { [[ $config =~ \"$1\":([0-9]+) ]] && echo "${BASH_REMATCH[1]}" || echo "$2"; } # number NAME DEFAULT
say() { # say KEY STATUS SEVERITY TITLE
  local key=${1//\\/\\\\} title=${4//\\/\\\\}
  printf '{"key":"%s","status":"%s","severity":"%s","title":"%s"}\n' "${key//\"/\\\"}" "$2" "$3" "${title//\"/\\\"}"
}
pause() { # Wait for the next look; take a newer config meanwhile; end when the wrapper closes our stdin.
  local until=$((SECONDS + $(number every 30))) line
  while ((SECONDS < until)); do
    IFS= read -r -t $((until - SECONDS)) line || { (($? > 128)) && return || exit 0; }
    if [[ $line == *'"type":"config"'* ]]; then config=$line && return; fi
  done
}

declare -A full # the mounts that are full now
summary=""
while :; do
  while read -r source _ _ _ used mount; do
    used=${used%\%}
    [[ $source == /* || $source == overlay ]] && [[ $used =~ ^[0-9]+$ ]] || continue # real disks only
    max=$(number max_pct 90)
    if ((used >= max)); then
      [[ ${full[$mount]} == "$used" ]] || say "disk:$mount" firing warning "Disk $mount is $used % full (limit $max %)"
      full[$mount]=$used
    elif [[ -n ${full[$mount]} || (-z $greeted && $config == *"\"key\":\"disk:$mount\""*) ]]; then # opened before
      say "disk:$mount" resolved success "Disk $mount is $used % full again"
      unset "full[$mount]"
    fi
    [[ -n $greeted ]] || summary+="${summary:+, }$mount $used %"
  done < <(df -P 2>/dev/null)
  [[ -n $greeted ]] || say disk-now firing info "Disk space now: ${summary:-no disks found}" # something to see at once
  greeted=yes
  pause
done

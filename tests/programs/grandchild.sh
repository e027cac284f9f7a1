#!/usr/bin/env bash
# Ends at once, and leaves a child behind that holds its stdout and has left its session.
echo '{"title":"parent"}'
setsid sleep 300 &
echo '{"type":"state","value":{"pid":'$!'}}'
exit 0

#!/usr/bin/env php
<?php
// MY_ALERT: says so when there are more files in its directory than `max`, and when there no longer are.
$max = 10;
$firing = false;

while (($line = fgets(STDIN)) !== false) { // until stdin ends: then we end, too
    $message = json_decode($line, true);
    if ($message['type'] === 'config') {
        $limits = array_map(fn ($config) => $config['metric']['max'] ?? 10, $message['configs']);
        $max = $limits ? min($limits) : 10;
        $firing = $firing || in_array('MY_ALERT', array_column($message['open'], 'key'), true);
    } elseif ($message['type'] !== 'tick') {
        continue;
    }
    $files = count(glob('*'));
    if (($files > $max) === $firing) {
        continue; // nothing new
    }
    $firing = $files > $max;
    [$status, $severity] = $firing ? ['firing', 'warning'] : ['resolved', 'success'];
    $notice = ['key' => 'MY_ALERT', 'status' => $status, 'severity' => $severity, 'title' => "$files files, $max are allowed"];
    if (@fwrite(STDOUT, json_encode($notice) . "\n") === false) {
        exit(1); // nobody reads any more
    }
}

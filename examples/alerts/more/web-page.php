#!/usr/bin/env php
<?php
// Web page: opens a notice when a page does not answer with 2xx in time, or lacks a text; closes it when it does again.
$configs = [];
$down = [];

function trouble(array $metric): ?string
{
    $options = ['timeout' => 3, 'ignore_errors' => true, 'follow_location' => 1, 'user_agent' => 'alertwrap'];
    $page = @file_get_contents($metric['url'], false, stream_context_create(['http' => $options]));
    $answers = array_filter($http_response_header ?? [], fn ($line) => str_starts_with($line, 'HTTP/'));
    $status = explode(' ', end($answers) ?: '')[1] ?? null;
    if ($page === false || $status === null) {
        return 'does not answer';
    }
    $lacks = isset($metric['text']) && !str_contains($page, $metric['text']);
    return $status[0] !== '2' ? "answers with $status" : ($lacks ? "lacks the text {$metric['text']}" : null);
}

while (($line = fgets(STDIN)) !== false) { // until stdin ends: then we end, too
    $message = json_decode($line, true);
    if ($message['type'] === 'config') {
        $configs = $message['configs'];
        $down += array_fill_keys(array_column($message['open'], 'key'), true);
    } elseif ($message['type'] !== 'tick') {
        continue;
    }
    foreach ($configs as ['id' => $id, 'metric' => $metric]) {
        $key = 'page:' . $metric['url'];
        $trouble = trouble($metric);
        if (($trouble !== null) === ($down[$key] ?? false)) {
            continue; // nothing new
        }
        $down[$key] = $trouble !== null;
        $notice = ['key' => $key, 'config' => $id, 'url' => $metric['url'], 'title' => $metric['url'] . ' ' . ($trouble ?? 'works')]
            + ($trouble ? ['severity' => 'error'] : ['status' => 'resolved', 'severity' => 'success']);
        @fwrite(STDOUT, json_encode($notice) . "\n") !== false || exit(1); // nobody reads any more
    }
}

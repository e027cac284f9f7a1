#!/usr/bin/env node
// Memory: opens a notice when less than min_free_pct of this machine's memory is available, and closes it again.
// Looks on every tick, and at once when its config changes.
const fs = require("fs");
const os = require("os");
const lines = require("readline").createInterface({ input: process.stdin });

// Not console.log: it hides that nobody reads any more, and this program would run for ever.
const say = (notice) => process.stdout.write(`${JSON.stringify(notice)}\n`);
let min = 10;
let low = false;

function freePercent() {
  try { // What programs can still get, caches included; os.freemem() counts caches as used.
    const available = /MemAvailable:\s+(\d+)/.exec(fs.readFileSync("/proc/meminfo", "utf8"))[1] * 1024;
    return (100 * available) / os.totalmem();
  } catch {
    return (100 * os.freemem()) / os.totalmem();
  }
}

function look() {
  const free = freePercent();
  if (free < min === low) return;
  low = free < min;
  const [status, severity] = low ? ["firing", "warning"] : ["resolved", "success"];
  say({ key: "memory", status, severity, title: `${free.toFixed(0)} % of memory is available (limit ${min} %)` });
}

say({ key: "memory-now", severity: "info", title: `Memory now: ${freePercent().toFixed(0)} % available` });
lines.on("line", (line) => {
  const message = JSON.parse(line);
  if (message.type === "config") {
    const limits = message.configs.map((config) => config.metric.min_free_pct ?? 10);
    min = limits.length ? Math.max(...limits) : 10;
  }
  if (message.type === "config" || message.type === "tick") look();
}); // when stdin ends, nothing is left to wait for, and node exits

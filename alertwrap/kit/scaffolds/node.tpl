#!/usr/bin/env node
// MY_ALERT: says so when there are more files in its directory than `max`, and when there no longer are.
const fs = require("fs");
const lines = require("readline").createInterface({ input: process.stdin });
let max = 10;
let firing = false;

function look() {
  const files = fs.readdirSync(".").length;
  if (files > max === firing) return; // nothing new
  firing = files > max;
  const [status, severity] = firing ? ["firing", "warning"] : ["resolved", "success"];
  const notice = { key: "MY_ALERT", status, severity, title: `${files} files, ${max} are allowed` };
  process.stdout.write(`${JSON.stringify(notice)}\n`); // not console.log: it hides that nobody reads any more
}

lines.on("line", (line) => { // when stdin ends, nothing is left to wait for, and node exits
  const message = JSON.parse(line);
  if (message.type === "config") {
    const limits = message.configs.map((config) => config.metric.max ?? 10);
    max = limits.length ? Math.min(...limits) : 10;
    firing ||= message.open.some((opened) => opened.key === "MY_ALERT");
  }
  if (message.type === "config" || message.type === "tick") look();
});

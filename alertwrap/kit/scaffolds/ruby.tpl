#!/usr/bin/env ruby
# MY_ALERT: says so when there are more files in its directory than `max`, and when there no longer are.
require "json"

$stdout.sync = true # without it a pipe shows nothing until we end
max = 10
firing = false

$stdin.each_line do |line| # until stdin ends: then we end, too
  message = JSON.parse(line)
  case message["type"]
  when "config"
    max = message["configs"].map { |config| config["metric"].fetch("max", 10) }.min || 10
    firing ||= message["open"].any? { |opened| opened["key"] == "MY_ALERT" }
  when "tick"
  else next
  end
  files = Dir.children(".").size
  next if (files > max) == firing # nothing new
  firing = files > max
  status, severity = firing ? %w[firing warning] : %w[resolved success]
  puts JSON.generate(key: "MY_ALERT", status: status, severity: severity, title: "#{files} files, #{max} are allowed")
end

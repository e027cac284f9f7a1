#!/usr/bin/env ruby
# Queue length: opens a notice when a list in Redis is longer than `max`, or Redis does not answer; closes it again.
require "json"
require "socket"

$stdout.sync = true # without it a pipe shows nothing until we end

def length(metric) # LLEN in Redis's own protocol: no library
  key = metric.fetch("queue", "celery")
  Socket.tcp(metric.fetch("host", "127.0.0.1"), metric.fetch("port", 6379), connect_timeout: 2) do |redis|
    redis.write("*2\r\n$4\r\nLLEN\r\n$#{key.bytesize}\r\n#{key}\r\n")
    raise IOError, "no answer" unless redis.wait_readable(2)
    answer = redis.gets.to_s.strip
    answer.start_with?(":") ? Integer(answer[1..]) : raise(IOError, answer)
  end
end

configs, said = [], {}
$stdin.each_line do |line| # until stdin ends: then we end, too
  message = JSON.parse(line)
  configs = message["configs"] if message["type"] == "config"
  message["open"].each { |opened| said[opened["key"]] = "firing" } if message["type"] == "config"
  next unless %w[config tick].include?(message["type"])
  configs.each do |config|
    queue, max = config["metric"].fetch("queue", "celery"), config["metric"].fetch("max", 1000)
    begin
      waiting = length(config["metric"])
      status, severity, title = waiting > max ? %w[firing warning] : %w[resolved success]
      title = "#{waiting} jobs wait in #{queue} (#{max} are allowed)"
    rescue SystemCallError, IOError, ArgumentError => error
      status, severity, title = "firing", "error", "Cannot see the queue #{queue}: #{error.message}"
    end
    key = "queue:#{queue}"
    next if said.fetch(key, "resolved") == status # nothing new
    said[key] = status
    puts JSON.generate(key: key, status: status, severity: severity, title: title, config: config["id"])
  end
end

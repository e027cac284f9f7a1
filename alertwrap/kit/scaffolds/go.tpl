// MY_ALERT: says so when there are more files in its directory than `max`, and when there no longer are.
// Build: go build -o MY_ALERT MY_ALERT.go
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

type message struct {
	Type    string
	Configs []struct{ Metric struct{ Max *int } }
	Open    []struct{ Key string }
}

func main() {
	max, firing, in := 10, false, json.NewDecoder(os.Stdin) // lines of any length
	for line := (message{}); in.Decode(&line) == nil; line = (message{}) { // until stdin ends: then we end, too
		for _, config := range line.Configs {
			if config.Metric.Max != nil {
				max = *config.Metric.Max
			}
		}
		for _, opened := range line.Open {
			firing = firing || opened.Key == "MY_ALERT"
		}
		files, _ := os.ReadDir(".")
		now := len(files) > max
		if (line.Type != "config" && line.Type != "tick") || now == firing {
			continue // nothing new
		}
		firing = now
		is := map[bool][2]string{true: {"firing", "warning"}, false: {"resolved", "success"}}[firing]
		title := fmt.Sprintf("%d files, %d are allowed", len(files), max)
		json.NewEncoder(os.Stdout).Encode(map[string]string{"key": "MY_ALERT", "status": is[0], "severity": is[1], "title": title})
	}
}

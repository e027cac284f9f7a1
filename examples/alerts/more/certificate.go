// Certificate expiry: a notice for a host whose TLS certificate ends within `days`. Build: go build certificate.go
package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"time"
)

func look(host string, days float64) (bool, string) {
	timely, unchecked := &net.Dialer{Timeout: 3 * time.Second}, &tls.Config{InsecureSkipVerify: true}
	link, err := tls.DialWithDialer(timely, "tcp", host, unchecked) // expired or self-signed: we want to see it
	if err != nil {
		return true, fmt.Sprintf("No certificate from %s: %v", host, err)
	}
	left := time.Until(link.ConnectionState().PeerCertificates[0].NotAfter).Hours() / 24
	link.Close()
	return left < days, fmt.Sprintf("The certificate of %s ends in %.0f days", host, left)
}

func main() {
	var line struct { // a tick leaves the configs as they were told last
		Type    string
		Configs []struct{ Metric map[string]any }
	}
	say, said, status := json.NewEncoder(os.Stdout), map[string]bool{}, map[bool]string{true: "firing", false: "resolved"}
	for in := json.NewDecoder(os.Stdin); in.Decode(&line) == nil; { // until stdin ends: then we end, too
		for i := 0; i < len(line.Configs) && (line.Type == "config" || line.Type == "tick"); i++ {
			host := line.Configs[i].Metric["host"].(string)
			trouble, title := look(host, line.Configs[i].Metric["days"].(float64))
			if was, known := said[host]; !known || was != trouble { // else nothing new
				say.Encode(map[string]string{"key": "certificate:" + host, "status": status[trouble], "title": title})
			}
			said[host] = trouble
		}
	}
}

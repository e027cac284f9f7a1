// MY_ALERT: says so when there are more files in its directory than `max`, and when there no longer are.
// Build: rustc -O -o MY_ALERT MY_ALERT.rs
use std::io::BufRead;

fn number(line: &str, name: &str) -> Option<usize> {
    let rest = line.split(&format!("\"{name}\":")).nth(1)?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn main() {
    let (mut max, mut firing) = (10, false);
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        // until stdin ends: then we end, too
        if line.starts_with("{\"type\":\"config\"") {
            max = number(&line, "max").unwrap_or(10);
            firing |= line.contains("\"key\":\"MY_ALERT\""); // an earlier run has opened it
        } else if !line.starts_with("{\"type\":\"tick\"") {
            continue;
        }
        let files = std::fs::read_dir(".").map_or(0, |entries| entries.count());
        if (files > max) == firing {
            continue; // nothing new
        }
        firing = files > max;
        let (status, severity) = if firing { ("firing", "warning") } else { ("resolved", "success") };
        let title = format!("{files} files, {max} are allowed");
        println!(r#"{{"key":"MY_ALERT","status":"{status}","severity":"{severity}","title":"{title}"}}"#);
    }
}

// Low balance: opens a notice for an account of the topic `account` whose balance is below `min`, and closes it again.
// Build: rustc -O -o balance balance.rs
use std::collections::HashMap;
use std::io::BufRead;

/// The value of a field as it stands in the line, quotes included: our lines are compact JSON with ASCII only.
fn field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let rest = line.split_once(&format!("\"{name}\":"))?.1;
    let mut escaped = true; // the quote that it begins with does not end it
    let end = if rest.starts_with('"') {
        rest.find(|c| (c == '"' && !escaped, escaped = c == '\\' && !escaped).0)? + 1
    } else {
        rest.find([',', '}'])?
    };
    Some(&rest[..end])
}

fn main() {
    let (mut min, mut low, mut balances) = (0.0, HashMap::new(), HashMap::new());
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        // until stdin ends: then we end, too
        if line.starts_with("{\"type\":\"config\"") {
            min = field(&line, "min").and_then(|text| text.parse().ok()).unwrap_or(0.0);
            let open = line.split("\"key\":\"balance:").skip(1).filter_map(|rest| rest.split("\",\"").next());
            low.extend(open.map(|key| (format!("\"{key}\""), true))); // by an earlier run
        } else if let (true, Some(key)) = (line.starts_with("{\"type\":\"entity\""), field(&line, "key")) {
            let balance: Option<f64> = field(&line, "balance").and_then(|text| text.parse().ok());
            balances.insert(key.to_owned(), balance.unwrap_or(f64::INFINITY)); // deleted: no longer too low
        }
        for (key, balance) in &balances {
            if low.insert(key.clone(), *balance < min).unwrap_or(false) == (*balance < min) {
                continue; // nothing new
            }
            let status = if *balance < min { "firing" } else { "resolved" };
            let (bare, about) = (&key[1..key.len() - 1], format!("{{\"topic\":\"account\",\"key\":{key}}}"));
            let title = format!("Balance of {bare} is {balance:.2}, the limit {min:.2}");
            println!(r#"{{"key":"balance:{bare}","status":"{status}","title":"{title}","entity":{about}}}"#);
        }
    }
}

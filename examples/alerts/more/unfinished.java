// Unfinished tasks: a notice for a task of the topic `task` that has run for more than `minutes`; it closes at its end.
// Build: javac -d . unfinished.java
import java.io.*;
import java.time.*;
import java.util.*;
import java.util.regex.*;

class Unfinished {
    static List<String> all(String line, String before) { // the texts behind this; our lines are compact JSON
        Matcher found = Pattern.compile(Pattern.quote(before) + "((?:[^\"\\\\]|\\\\.)*+)").matcher(line);
        return found.results().map(result -> result.group(1)).toList();
    }

    public static void main(String[] words) throws IOException {
        var started = new TreeMap<String, String>(); // key, as it stands in JSON → since when it runs
        var late = new TreeSet<String>(); // of these we have said so
        var in = new BufferedReader(new InputStreamReader(System.in));
        boolean synced = false; // until then a task that we do not know may still be told
        long minutes = 60;
        for (String line; (line = in.readLine()) != null; ) { // until stdin ends: then we end, too
            Matcher limit = Pattern.compile("\"minutes\":(\\d+)").matcher(line);
            if (line.startsWith("{\"type\":\"config\"") && limit.find()) minutes = Long.parseLong(limit.group(1));
            if (line.startsWith("{\"type\":\"config\"") && !synced) late.addAll(all(line, "\"key\":\"task:"));
            if (line.startsWith("{\"type\":\"entity\"")) started.remove(all(line, "\"key\":\"").get(0));
            if (line.startsWith("{\"type\":\"entity\"") && line.contains("\"status\":\"running\""))
                started.put(all(line, "\"key\":\"").get(0), all(line, "\"started\":\"").get(0));
            synced |= line.startsWith("{\"type\":\"synced\"");
            Instant limited = Instant.now().minusSeconds(60 * minutes);
            var known = new TreeSet<>(started.keySet());
            known.addAll(late);
            for (String key : synced ? known : Set.<String>of()) {
                boolean now = started.containsKey(key) && Instant.parse(started.get(key)).isBefore(limited);
                if (now ? !late.add(key) : !late.remove(key)) continue; // nothing new
                System.out.printf("{\"key\":\"task:%s\",\"status\":\"%s\",\"title\":\"Task %s %s\"}%n", key,
                    now ? "firing" : "resolved", key, now ? "still runs, since " + started.get(key) : "is done");
            }
            if (System.out.checkError()) System.exit(1); // flushes; and nobody would tell us that nobody reads
        }
    }
}

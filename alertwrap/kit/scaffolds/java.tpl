// MY_ALERT: says so when there are more files in its directory than `max`, and when there no longer are.
// Build: javac -d . MY_ALERT.java
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class Alert {
    public static void main(String[] words) throws Exception {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        int max = 10;
        boolean firing = false;
        for (String line; (line = in.readLine()) != null; ) { // until stdin ends: then we end, too
            boolean config = line.startsWith("{\"type\":\"config\"");
            if (!config && !line.startsWith("{\"type\":\"tick\"")) continue;
            Matcher found = Pattern.compile("\"max\":(\\d+)").matcher(line);
            if (config && found.find()) max = Integer.parseInt(found.group(1));
            if (config && line.contains("\"key\":\"MY_ALERT\"")) firing = true; // an earlier run has opened it
            int files = new File(".").list().length;
            if (files > max == firing) continue; // nothing new
            firing = files > max;
            System.out.printf("{\"key\":\"MY_ALERT\",\"status\":\"%s\",\"severity\":\"%s\",\"title\":\"%d files, %d are allowed\"}\n",
                firing ? "firing" : "resolved", firing ? "warning" : "success", files, max);
            if (System.out.checkError()) System.exit(1); // flushes; and nobody would tell us that nobody reads
        }
    }
}

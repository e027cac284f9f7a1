// MY_ALERT: says so when there are more files in its directory than `max`, and when there no longer are.
// Build: cc -O2 -o MY_ALERT MY_ALERT.c
#define _GNU_SOURCE
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    char *line = NULL, *found;
    size_t size = 0;
    int max = 10, firing = 0;
    glob_t here;
    while (getline(&line, &size, stdin) > 0) { // until stdin ends: then we end, too
        int config = !strncmp(line, "{\"type\":\"config\"", 16);
        if (!config && strncmp(line, "{\"type\":\"tick\"", 14)) continue;
        if (config && (found = strstr(line, "\"max\":"))) max = atoi(found + 6);
        if (config && strstr(line, "\"key\":\"MY_ALERT\"")) firing = 1; // an earlier run has opened it
        int files = glob("*", 0, NULL, &here) ? 0 : here.gl_pathc;
        globfree(&here);
        if ((files > max) == firing) continue; // nothing new
        firing = files > max;
        printf("{\"key\":\"MY_ALERT\",\"status\":\"%s\",\"severity\":\"%s\",\"title\":\"%d files, %d are allowed\"}\n",
               firing ? "firing" : "resolved", firing ? "warning" : "success", files, max);
        fflush(stdout); // without it a pipe shows nothing until we end
    }
}

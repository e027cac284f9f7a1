// MY_ALERT: says so when there are more files in its directory than `max`, and when there no longer are.
// Build: cc -O2 -o MY_ALERT MY_ALERT.c
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int begins(const char *line, const char *with) { return strncmp(line, with, strlen(with)) == 0; }

static int count(void) {
    int files = 0;
    DIR *here = opendir(".");
    while (here && readdir(here)) files++;
    if (here) closedir(here);
    return files - 2; // without . and ..
}

int main(void) {
    char *line = NULL, *found;
    size_t size = 0;
    int max = 10, firing = 0;
    while (getline(&line, &size, stdin) > 0) { // until stdin ends: then we end, too
        int config = begins(line, "{\"type\":\"config\"");
        if (!config && !begins(line, "{\"type\":\"tick\"")) continue;
        if (config && (found = strstr(line, "\"max\":"))) max = atoi(found + 6);
        if (config && strstr(line, "\"key\":\"MY_ALERT\"")) firing = 1; // an earlier run has opened it
        int files = count();
        if ((files > max) == firing) continue; // nothing new
        firing = files > max;
        printf("{\"key\":\"MY_ALERT\",\"status\":\"%s\",\"severity\":\"%s\",\"title\":\"%d files, %d are allowed\"}\n",
               firing ? "firing" : "resolved", firing ? "warning" : "success", files, max);
        fflush(stdout); // without it a pipe shows nothing until we end
    }
}

// File age: opens a notice when the newest backup (or any file) is older than `hours`, and closes it when it is fresh.
// Build: cc -O2 -o file-age file-age.c
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

int main(void) {
    char *line = NULL, path[4096] = "", *found;
    size_t size = 0;
    double hours = 24;
    int was = 0; // 1: we said that it is old
    while (getline(&line, &size, stdin) > 0) { // until stdin ends: then we end, too
        if (!strncmp(line, "{\"type\":\"config\"", 16)) {
            if ((found = strstr(line, "\"hours\":"))) hours = atof(found + 8);
            if ((found = strstr(line, "\"path\":\""))) sscanf(found + 8, "%4095[^\"\\]", path); // a plain path
            if (strstr(line, "\"key\":\"file-age\"")) was = 1; // an earlier run has opened it
        } else if (strncmp(line, "{\"type\":\"tick\"", 14)) {
            continue;
        }
        struct stat file;
        int there = !stat(path, &file), old = !there || difftime(time(NULL), file.st_mtime) > hours * 3600;
        if (!*path || old == was) continue; // nothing new
        was = old;
        printf("{\"key\":\"file-age\",\"status\":\"%s\",\"severity\":\"%s\",\"title\":\"%s %s\"}\n",
               old ? "firing" : "resolved", old ? "error" : "success", path,
               !there ? "is not there" : old ? "is older than it should be" : "is fresh");
        fflush(stdout); // without it a pipe shows nothing until we end
    }
}

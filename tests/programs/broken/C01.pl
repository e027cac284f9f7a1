#!/usr/bin/perl
# Does not flush: on a pipe nothing shows until it ends.
while (my $line = <STDIN>) {
    next unless $line =~ /"type":"entity".*"key":"([a-z]+)/;
    print "{\"key\":\"$1\",\"title\":\"Thing $1\"}\n";
}

#!/usr/bin/env perl
# Failed jobs: a notice for each failure of a systemd unit or a cron job in a log file. It remembers how far it has read:
# after a crash nothing is missing, and what it says again has the same id and vanishes.
use strict;
use warnings;
use JSON::PP;

$| = 1;    # without it a pipe shows nothing until we end
my ($path, $inode, $at) = ("/var/log/syslog", 0, 0);

sub look {
    open(my $log, "<", $path) or return;
    my ($now, $size) = (stat $log)[1, 7];
    ($inode, $at) = ($now, 0) if $now != $inode or $size < $at;    # another file: rotated
    seek $log, $at, 0;
    my $before = $at;
    while (defined(my $line = <$log>) ) {
        last if $line !~ /\n$/;                                    # still being written
        my $id = "$inode-$at";
        $at = tell $log;
        next unless $line =~ /systemd\[\d+\]: (\S+): Failed with result '([^']*)'/
            or $line =~ /CRON\[\d+\]: \((\S+)\) .*(?:FAILED|error|exit status) ?(.*)/i;
        print encode_json({ id => $id, key => "failed:$1", severity => "error", title => "$1 has failed: $2",
                message => "```\n$line```" }), "\n";
    }
    print encode_json({ type => "state", value => { inode => $inode, at => $at } }), "\n" if $at != $before;
}

while (my $line = <STDIN>) {    # until stdin ends: then we end, too
    my $message = decode_json($line);
    if ($message->{type} eq "config") {
        $path = $_->{metric}{path} // $path for @{ $message->{configs} };
        ($inode, $at) = @{ $message->{state} }{qw(inode at)} if $message->{state} and not $inode;
    }
    look() if $message->{type} =~ /^(config|tick)$/;
}

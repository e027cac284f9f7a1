#!/usr/bin/env perl
# MY_ALERT: says so when there are more files in its directory than `max`, and when there no longer are.
use strict;
use warnings;
use JSON::PP;

$| = 1;    # without it a pipe shows nothing until we end
my ($max, $firing) = (10, 0);

sub look {
    my $files = () = glob "*";
    my $now = $files > $max ? 1 : 0;
    return if $now == $firing;    # nothing new
    $firing = $now;
    my ($status, $severity) = $firing ? ("firing", "warning") : ("resolved", "success");
    print encode_json({ key => "MY_ALERT", status => $status, severity => $severity,
            title => "$files files, $max are allowed" }), "\n";
}

while (my $line = <STDIN>) {    # until stdin ends: then we end, too
    my $message = decode_json($line);
    if ($message->{type} eq "config") {
        $max = $_->{metric}{max} // 10 for @{ $message->{configs} };
        $firing ||= grep { $_->{key} eq "MY_ALERT" } @{ $message->{open} };
    }
    look() if $message->{type} =~ /^(config|tick)$/;
}

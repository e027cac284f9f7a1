"""One run of an alert from its start to its end, and what happens next."""

"""The spool: what an alert said and the notice center does not have yet, on disk."""

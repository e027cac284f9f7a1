"""What an alert says: bytes into lines, lines into messages, messages into entries for the spool."""

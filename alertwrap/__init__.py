"""alertwrap: any executable becomes a source of alerts; each alert reaches the people it concerns."""

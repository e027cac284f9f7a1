"""From the spools to the notice center, for ever, in order; and what its answers mean."""

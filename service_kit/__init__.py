"""What every service stands on. Functions and values to call; it knows no service and calls none."""

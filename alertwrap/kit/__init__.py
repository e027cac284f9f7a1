"""The author's kit: what helps to write an alert. It runs alerts by the code that production runs, in a small world of
its own: a notifier that knows what it was told, and a notice center that keeps what arrives."""

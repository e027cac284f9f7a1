"""How the alerts are doing: for `alertwrap ps`, for Prometheus, for the panel, for the log."""

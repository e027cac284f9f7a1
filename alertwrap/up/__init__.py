"""`alertwrap up`: every service and the wrapper on one machine, with embedded storage."""

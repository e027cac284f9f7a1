"""The alert as a process of the operating system: what is started, what it may use, what it leaves behind."""

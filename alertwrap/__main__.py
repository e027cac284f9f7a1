"""`python -m alertwrap` is the command `alertwrap`."""

from alertwrap.cli import main

if __name__ == "__main__":
    main()

"""The headless interface: the same library, without a window.

Results go to standard output, progress and warnings to standard error. A failure is one line on
standard error and a non-zero exit status.
"""

from engine.cli.main import SUBCOMMANDS, main

__all__ = ["SUBCOMMANDS", "main"]

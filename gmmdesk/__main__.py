"""`gmmdesk`: the window, or the command line when a command is given."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from gmmdesk import cli


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments say; returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    first = arguments[0] if arguments else ""
    if len(arguments) > 1 or first in cli.COMMANDS or first.startswith("-"):
        return cli.main(arguments)
    try:
        from gmmdesk.ui.app import main as open_window
    except ImportError as error:
        if not (error.name or "").startswith(("PySide6", "shiboken6")):
            raise
        print(
            f"gmmdesk: The window cannot open: {error}."
            " Install what is missing, or work without a window: gmmdesk fit FILE --out OUT.xlsx",
            file=sys.stderr,
        )
        return cli.EXIT_UNUSABLE
    return open_window(first or None)


if __name__ == "__main__":
    sys.exit(main())

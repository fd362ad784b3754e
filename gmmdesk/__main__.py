"""`gmmdesk`: the window, or the command line when a command is given."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from gmmdesk import cli, display


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments say; returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    first = arguments[0] if arguments else ""
    if len(arguments) > 1 or first in cli.COMMANDS or first.startswith("-"):
        return cli.main(arguments)
    if first and not first.startswith("sample:") and not os.path.lexists(first):
        return _refuse(
            f"There is no command or file '{first}'."
            f" The commands are {', '.join(cli.COMMANDS)}; see gmmdesk --help."
        )
    if not display.has_display(os.environ):
        return _refuse(
            f"{display.no_display(os.environ)} These work without one:"
            " gmmdesk fit FILE --out OUT.xlsx, gmmdesk inspect FILE, gmmdesk samples."
        )
    try:
        from gmmdesk.ui.app import main as open_window
    except ImportError as error:
        if not (error.name or "").startswith(("PySide6", "shiboken6")):
            raise
        return _refuse(
            f"The window cannot open: {error}."
            " Install what is missing, or work without a window: gmmdesk fit FILE --out OUT.xlsx"
        )
    return open_window(first or None)


def _refuse(message: str) -> int:
    print(f"gmmdesk: {message}", file=sys.stderr)
    return cli.EXIT_UNUSABLE


if __name__ == "__main__":
    sys.exit(main())

"""Where faults of ours are written down, for the window and the command line."""

from __future__ import annotations

import datetime
import platform
import traceback
from pathlib import Path

from gmmdesk import __version__


def record_fault(error: BaseException) -> Path:
    """Append the traceback of `error` to the log and return the log's path.

    Falls back to the path alone where the log cannot be written: a fault report must not fail.
    """
    import platformdirs

    path = Path(platformdirs.user_log_dir("gmmdesk", appauthor=False)) / "gmmdesk.log"
    when = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    versions = f"gmmdesk {__version__}, Python {platform.python_version()}, {platform.platform()}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{when} {versions}\n{''.join(traceback.format_exception(error))}\n")
    except OSError:
        pass
    return path

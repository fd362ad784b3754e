"""Python processes beside this one, which run the same modules and listen at their input."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

# The same modules as here, wherever they come from, and none from the current folder.
_PROGRAM = (
    "import json, sys; from pkgutil import resolve_name;"
    " sys.path[:], function, request = json.loads(sys.argv[1]); resolve_name(function)(**request)"
)
# Neither Ctrl+C nor a console's window is for it.
APART: dict[str, Any] = {"process_group": 0}
if sys.platform == "win32":
    APART = {"creationflags": subprocess.CREATE_NO_WINDOW}


def start_python(function: str, request: dict[str, Any], **streams: Any) -> subprocess.Popen[bytes]:
    """A process that calls `function` ("module:function") with what is in `request`.

    `streams` are arguments of Popen. Raises OSError where no process can be started.
    """
    if not sys.executable or getattr(sys, "frozen", False):
        raise OSError("this program is no interpreter that could be started again")
    said = json.dumps([[*map(str, sys.path)], function, request])
    return subprocess.Popen([sys.executable, "-P", "-c", _PROGRAM, said], **streams, **APART)

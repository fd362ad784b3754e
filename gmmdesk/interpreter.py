"""Python processes beside this one, which run the same modules and listen at their input."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

# Neither Ctrl+C nor a console's window is for it.
_APART: dict[str, Any] = {"process_group": 0}
if sys.platform == "win32":
    _APART = {"creationflags": subprocess.CREATE_NO_WINDOW}


def start_python(function: str, request: dict[str, Any], **streams: Any) -> subprocess.Popen[bytes]:
    """A process that calls `function` ("module:function") with what is in `request`.

    Its modules come from where those of this process do, and none from the current folder.
    `streams` are arguments of Popen. Raises OSError where no process can be started.
    """
    module, name = function.split(":")
    program = (
        "import json, sys; path, request = json.loads(sys.argv[1]); sys.path[:] = path;"
        f" from {module} import {name}; {name}(**request)"
    )
    said = json.dumps([[*map(str, sys.path)], request])
    return subprocess.Popen([sys.executable, "-P", "-c", program, said], **streams, **_APART)

"""Imports that take long, done off the UI thread while the user looks for a file."""

from __future__ import annotations

import importlib
import threading

_MODULES = (
    "gmmdesk.data.readers",
    "gmmdesk.ui.views.map",
    "gmmdesk.ui.views.convergence",
    "gmmdesk.analysis",
    "gmmdesk.export",
)


def import_heavy_modules() -> None:
    """Import what the workspace needs; costs nothing the second time. Safe on any thread."""
    for name in _MODULES:
        importlib.import_module(name)


def begin() -> None:
    """Start importing in the background."""
    threading.Thread(target=import_heavy_modules, name="gmmdesk-warm-up", daemon=True).start()

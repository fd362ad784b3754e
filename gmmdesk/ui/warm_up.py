"""Imports that take long, done off the UI thread while the user looks for a file."""

from __future__ import annotations

import gc
import importlib
import threading

_MODULES = (
    "gmmdesk.data.readers",
    "gmmdesk.ui.views.map",
    "gmmdesk.ui.views.convergence",
    "gmmdesk.ui.panels.chosen_panel",
    "gmmdesk.ui.panels.clusters_panel",
    "gmmdesk.ui.panels.columns_panel",
    "gmmdesk.ui.panels.data_panel",
    "gmmdesk.ui.panels.model_panel",
    "gmmdesk.ui.view_docks",
    "gmmdesk.ui.panels.preparation_panel",
    "gmmdesk.analysis",
    "scipy.linalg.lapack",
    "scipy.special",  # of what judges an answer
    "scipy.sparse.csgraph",
    "gmmdesk.analysis.alternatives",  # asked at the end of every fit
    "gmmdesk.analysis.cells",
    "gmmdesk.analysis.identity",  # with scipy.optimize, at the end of the first fit
    "gmmdesk.export",
)
_LATER = (  # views that nobody looks at first
    "gmmdesk.ui.views.matrix",
    "gmmdesk.ui.views.densities",
    "gmmdesk.ui.views.profiles",
    "gmmdesk.ui.views.certainty",
    "gmmdesk.ui.views.comparison",
    "gmmdesk.ui.views.diagnosis",
    "gmmdesk.ui.views.table",
    "gmmdesk.ui.views.report",
)
_done = threading.Event()


def import_heavy_modules() -> None:
    """Import what the workspace needs; costs nothing the second time. Safe on any thread."""
    if is_done():
        return
    for name in _MODULES:
        importlib.import_module(name)
    gc.freeze()  # modules are for ever: a full collection need not look at them
    _done.set()


def _import_all() -> None:
    import_heavy_modules()
    for name in _LATER:
        importlib.import_module(name)


def begin() -> None:
    """Start importing in the background."""
    if not is_done():
        threading.Thread(target=_import_all, name="gmmdesk-warm-up", daemon=True).start()


def is_done() -> bool:
    """Whether everything is there."""
    return _done.is_set()

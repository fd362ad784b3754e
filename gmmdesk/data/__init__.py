"""Files to tables: reading, recognising columns, choosing rows and columns to fit."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gmmdesk.data.parquet_source import ParquetSource
    from gmmdesk.data.standardized import StandardizedSource

__all__ = ["ParquetSource", "StandardizedSource"]

_MODULES = {"ParquetSource": "parquet_source", "StandardizedSource": "standardized"}


def __getattr__(name: str) -> object:
    """Import a source when it is asked for: the way to the window passes here, without numpy."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)

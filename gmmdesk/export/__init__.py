"""Results to files: workbook, tables and model; every file is complete or absent."""

from gmmdesk.export.writers import (
    WRITERS,
    Writer,
    check_target,
    default_names,
    endings_for,
    write,
)

__all__ = ["WRITERS", "Writer", "check_target", "default_names", "endings_for", "write"]

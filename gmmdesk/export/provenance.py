"""Where a result comes from: what a stranger needs to judge it or to make it again."""

from __future__ import annotations

import platform
from datetime import datetime

import msgspec
import numpy as np
import pyarrow as pa
import scipy

from gmmdesk import __version__
from gmmdesk.analysis import Analysis, Settings
from gmmdesk.analysis.settings import Searched
from gmmdesk.data.dataset import Receipt

LIBRARIES = (np, scipy, pa)
_MARKS = {
    "\t": "tab",
    " ": "space",
    "\N{NO-BREAK SPACE}": "space",
    "\N{NARROW NO-BREAK SPACE}": "space",
    ",": "comma",
    ";": "semicolon",
    ".": "point",
    "'": "apostrophe",
    "|": "bar",
}


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the file was interpreted; fields that do not apply to its format are empty."""

    format: str
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    thousands: str = ""
    sheet: str = ""
    catalog: str = ""
    catalog_sha256: str = ""
    notes: tuple[str, ...] = ()


class Provenance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file, the settings, the course of the fit and the versions behind a result.

    Some of the fits are of searches that it came `after`, see `gmmdesk.analysis.cells`.

    `created` is ISO 8601 with the offset from UTC; `rows_left_out` counts rows by reason,
    `rows_held_out` those that the fit has not seen, and `rows_incomplete` the rows with results
    that lack some value.
    """

    program: str
    program_version: str
    created: str
    file: str
    n_bytes: int
    sha256: str
    reading: Reading
    rows_read: int
    rows_used: int
    rows_left_out: dict[str, int]
    rows_incomplete: int = 0
    rows_held_out: int = 0
    settings: Settings
    after: tuple[Searched, ...] = ()
    converged: bool
    n_iterations: int
    stop_reason: str
    stop_message: str
    stopped_early: bool
    versions: dict[str, str]


def reading_facts(receipt: Receipt) -> list[tuple[str, str]]:
    """How a file was interpreted, in words: what, and the answer, as far as it applies."""
    facts = (
        ("Format", receipt.format),
        ("Encoding", receipt.encoding),
        ("Delimiter", _MARKS.get(receipt.delimiter, receipt.delimiter)),
        ("Decimal mark", _MARKS.get(receipt.decimal, receipt.decimal)),
        ("Thousands mark", _MARKS.get(receipt.thousands, receipt.thousands)),
        ("Sheet", receipt.sheet),
        (
            "Catalog of labels",
            receipt.catalog and f"{receipt.catalog} (SHA-256 {receipt.catalog_sha256})",
        ),
    )
    return [(what, answer) for what, answer in facts if answer]


def now() -> str:
    """The time, ISO 8601 with the offset from UTC."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def versions() -> dict[str, str]:
    """Of Python and of the libraries behind a result."""
    return {
        "python": platform.python_version(),
        **{library.__name__: library.__version__ for library in LIBRARIES},
    }


def provenance(analysis: Analysis) -> Provenance:
    """The provenance of `analysis`, written down now."""
    receipt, prepared, result = analysis.dataset.receipt, analysis.prepared, analysis.result
    return Provenance(
        program="gmmdesk",
        program_version=__version__,
        created=now(),
        file=receipt.source,
        n_bytes=receipt.n_bytes,
        sha256=receipt.sha256,
        reading=Reading(
            format=receipt.format,
            encoding=receipt.encoding,
            delimiter=receipt.delimiter,
            decimal=receipt.decimal,
            thousands=receipt.thousands,
            sheet=receipt.sheet,
            catalog=receipt.catalog,
            catalog_sha256=receipt.catalog_sha256,
            notes=receipt.notes,
        ),
        rows_read=analysis.dataset.n_rows,
        rows_used=len(prepared.fitted_rows),
        rows_held_out=prepared.n_held_out,
        rows_left_out=dict(zip(prepared.reasons, prepared.n_by_reason.tolist(), strict=True)),
        rows_incomplete=prepared.n_incomplete,
        settings=analysis.settings,
        after=analysis.after,
        converged=bool(result.converged),
        n_iterations=int(result.n_iterations),
        stop_reason=analysis.as_told.stop_reason,
        stop_message=analysis.as_told.message,
        stopped_early=analysis.stopped_early,
        versions=versions(),
    )

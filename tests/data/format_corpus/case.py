"""One awkward file and how it is to be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Make = Callable[[Path], object]


@dataclass(frozen=True)
class Case:
    """`make` writes the file called `name`; the rest is what must come of it.

    `columns` gives kind and cells by name, in order. Each of `notes` is a regular expression that
    some note matches; `n_notes` how many there are, if not as many. With `error` the file is
    refused with a message that matches it.
    """

    name: str
    make: Make | bytes | str
    columns: Mapping[str, tuple[str, Sequence[Any]]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    error: str = ""
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        path = folder / self.name
        if callable(self.make):
            self.make(path)
        else:
            path.write_bytes(self.make.encode() if isinstance(self.make, str) else self.make)
        return path


# Kinds of columns, and a small table as three formats would have it.
NUMBER, TEXT, ID, DATE, CONST = "number", "text", "identifier", "date", "constant"
CSV = b"x,y\n1.5,2\n2.5,7\n0.5,1\n"
CSV_READ = {"x": (NUMBER, [1.5, 2.5, 0.5]), "y": (NUMBER, [2, 7, 1])}
RECORDS = '[{"x":1.5,"y":2},{"x":2.5,"y":7},{"x":0.5,"y":1}]'

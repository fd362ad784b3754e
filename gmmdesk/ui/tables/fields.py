"""What there is to show about every row: its cells as in the file, and what the answer says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gmmdesk.analysis import NO_CLUSTER, NO_SECOND, Analysis, palette
from gmmdesk.analysis.found_again import why_in_brackets
from gmmdesk.analysis.known import cannot_be
from gmmdesk.data.calendar import python_value, python_values
from gmmdesk.data.dataset import Column, Dataset, FloatArray
from gmmdesk.ui import text
from gmmdesk.ui.help.glossary import tip

YES, NO = "yes", "no"
_BATCH = 2_000  # cells: the thread that draws gets its turn between two of them

RowNumbers = npt.NDArray[np.uint32] | npt.NDArray[np.int64]


class Field(Protocol):
    """One column of the table of rows.

    `numbers` are (n,), nan where there is none, or None where the field is text; then `texts` are
    (n,) strings, null where there is none. `is_number` says whether cells show them as numbers;
    `words` (lower case) stand for numbers in conditions. The `title` has the unit beside the name.
    """

    name: str
    title: str
    tip: str
    is_number: bool
    words: Mapping[str, float]

    def cell(self, row: int) -> str:
        """What is shown for a row of the file."""
        ...

    def plain(self, rows: RowNumbers) -> list[str]:
        """The same for other programs: numbers with all their digits and without marks."""
        ...

    def values(self, rows: RowNumbers, /) -> FloatArray | None:
        """The numbers (m,) that `plain` tells, nan where it tells none; None for text."""
        ...

    def numbers(self) -> FloatArray | None: ...

    def texts(self) -> pa.ChunkedArray: ...


class ColumnField:
    """A column of the file."""

    words: Mapping[str, float] = {}

    def __init__(self, column: Column) -> None:
        self.column = column
        self.is_number = column.is_numeric
        self.name, self.title = column.name, column.title
        self.tip = f"{column.name}: {column.kind}"

    def cell(self, row: int) -> str:
        value = python_value(self.column.cells, row)
        if value is None:
            return ""
        if isinstance(value, float):
            return text.exact(value)
        # As numbers are shown everywhere; `plain` is what stands in the file.
        is_negative = self.is_number and str(value).startswith("-")
        return str(value).replace("-", "−", 1) if is_negative else str(value)

    def plain(self, rows: RowNumbers) -> list[str]:
        cells = self.column.cells.take(pa.array(rows))
        return [
            "" if value is None else str(value)
            for start in range(0, len(rows), _BATCH)
            for value in python_values(cells.slice(start, _BATCH))
        ]

    def values(self, rows: RowNumbers) -> FloatArray | None:
        numbers = self.numbers()
        return None if numbers is None else numbers[rows]

    def numbers(self) -> FloatArray | None:
        return self.column.numbers() if self.column.is_numeric else None

    def texts(self) -> pa.ChunkedArray:
        return self.column.cells.cast(pa.string())


class ResultField:
    """What the answer says about each row that was used; `values` (m,) are in their order."""

    def __init__(
        self,
        name: str,
        tip: str,
        analysis: Analysis,
        values: npt.NDArray[np.generic],
        *,
        words: Mapping[str, float] | None = None,
    ) -> None:
        self.name, self.title, self.tip = name, name, tip
        self.words = words or {}
        self.is_number = not self.words
        self._shown = {value: word for word, value in (words or {}).items()}
        self._analysis, self._values = analysis, values

    def value(self, row: int) -> float | None:
        """The number for a row of the file, None where it was left out."""
        rows = self._analysis.prepared.rows
        place = int(np.searchsorted(rows, row))
        if place == len(rows) or rows[place] != row:
            return None
        return float(self._values[place])

    def cell(self, row: int) -> str:
        value = self.value(row)
        if value is None:
            return ""
        return self._shown[value] if value in self._shown else self.format(value)

    def plain(self, rows: RowNumbers) -> list[str]:
        return [self._plain(value) if value is not None else "" for value in self._of(rows)]

    def values(self, rows: RowNumbers) -> FloatArray | None:
        if not self.is_number:
            return None
        return np.array([np.nan if value is None else value for value in self._of(rows)], "f8")

    def _of(self, rows: RowNumbers) -> list[float | None]:
        """What the answer says of rows of the file, None where they were left out."""
        used = self._analysis.prepared.rows
        places = np.searchsorted(used, rows)
        places[places == len(used)] = 0
        values = zip(self._values[places].tolist(), (used[places] == rows).tolist(), strict=True)
        return [value if known else None for value, known in values]

    def _plain(self, value: float) -> str:
        return self._shown[value] if value in self._shown else str(float(value))

    def format(self, value: float) -> str:
        return text.exact(value)

    def numbers(self) -> FloatArray:
        full = np.full(self._analysis.dataset.n_rows, np.nan)
        full[self._analysis.prepared.rows] = self._values
        return full

    def texts(self) -> pa.ChunkedArray:
        raise TypeError(f"{self.name} holds numbers")


class ChoiceField(ResultField):
    """A cluster, by number from 1, shown by its name; 0 where it is none."""

    def __init__(
        self,
        name: str,
        tip: str,
        analysis: Analysis,
        values: npt.NDArray[np.int32],
        names: Sequence[str],
    ) -> None:
        super().__init__(name, tip, analysis, values)
        shown = {NO_CLUSTER: palette.NO_NAME, **dict(enumerate(names))}
        self._names = shown
        self.is_number = False
        self.words = {name.casefold(): float(k + 1) for k, name in shown.items()}

    def cell(self, row: int) -> str:
        value = self.value(row)
        return "" if value is None or value == NO_SECOND else self._names[int(value)]

    def _plain(self, value: float) -> str:
        return "" if value == NO_SECOND else self._names[int(value)]

    def numbers(self) -> FloatArray:
        numbers = super().numbers() + 1.0
        numbers[numbers == NO_SECOND + 1.0] = np.nan
        return numbers


class ShareField(ResultField):
    """A share of 1, shown and compared in percent."""

    def format(self, value: float) -> str:
        return text.percent(value)

    def numbers(self) -> FloatArray:
        return 100.0 * super().numbers()


class TextField:
    """A few texts, of which each row has one: `codes` (n_rows,) say which, 0 being none."""

    is_number = False
    words: Mapping[str, float] = {}

    def __init__(
        self, name: str, tip: str, codes: npt.NDArray[np.integer], texts: Sequence[str]
    ) -> None:
        self.name, self.title, self.tip = name, name, tip
        self._codes, self._texts = codes, (None, *texts)

    def cell(self, row: int) -> str:
        return self._texts[self._codes[row]] or ""

    def plain(self, rows: RowNumbers) -> list[str]:
        return [self._texts[code] or "" for code in self._codes[rows].tolist()]

    def values(self, _rows: RowNumbers, /) -> None:
        return None

    def numbers(self) -> None:
        return None

    def texts(self) -> pa.ChunkedArray:
        texts = pa.array(self._texts, pa.string())
        return pa.chunked_array([texts.take(pa.array(self._codes))])


def fields_of(
    dataset: Dataset, analysis: Analysis | None, names: Sequence[str]
) -> tuple[Field, ...]:
    """The columns of the file, with the answer before them and what else it says behind."""
    columns = [ColumnField(column) for column in dataset.columns]
    if analysis is None:
        return tuple(columns)
    rows, prepared = analysis.rows, analysis.prepared
    reason = TextField("Left out", "Why the row was not used", prepared.left_out, prepared.reasons)
    return (
        ChoiceField(
            "Cluster",
            "The cluster that the row most likely belongs to",
            analysis,
            rows.label,
            names,
        ),
        _how_sure(analysis),
        *_known(analysis, names),
        *([reason] if analysis.prepared.n_left_out else []),
        *columns,
        ChoiceField("Second choice", "The second likeliest cluster", analysis, rows.second, names),
        ResultField(
            "Outlier",
            tip("Outlier"),
            analysis,
            rows.outliers(analysis.outlier_level),
            words={YES: 1.0, NO: 0.0},
        ),
        *_held_out(analysis),
        *([] if analysis.prepared.n_left_out else [reason]),
    )


def _how_sure(analysis: Analysis) -> Field:
    """How sure each row's cluster is; in brackets where something speaks against these."""
    found = ShareField("How sure", tip("Probability"), analysis, analysis.rows.probability)
    if against := analysis.verdict.with_resamples(analysis.resampled).against_sureness:
        found.title = f"({found.title})"
        found.tip = f"{found.tip} {why_in_brackets(against)}"
    return found


def _known(analysis: Analysis, names: Sequence[str]) -> list[Field]:
    """What was said beforehand of where rows belong, and where not."""
    known, found = analysis.rows.known, list[Field]()
    if known is not None and known.any():
        about = "Whether it was known beforehand where the row belongs"
        found.append(ResultField("Known", about, analysis, known, words={YES: 1.0, NO: 0.0}))
    if analysis.settings.forbidden and analysis.known is not None:
        barred = cannot_be(analysis.known, analysis.result.n_components, analysis.grouping)
        sets, places = np.unique(barred, axis=0, return_inverse=True)
        texts = [", ".join(names[k] for k in np.flatnonzero(one).tolist()) for one in sets]
        codes = np.zeros(analysis.dataset.n_rows, np.int64)
        codes[analysis.prepared.rows] = places + 1
        about = "Clusters that the row was said not to belong to"
        found.append(TextField("Cannot be", about, codes, texts))
    return found


def _held_out(analysis: Analysis) -> tuple[Field, ...]:
    held_out = analysis.prepared.held_out
    if held_out is None:
        return ()
    about = "Whether the fit has not seen the row, to be judged on it"
    return (ResultField("Held out", about, analysis, held_out, words={YES: 1.0, NO: 0.0}),)

"""An analysis as something to run elsewhere: a command line, and a Python script.

Names from the file stand in both as literals, quoted by the standard library: they are data there
as they are here.
"""

from __future__ import annotations

import csv
import io
import os
import shlex
import subprocess
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from gmmdesk import __version__
from gmmdesk.analysis import Analysis, Settings
from gmmdesk.analysis.known import known_command
from gmmdesk.analysis.merge_request import merge_command
from gmmdesk.analysis.settings import Searched
from gmmdesk.data.dataset import Dataset
from gmmdesk.data.options import FOUND_OUT
from gmmdesk.data.sample_table import PREFIX
from gmmdesk.data.steps import command as step_command
from gmmdesk.engine import MODELS
from gmmdesk.errors import UsageError
from gmmdesk.export.script_steps import (
    held_out_lines,
    needs_own_reader,
    rows_lines,
    step_lines,
)
from gmmdesk.export.words import k_range

# The options of the command line for the choices of reading.
_READING = {
    "sheet": "sheet",
    "cell_range": "range",
    "encoding": "encoding",
    "delimiter": "delimiter",
    "quote": "quote",
    "skip_rows": "skip-rows",
    "header_rows": "header-rows",
    "units_row": "units-row",
    "decimal": "decimal",
    "thousands": "thousands",
    "date_order": "dates",
    "missing_words": "na",
    "kinds": "kinds",
    "row_limit": "limit-rows",
    "sample_rows": "sample",
    "sample_seed": "sample-seed",
}
_GOES_ON = "\\\n  "  # a line of a shell on the next one
_BESIDE = 4  # letters, beside the words of such a line
# scikit-learn's names for the models that it has; in one column all are one of two.
SKLEARN_TYPES = {
    "VVV": "full",
    "EEE": "tied",
    "VVI": "diag",
    "VII": "spherical",
    "V": "full",
    "E": "tied",
}


def command(analysis: Analysis, width: int | None = None) -> str:
    """The command line that makes this analysis again, quoted for the shell of this system.

    On lines of `width` letters, which a POSIX shell takes for one, as far as its words are no
    longer; on one line without. Raises UsageError for a table that was pasted.
    """
    words = arguments(analysis)
    if os.name == "nt":
        return subprocess.list2cmdline(words)
    lines = [""]
    for word in map(shlex.quote, words):
        if width is not None and len(lines[-1]) + len(word) > width - _BESIDE:
            lines.append("")
        lines[-1] += f"{word} "
    return _GOES_ON.join(lines).rstrip()


def arguments(analysis: Analysis) -> list[str]:
    """The words of `command`, from "gmmdesk" on."""
    settings = analysis.settings
    if settings.start is not None:
        raise UsageError(
            f"A command line cannot say that the fit started from {settings.start.said}.",
            "Save the session: the command gmmdesk fit SESSION repeats it.",
        )
    if settings.regularization:
        raise UsageError(
            "The command line cannot regularize.", "Copy it as Python, or fit without."
        )
    chosen = {
        "columns": _listed(analysis.prepared.preparation.inputs),
        "k": k_range(settings, "-"),
        "model": _models(settings),
        "criterion": settings.criterion,
        "seed": settings.seed,
        "restarts": settings.restarts,
        "scale": settings.scaling,
        "missing": settings.missing,
        "prior": settings.prior,
        "tol": repr(settings.tol),
        "max-iter": settings.max_iter,
    }
    words = [f"--{name}={value}" for name, value in chosen.items()]
    words += [f"--after={_searched(one)}" for one in analysis.after]
    words += [f"--step={step_command(step)}" for step in settings.steps]
    words += [f"--known={known_command(one)}" for one in settings.known]
    if analysis.grouping is not None:
        words.append(f"--merge={merge_command(analysis.grouping)}")
    if settings.known_column:
        words.append(f"--known-column={settings.known_column}")
    words += _reading_words(analysis.dataset)
    return ["gmmdesk", "fit", *words, *["--noise"] * settings.noise, "--", _source(analysis)]


def _searched(one: Searched) -> str:
    """A search as --after takes it: "1-9:all"."""
    return f"{k_range(one, '-')}:{_models(one)}"


def _models(of: Settings | Searched) -> str:
    return "all" if of.models == tuple(MODELS) else ",".join(of.models)


def _reading_words(dataset: Dataset) -> list[str]:
    """The options that say how the file was read, as far as somebody said so."""
    options, words = dataset.options, []
    for field, flag in _READING.items():
        value = getattr(options, field)
        if value == getattr(FOUND_OUT, field):
            continue
        if isinstance(value, bool):
            value = "yes" if value else "no"
        elif field == "kinds":
            value = _listed([f"{name}={kind.replace(' ', '-')}" for name, kind in value])
        elif isinstance(value, tuple):
            value = _listed(value)
        words.append(f"--{flag}={value}")
    sheets = dataset.receipt.sheets
    if len(sheets) > 1 and options.sheet is None:
        words.append(f"--sheet={dataset.receipt.sheet}")
    return words


def _listed(names: Sequence[str]) -> str:
    """Names as --columns takes them: as a line of CSV."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()


def _source(analysis: Analysis) -> str:
    dataset = analysis.dataset
    if dataset.path is not None:
        return str(dataset.path.absolute())
    if not dataset.receipt.source.startswith(PREFIX):
        raise UsageError(
            "The table was pasted, so there is no file to name.",
            "Save it as a file, open that, and find the clusters again.",
        )
    return dataset.receipt.source


def python_script(analysis: Analysis) -> str:
    """A script that scores the rows with the mixture found: labels, probabilities, BIC.

    With scikit-learn where that has the model, else with gmmdesk's estimator of the same kind, and
    where there is noise, or rows lack values, with gmmdesk's engine. Steps before the fit are taken
    with NumPy, as they have learnt. Raises UsageError for a table that was pasted.
    """
    return "\n".join(_script(analysis)) + "\n"


def _script(analysis: Analysis) -> Iterator[str]:
    prepared, result = analysis.prepared, analysis.result
    kind = SKLEARN_TYPES.get(result.model)
    with_gaps = analysis.settings.missing == "em"
    by_engine = analysis.noise is not None or with_gaps
    yield f'"""The mixture that gmmdesk {__version__} found, and what it says about every row."""'
    yield ""
    own_reader = needs_own_reader(analysis)
    imports, steps = _reading(analysis.dataset, _source(analysis), own=own_reader)
    imports.append("import numpy as np")
    if by_engine:
        imports.append("from gmmdesk.engine import Noise, Parameters, Region, score")
        imports.append("from gmmdesk.engine.density import responsibilities")
    else:
        package = "sklearn.mixture" if kind else "gmmdesk.sklearn"
        imports.append(f"from {package} import GaussianMixture")
    yield from sorted(imports, key=lambda line: (line.startswith("from"), line))
    yield ""
    yield f"columns = {list(prepared.preparation.inputs)!r}"
    yield from steps
    n_rows = analysis.dataset.n_rows
    yield f'assert len(X) == {n_rows}, "the file has changed, or is read in another way"'
    yield f"used = ~np.isnan(X).{'all' if with_gaps else 'any'}(axis=1)"
    yield from rows_lines(analysis)
    yield f'assert used.sum() == {len(prepared.rows)}, "other rows are used"'
    yield ""
    fitted = list(held_out_lines(analysis))
    yield from [*fitted, ""] if fitted else []
    yield from step_lines(analysis)
    yield from [""] if prepared.preparation.steps else []
    yield "# The scale on which the mixture was fitted."
    yield _array("center", prepared.center)
    yield _array("scale", prepared.scale)
    yield "Z = (V - center) / scale"
    yield ""
    yield from _parameters(analysis, "tied" if kind == "tied" and not by_engine else "full")
    yield ""
    yield from (_with_engine(analysis) if by_engine else _with_estimator(analysis, kind))
    yield from _clusters(analysis)
    if with_gaps:
        yield "log_density -= ~np.isnan(Z) @ np.log(scale)"
    else:
        yield "log_density -= np.log(scale).sum()  # back from the scale of the fit"
    if prepared.preparation.steps and prepared.keeps_density:
        yield "log_density += log_slope"
    yield f"log_likelihood = log_density{'[fitted]' * bool(fitted)}.sum()"
    n_fitted = "fitted.sum()" if fitted else "len(Z)"
    yield f"bic = -2.0 * log_likelihood + {result.n_parameters} * np.log({n_fitted})"
    yield ""
    yield 'print("log-likelihood", repr(float(log_likelihood)))'
    yield 'print("BIC", repr(float(bic)))'
    lowest = 0 if analysis.noise is not None else 1
    yield f"for number in range({lowest}, {analysis.n_clusters + 1}):"
    yield '    print("cluster", number, "rows", int((clusters == number).sum()))'


def _reading(dataset: Dataset, source: str, *, own: bool) -> tuple[list[str], list[str]]:
    """How to read the table: imports, and statements that make X (n, m) of `columns`.

    pandas where it is certain to read the same numbers, gmmdesk's `own` reader where the file, or
    somebody, asks for more.
    """
    receipt = dataset.receipt
    as_found = dataset.options == FOUND_OUT
    is_plain = (
        as_found
        and not own
        and not receipt.notes
        and not any(column.parsed is not None for column in dataset.columns)
    )
    if dataset.path is not None and is_plain and receipt.format in ("CSV", "Parquet"):
        if receipt.format == "CSV":
            options = f"sep={receipt.delimiter!r}, encoding={receipt.encoding!r}"
            table = f"pd.read_csv({source!r}, {options})"
        else:
            table = f"pd.read_parquet({source!r})"
        cells = 'pd.to_numeric(table[name], errors="coerce").to_numpy(np.float64)'
        return ["import pandas as pd"], _statements(f"table = {table}", cells)
    imports, options = ["from gmmdesk.data.samples import open_table"], ""
    if not as_found or len(receipt.sheets) > 1:
        imports += ["from gmmdesk.data.options import ReadOptions", "import msgspec"]
        sheet = dataset.options.sheet or receipt.sheet or None
        chosen = msgspec.json.encode(msgspec.structs.replace(dataset.options, sheet=sheet))
        options = f", msgspec.json.decode({chosen!r}, type=ReadOptions)"
    return imports, _statements(
        f"table = open_table({source!r}{options})", "table.column(name).numbers()"
    )


def _statements(table: str, numbers: str) -> list[str]:
    """Lines that read a table, and make X of it, given what makes the numbers of one column."""
    return [
        table,
        "",
        "",
        "def numbers(name):",
        f"    return {numbers}",
        "",
        "",
        "X = np.column_stack([numbers(name) for name in columns])",
    ]


def _parameters(analysis: Analysis, layout: str) -> Iterator[str]:
    """The mixture on the scale of the fit, with all its digits."""
    mixture = analysis.scaled.parameters
    yield _array("weights", mixture.weights)
    yield _array("means", mixture.means)
    yield _array("covariances", mixture.covariances[0] if layout == "tied" else mixture.covariances)


def _with_estimator(analysis: Analysis, kind: str | None) -> Iterator[str]:
    d = len(analysis.prepared.columns)
    name = kind or analysis.result.model
    yield f"mixture = GaussianMixture({analysis.result.n_components}, covariance_type={name!r})"
    yield "# As fit() would leave it. To fit again from here, give weights_init, means_init and"
    yield "# precisions_init instead."
    yield "mixture.weights_, mixture.means_ = weights, means"
    if kind == "diag":
        yield "mixture.covariances_ = np.diagonal(covariances, axis1=1, axis2=2)"
    elif kind == "spherical":
        yield "mixture.covariances_ = covariances[:, 0, 0]"
    else:
        yield "mixture.covariances_ = covariances"
    if kind in ("diag", "spherical"):
        yield "mixture.precisions_cholesky_ = 1.0 / np.sqrt(mixture.covariances_)"
    else:
        yield "factors = np.linalg.cholesky(covariances)"
        yield "mixture.precisions_cholesky_ = np.linalg.inv(factors).swapaxes(-1, -2)"
    yield f"mixture.n_features_in_ = {d}"
    yield "clusters = mixture.predict(Z) + 1"
    yield "probabilities = mixture.predict_proba(Z)"
    yield "log_density = mixture.score_samples(Z)"


def _with_engine(analysis: Analysis) -> Iterator[str]:
    noise = analysis.scaled.parameters.noise
    missing = analysis.settings.missing == "em"
    if noise is None:
        yield "mixture = Parameters(weights, means, covariances)"
    else:
        yield _array("origin", noise.region.origin)
        yield _array("edges", noise.region.edges)
        yield f"noise = Noise({float(noise.weight)!r}, Region(origin, edges))"
        yield "mixture = Parameters(weights, means, covariances, noise)"
    yield f"scores = score(mixture, Z, missing={missing})"
    yield "clusters = (scores.label + 1) % (len(weights) + 1)  # 0 where a row belongs to none"
    yield f"probabilities = responsibilities(mixture, Z, missing={missing})"
    yield "log_density = scores.log_density"


def _clusters(analysis: Analysis) -> Iterator[str]:
    """Probabilities of components added up where they make up one cluster."""
    grouping = analysis.grouping
    if grouping is None:
        return
    yield "# Components that are one cluster: their probabilities add up."
    yield f"parts = {[list(grouping.parts(c)) for c in range(grouping.n_clusters)]!r}"
    noise = analysis.noise is not None
    extra = " + [[len(weights)]]" * noise
    yield f"probabilities = np.stack([probabilities[:, own].sum(1) for own in parts{extra}], 1)"
    none = " % (len(parts) + 1)" * noise
    yield f"clusters = (probabilities.argmax(axis=1) + 1){none}"


def _array(name: str, values: npt.NDArray[np.float64]) -> str:
    """An assignment of an array with all its digits, a line for each row of a matrix."""
    text = repr(values.tolist())
    if values.ndim > 1:
        text = text.replace("], [", "],\n    [").replace("[[", "[\n    [", 1)
    return f"{name} = np.array({text})"

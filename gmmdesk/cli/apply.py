"""gmmdesk apply: the rows of a table scored with a saved model."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gmmdesk.cli.printing import describe_application, print_json, print_lines
from gmmdesk.cli.progress import ProgressLine
from gmmdesk.cli.reading import (
    add_reading_options,
    reading_options,
    refuse_open_questions,
    saying_how_to_read_less,
)
from gmmdesk.errors import UsageError

if TYPE_CHECKING:
    from gmmdesk.data.dataset import Dataset


def add_dialect_argument(parser: argparse.ArgumentParser) -> None:
    """The argument that says how CSV and TSV files are written."""
    parser.add_argument(
        "--out-dialect",
        choices=("plain", "as-input"),
        default="plain",
        help="of .csv and .tsv files: decimal points and commas or tabs between cells, or delimiter"
        " and decimal mark as in FILE",
    )


def add_apply_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `gmmdesk apply`."""
    parser.add_argument("model", metavar="MODEL", type=Path, help="model file saved by gmmdesk")
    parser.add_argument("file", metavar="FILE", help="table to read, or sample:NAME")
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="write results; .xlsx .csv .tsv or .parquet; may be repeated",
    )
    add_dialect_argument(parser)
    parser.add_argument(
        "--map",
        metavar="MODEL=FILE",
        action="append",
        default=[],
        dest="pairs",
        help="a column of the model, and what it is called in the file; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    parser.add_argument("--quiet", action="store_true", help="print neither progress nor summary")
    add_reading_options(parser)


def apply_model(arguments: argparse.Namespace) -> None:
    """Do what `gmmdesk apply` was asked for; raises GmmdeskError."""
    from gmmdesk.analysis import apply
    from gmmdesk.data.samples import open_table
    from gmmdesk.export import check_target, write
    from gmmdesk.export.model import fitted_model, load_model
    from gmmdesk.export.summary import application_summary

    for path in arguments.out:
        check_target(path, rows_only=True)
    model = fitted_model(load_model(arguments.model), str(arguments.model))
    options = reading_options(arguments)
    with ProgressLine(quiet=arguments.quiet) as progress, saying_how_to_read_less():
        dataset = open_table(arguments.file, options, task=progress)
        refuse_open_questions(dataset)
        for path in arguments.out:
            check_target(path, dataset, rows_only=True)
        mapping = parsed_pairs(arguments.pairs, model.preparation.needed, dataset)
        application = apply(model, dataset, mapping, task=progress)
        for path in arguments.out:
            as_input = arguments.out_dialect == "as-input"
            write(application, path, names=model.names, task=progress, as_input=as_input)
    if arguments.json:
        print_json(application_summary(application))
    elif not arguments.quiet:
        print_lines(describe_application(application, arguments.out))


def parsed_pairs(pairs: Sequence[str], columns: Sequence[str], dataset: Dataset) -> dict[str, str]:
    """The file's columns by the model's, from "model=file"; names may hold "=" themselves.

    Raises UsageError for a pair of which no part is the name of a column.
    """
    known = {column.name for column in dataset.columns}
    mapping: dict[str, str] = {}
    for pair in pairs:
        cuts = [i for i, letter in enumerate(pair) if letter == "="]
        splits = [(pair[:i].strip(), pair[i + 1 :].strip()) for i in cuts]
        fitting = [split for split in splits if split[0] in columns and split[1] in known]
        if not splits:
            raise UsageError(f"--map {pair} names one column.", 'Write it like --map "model=file".')
        name, there = (fitting or splits)[0]  # what is wrong is said when columns are matched
        if name in mapping:
            raise UsageError(f"--map names column '{name}' twice.", "Name each column once.")
        mapping[name] = there
    return mapping

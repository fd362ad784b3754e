"""What can be said to the command line, and the settings it asks for."""

from __future__ import annotations

import argparse
import difflib
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from gmmdesk import __version__
from gmmdesk.cli import values
from gmmdesk.cli.apply import add_apply_arguments, add_dialect_argument
from gmmdesk.cli.reading import add_reading_options
from gmmdesk.data.seeds import seed
from gmmdesk.errors import UsageError
from gmmdesk.text import sentence_case

if TYPE_CHECKING:
    from gmmdesk.analysis import Settings
    from gmmdesk.data.dataset import Dataset

ALL, USUAL = ("all",), ("usual",)  # models that are asked for by one word


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{sentence_case(message)}.", f"See {self.prog} --help.")


class _CommandParser(_Parser):
    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does, but a wrong option is named even where something else is amiss."""
        try:
            found, rest = super().parse_known_args(args, namespace)
        except UsageError:
            rest = list(itertools.takewhile(lambda argument: argument != "--", args or ()))
            self._refuse_options(rest)
            raise
        self._refuse_options(rest)
        return found, rest

    def _refuse_options(self, arguments: Sequence[str]) -> None:
        known = self._option_string_actions
        for option in (argument.partition("=")[0] for argument in arguments):
            if option.startswith("--") and option not in known:
                close = difflib.get_close_matches(option, known, 1, cutoff=0.75)
                raise UsageError(
                    f"There is no option {option}.",
                    f"Did you mean {close[0]}?" if close else f"See {self.prog} --help.",
                )


def parser() -> argparse.ArgumentParser:
    """Of all commands; raises UsageError for what it does not know."""
    gmmdesk = _Parser(
        prog="gmmdesk",
        usage="gmmdesk [FILE] | gmmdesk COMMAND ...",
        description="Find clusters in a table with Gaussian mixture models. Without a command,"
        " opens the window, with FILE loaded. sample:NAME stands for FILE anywhere.",
        allow_abbrev=False,
    )
    gmmdesk.add_argument("--version", action="version", version=f"gmmdesk {__version__}")
    commands = gmmdesk.add_subparsers(
        dest="command",
        metavar="COMMAND",
        required=True,
        prog="gmmdesk",
        parser_class=_CommandParser,
    )

    def add_command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, allow_abbrev=False)

    fit = add_command("fit", "Find the clusters of a table and write results, without a window.")
    fit.add_argument(
        "file",
        metavar="FILE",
        help="table to read, sample:NAME, or a session (.gmmdesk) for its table and choices",
    )
    fit.add_argument(
        "--columns", metavar="A,B", type=values.names, help="default: every column of measurements"
    )
    fit.add_argument(
        "--k", metavar="K", type=values.number_range, help="clusters: 3, or 1-9 (the default)"
    )
    fit.add_argument(
        "--model",
        metavar="M",
        type=values.names,
        help="VVV, or EEE,VVV, or all (the default), or usual, as the window: few of many rows",
    )
    fit.add_argument("--criterion", metavar="C", help="bic (default), icl or aic: lower is better")
    fit.add_argument("--seed", metavar="N", type=seed, help="default 0")
    fit.add_argument(
        "--restarts",
        metavar="N",
        type=int,
        help="starts for each fit (default 10; fewer where neighbours' answers are starts too)",
    )
    fit.add_argument(
        "--scale", dest="scaling", metavar="S", help="columns: standard (default) or none"
    )
    fit.add_argument(
        "--missing",
        metavar="HOW",
        help="rows with missing values: leave-out (default), or em to use the values they have",
    )
    fit.add_argument(
        "--step",
        dest="steps",
        metavar="STEP",
        type=values.step,
        action="append",
        help="prepare the table before the fit, in the order given: 'log A B', 'box-cox A',"
        " 'yeo-johnson A', 'leave-out A > 90 reason=WHY', 'leave-out-rows 3,10-12', 'drop A',"
        " 'indicators A', 'components share=0.9', 'hold-out share=0.2 seed=1'; may be repeated",
    )
    fit.add_argument(
        "--steps",
        dest="steps_file",
        metavar="FILE.json",
        type=Path,
        help="more such steps, as a JSON list; they come first",
    )
    fit.add_argument(
        "--known-column",
        metavar="COLUMN",
        help="column with the clusters that rows are known to belong to, empty where unknown: its"
        " labels, sorted, are clusters 1, 2, ...",
    )
    fit.add_argument(
        "--known",
        metavar="K=ROWS",
        type=values.known,
        action="append",
        help="rows known to belong to a cluster, such as 2=5,17-19; 0 is no cluster, with --noise;"
        " may be repeated",
    )
    fit.add_argument(
        "--noise",
        action="store_true",
        default=None,
        help="some rows may belong to no cluster (noise component)",
    )
    fit.add_argument(
        "--prior",
        metavar="WHEN",
        help="conjugate prior that keeps clusters from collapsing: guard (default) where they would"
        " without it, always or never",
    )
    fit.add_argument(
        "--after",
        metavar="K[:M]",
        type=values.searched,
        action="append",
        default=[],
        help="search these numbers in these models before, such as 1-9:all, and take over the fits"
        " that are asked for, as the window does; may be repeated",
    )
    fit.add_argument("--tol", metavar="T", type=float, help="least gain per row, in nats")
    fit.add_argument("--max-iter", metavar="N", type=int, help="most iterations of one fit")
    fit.add_argument(
        "--merge",
        metavar="HOW",
        type=values.merge,
        help="merge components that overlap into clusters, probabilities added up: auto for the"
        " number at which the entropy bends (Baudry et al., 2010; none are merged where nothing"
        " overlaps), a number of clusters, or components that belong together, such as 1+3,2+5",
    )
    fit.add_argument(
        "--stability",
        metavar="N",
        type=values.resamples,
        default=0,
        help="look for the clusters again in N random halves of the rows, for the verdict",
    )
    fit.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="write results; .xlsx .csv .tsv .parquet .json or .html, of a picture also .png;"
        " may be repeated",
    )
    add_dialect_argument(fit)
    fit.add_argument("--save", metavar="MODEL.json", type=Path, help="write the fitted model")
    fit.add_argument("--json", action="store_true", help="print the summary as JSON")
    fit.add_argument(
        "--print-python",
        action="store_true",
        help="print a Python script that scores the rows with the mixture found",
    )
    fit.add_argument(
        "--diagnose",
        action="store_true",
        help="print too whether the answer can be trusted: doubtful clusters, shape, overlap,"
        " outliers, and k-means beside it",
    )
    fit.add_argument(
        "--labels",
        metavar="COLUMN",
        help="compare the clusters with the labels in a column (implies --diagnose)",
    )
    fit.add_argument("--quiet", action="store_true", help="print neither progress nor summary")
    add_reading_options(fit)

    add_apply_arguments(add_command("apply", "Score the rows of a table with a saved model."))

    inspect = add_command("inspect", "Read a table and print what was found in it.")
    inspect.add_argument("file", metavar="FILE", help="table to read, or sample:NAME")
    inspect.add_argument("--json", action="store_true", help="print it as JSON")
    add_reading_options(inspect)

    add_command("samples", "List the sample data.")
    return gmmdesk


def asked_settings(arguments: argparse.Namespace, base: Settings | None = None) -> Settings:
    """The settings that differ from `base` or the defaults as the options say.

    Raises UsageError.
    """
    import msgspec

    from gmmdesk.analysis import Settings

    options = (
        *("columns", "criterion", "seed", "restarts", "scaling", "missing", "noise", "prior"),
        "known_column",
        *("tol", "max_iter"),
    )
    chosen = {name: getattr(arguments, name) for name in options}
    if arguments.k is not None:
        chosen["k_min"], chosen["k_max"] = arguments.k
    if arguments.model in (ALL, USUAL):  # how many are usual depends on the table
        chosen["models"] = Settings().models
    elif arguments.model is not None:
        chosen["models"] = arguments.model
    steps = tuple(arguments.steps or ())
    if arguments.steps_file is not None:
        steps = (*values.read_steps(arguments.steps_file), *steps)
    chosen["steps"] = steps or None
    chosen["known"] = tuple(arguments.known) if arguments.known else None
    changes = {name: value for name, value in chosen.items() if value is not None}
    return msgspec.structs.replace(base or Settings(), **changes)


def settings_for(dataset: Dataset, asked: Settings, arguments: argparse.Namespace) -> Settings:
    """What was asked for, with the models that are usual in a table of its size if those were."""
    import msgspec

    from gmmdesk.analysis.settings import models_for

    if arguments.model != USUAL:
        return asked
    return msgspec.structs.replace(asked, models=models_for(dataset.n_rows))

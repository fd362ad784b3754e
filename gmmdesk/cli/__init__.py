"""The command line: the same calls as the window makes, printed.

Imports wait for the command that needs them: the window, which passes through here, and --version
start at once.
"""

from __future__ import annotations

import argparse
import difflib
import itertools
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from gmmdesk import __version__
from gmmdesk.cli import values
from gmmdesk.cli.apply import add_apply_arguments, add_dialect_argument, apply_model
from gmmdesk.cli.printing import (
    describe_fit,
    describe_table,
    print_json,
    print_lines,
    print_text,
    receipt,
)
from gmmdesk.cli.progress import ProgressLine, checked, drain
from gmmdesk.cli.reading import (
    add_reading_options,
    is_session,
    reading_options,
    refuse_open_questions,
    refuse_reading_options,
    refuse_session,
    saying_how_to_read_less,
)
from gmmdesk.errors import Cancelled, GmmdeskError, UsageError
from gmmdesk.faults import record_fault

if TYPE_CHECKING:
    from gmmdesk.analysis import Settings

EXIT_DONE, EXIT_FAULT, EXIT_UNUSABLE, EXIT_INTERRUPTED = 0, 1, 2, 130
_SIGNALLED = 128  # and the signal's number: how shells see a program that a signal has ended


def main(argv: Sequence[str]) -> int:
    """Run one command and return the exit status; prints errors, raises only SystemExit."""
    # A request to end unwinds like Ctrl+C, so that no half-written file stays behind.
    names = ("SIGTERM", "SIGHUP")  # Windows has no terminal that hangs up
    requests = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in requests}
    try:
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:  # as under nohup
                signal.signal(number, lambda number, _frame: sys.exit(_SIGNALLED + number))
        return _run(argv)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(argv: Sequence[str]) -> int:
    try:
        arguments = _parser().parse_args(argv)
        status = COMMANDS[arguments.command](arguments)
        sys.stdout.flush()
    except GmmdeskError as error:
        print(f"gmmdesk: {error}", file=sys.stderr)
        return EXIT_UNUSABLE
    except (KeyboardInterrupt, Cancelled):
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has had enough. Python would complain again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    except Exception as error:
        log = record_fault(error)
        print(
            f"gmmdesk: an unexpected fault ({type(error).__name__}); please report it with {log}",
            file=sys.stderr,
        )
        return EXIT_FAULT
    return status


# --- arguments ---------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", f"See {self.prog} --help.")


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


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="gmmdesk",
        usage="gmmdesk [FILE] | gmmdesk COMMAND ...",
        description="Find clusters in a table with Gaussian mixture models. Without a command,"
        " opens the window, with FILE loaded. sample:NAME stands for FILE anywhere.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"gmmdesk {__version__}")
    commands = parser.add_subparsers(
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
        "--model", metavar="M", type=values.names, help="VVV, or EEE,VVV, or all (the default)"
    )
    fit.add_argument("--criterion", metavar="C", help="bic (default), icl or aic: lower is better")
    fit.add_argument("--seed", metavar="N", type=int, help="default 0")
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
    fit.add_argument("--tol", metavar="T", type=float, help="least gain per row, in nats")
    fit.add_argument("--max-iter", metavar="N", type=int, help="most iterations of one fit")
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
        help="write results; .xlsx .csv .tsv .parquet or .json, of a picture also .png;"
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
    fit.add_argument("--quiet", action="store_true", help="print neither progress nor summary")
    add_reading_options(fit)

    add_apply_arguments(add_command("apply", "Score the rows of a table with a saved model."))

    inspect = add_command("inspect", "Read a table and print what was found in it.")
    inspect.add_argument("file", metavar="FILE", help="table to read, or sample:NAME")
    inspect.add_argument("--json", action="store_true", help="print it as JSON")
    add_reading_options(inspect)

    add_command("samples", "List the sample data.")
    return parser


def _settings(arguments: argparse.Namespace, base: Settings | None = None) -> Settings:
    """The settings that differ from `base` or the defaults as the options say.

    Raises UsageError.
    """
    import msgspec

    from gmmdesk.analysis import Settings

    options = (
        *("columns", "criterion", "seed", "restarts", "scaling", "missing", "noise", "prior"),
        *("tol", "max_iter"),
    )
    chosen = {name: getattr(arguments, name) for name in options}
    if arguments.k is not None:
        chosen["k_min"], chosen["k_max"] = arguments.k
    if arguments.model not in (None, ("all",)):
        chosen["models"] = arguments.model
    steps = tuple(arguments.steps or ())
    if arguments.steps_file is not None:
        steps = (*values.read_steps(arguments.steps_file), *steps)
    chosen["steps"] = steps or None
    changes = {name: value for name, value in chosen.items() if value is not None}
    return msgspec.structs.replace(base or Settings(), **changes)


# --- commands ----------------------------------------------------------------------------------


def _fit(arguments: argparse.Namespace) -> int:
    from gmmdesk.analysis import analyse
    from gmmdesk.data.samples import open_table
    from gmmdesk.export import check_target, write
    from gmmdesk.export.recipes import python_script
    from gmmdesk.export.summary import summary

    if arguments.save is not None and arguments.save.suffix.lower() != ".json":
        raise UsageError(
            f"A model cannot be saved as {arguments.save}.", "Choose a name that ends with .json."
        )
    outputs = [*arguments.out, *([arguments.save] if arguments.save else [])]
    # What is wrong with the request is said now, not after a long fit.
    settings, options = _settings(arguments), reading_options(arguments)
    from_session = is_session(arguments.file)
    if from_session:
        refuse_reading_options(arguments, arguments.file)
    for path in outputs:
        check_target(path)
    with ProgressLine(quiet=arguments.quiet) as progress, saying_how_to_read_less():
        saved, names = None, None
        if from_session:
            from gmmdesk.session.reuse import open_saved

            saved = open_saved(Path(arguments.file), task=progress)
            dataset, settings = saved.dataset, _settings(arguments, saved.settings)
        else:
            dataset = open_table(arguments.file, options, task=progress)
            refuse_open_questions(dataset)
        for path in outputs:
            check_target(path, dataset)
        if saved is not None and saved.answers(settings):
            analysis, names = saved.analysis(progress)
        else:
            analysis = drain(analyse(dataset, settings, task=progress), progress)
        if arguments.stability:
            analysis = checked(analysis, arguments.stability, progress)
        for path in outputs:
            as_input = arguments.out_dialect == "as-input"
            write(analysis, path, names=names, task=progress, as_input=as_input)
    if arguments.json:
        print_json(summary(analysis))
    elif arguments.print_python:
        print_text(python_script(analysis))
    elif not arguments.quiet:
        if saved is not None and saved.table is not None:
            print_lines([f"The table of {arguments.file} was read from {saved.table}."])
        print_lines(describe_fit(analysis, outputs))
    return EXIT_DONE


def _apply(arguments: argparse.Namespace) -> int:
    apply_model(arguments)
    return EXIT_DONE


def _inspect(arguments: argparse.Namespace) -> int:
    from gmmdesk.data.samples import open_table

    refuse_session(arguments.file)
    options = reading_options(arguments)
    with ProgressLine(quiet=False) as progress, saying_how_to_read_less():
        dataset = open_table(arguments.file, options, task=progress)
    if arguments.json:
        print_json(receipt(dataset))
    else:
        print_lines(describe_table(dataset))
    return EXIT_DONE


def _samples(_arguments: argparse.Namespace) -> int:
    from gmmdesk.data.sample_table import PREFIX, SAMPLES

    for name, sample in SAMPLES.items():
        print_lines(
            (
                f"{PREFIX}{name}  {sample.title}, {sample.n_rows:,} rows",
                f"    {sample.description}",
                f"    {sample.source}. {sample.licence}.",
            )
        )
    return EXIT_DONE


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "fit": _fit,
    "apply": _apply,
    "inspect": _inspect,
    "samples": _samples,
}

"""The command line: the same calls as the window makes, printed.

Imports wait for the command that needs them: the window, which passes through here, and --version
start at once.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from gmmdesk.cli.apply import apply_model
from gmmdesk.cli.arguments import asked_settings, parser, settings_for
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
    is_session,
    reading_options,
    refuse_open_questions,
    refuse_reading_options,
    refuse_session,
    saying_how_to_read_less,
)
from gmmdesk.errors import Cancelled, GmmdeskError, UsageError
from gmmdesk.faults import record_fault

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
        arguments = parser().parse_args(argv)
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


# --- commands ----------------------------------------------------------------------------------


def _fit(arguments: argparse.Namespace) -> int:
    from gmmdesk.analysis import analyse
    from gmmdesk.analysis.cells import Cells
    from gmmdesk.analysis.combining import asked_grouping, combined
    from gmmdesk.analysis.grouping import cluster_names
    from gmmdesk.data.samples import open_table
    from gmmdesk.export import check_target, write
    from gmmdesk.export.recipes import python_script
    from gmmdesk.export.summary import summary

    if arguments.save is not None and arguments.save.suffix.lower() != ".json":
        raise UsageError(
            f"A model cannot be saved as {arguments.save}.", "Choose a name that ends with .json."
        )
    outputs = [*arguments.out, *([arguments.save] if arguments.save else [])]
    judged = arguments.diagnose or arguments.labels is not None
    if judged and arguments.print_python:
        raise UsageError(
            "--diagnose and --labels do not go with --print-python.", "Ask for one of them."
        )
    # What is wrong with the request is said now, not after a long fit.
    settings, options = asked_settings(arguments), reading_options(arguments)
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
            dataset, settings = saved.dataset, asked_settings(arguments, saved.settings)
        else:
            dataset = open_table(arguments.file, options, task=progress)
            refuse_open_questions(dataset)
        settings = settings_for(dataset, settings, arguments)
        for path in outputs:
            check_target(path, dataset)
        if saved is not None and saved.answers(settings) and not arguments.after:
            analysis, names = saved.analysis(progress, arguments.merge)
        else:
            cells = Cells()
            for one in (*(before.within(settings) for before in arguments.after), settings):
                kept = cells.of(dataset, one)
                fitting = analyse(dataset, one, kept=kept, task=progress)
                analysis = cells.keep(drain(fitting, progress))
            names = analysis.known_names
            if arguments.merge is not None:
                asked = asked_grouping(analysis, arguments.merge, progress)
                analysis = combined(analysis, asked, task=progress)
                names = names and cluster_names(dict(enumerate(names)), len(names), asked)
        if arguments.stability:
            analysis = checked(analysis, arguments.stability, progress)
        for path in outputs:
            as_input = arguments.out_dialect == "as-input"
            write(analysis, path, names=names, task=progress, as_input=as_input)
    if arguments.json:
        told = summary(analysis, names or ())
        if judged:
            from gmmdesk.cli.diagnosing import diagnosis_object

            told["diagnosis"] = diagnosis_object(analysis, names, arguments.labels)
        print_json(told)
    elif arguments.print_python:
        print_text(python_script(analysis))
    elif not arguments.quiet:
        if saved is not None and saved.table is not None:
            print_lines([f"The table of {arguments.file} was read from {saved.table}."])
        merges = arguments.merge is not None and arguments.merge.is_automatic
        print_lines(describe_fit(analysis, outputs, names or (), merges=merges))
    if judged and not arguments.json:
        from gmmdesk.cli.diagnosing import describe_diagnosis

        print_lines(describe_diagnosis(analysis, names, arguments.labels))
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

"""One table as it was read in several ways, for the history: kept, or read again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from gmmdesk.errors import GmmdeskError
from gmmdesk.ui import reading, remembered
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.files import Files
from gmmdesk.ui.known_tables import may_read_unasked

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.data.options import ReadOptions
    from gmmdesk.task import Task

_ROOM = 2**28  # bytes for tables that are not shown


class Readings(QObject):
    """The readings of one source that are not shown, by their options; the newest at the end."""

    def __init__(self, files: Files, parent: QObject) -> None:
        super().__init__(parent)
        self._files = files
        self._kept: dict[ReadOptions, reading.Found] = {}
        self._is_of_user = False
        self._worker = LatestWorker(self)

    def begin(self, *, is_of_user: bool) -> None:
        """Forget all; `is_of_user` tells whether the user named the source, or a session did."""
        self._kept.clear()
        self._is_of_user = is_of_user

    def keep(self, found: reading.Found) -> None:
        """Keep a reading that is shown no more, and the ones before while there is room."""
        self._kept[found.dataset.options] = found
        sizes = {options: kept.dataset.memory_bytes for options, kept in self._kept.items()}
        taken = sum(sizes.values())
        for oldest, size in sizes.items():
            if taken <= _ROOM:
                break
            taken -= size
            del self._kept[oldest]

    def fetch(
        self, options: ReadOptions, present: reading.Found | None, done: Callable[[], object]
    ) -> None:
        """Call `done` when there is something to `take`: at once, or when it has been read.

        It is read from where the `present` reading is; where that cannot be `files` report it.
        """
        if options in self._kept:
            done()
            return
        try:
            source, hashes = self._source_of(present)
        except GmmdeskError as error:
            self._files.failed.emit(error)
            return

        def arrived(found: reading.Found) -> None:
            self._kept[options] = found
            done()
            self._kept.pop(options, None)  # nobody took it: there may be no room for it

        read = partial(_read_as_it_was, source, hashes, options)
        self._files.begin_reading(f"Reading {source.name} as before", read, arrived)

    def take(self, options: ReadOptions) -> reading.Found:
        """The table as it was read with `options`, to be shown; raises KeyError."""
        return self._kept.pop(options)

    def remember(self, found: reading.Found) -> None:
        """Read the file in this way the next time too."""
        path, options = found.source.path, found.dataset.options
        if path is not None and self._is_of_user:
            self._worker.submit(lambda: remembered.remember(path, options), lambda _: None)

    def _source_of(self, present: reading.Found | None) -> tuple[reading.Source, tuple[str, str]]:
        if present is None:
            raise GmmdeskError(
                "The pasted table cannot be read in another way any more.", "Paste it again."
            )
        path = present.source.path
        if path is not None and not self._is_of_user and not may_read_unasked()(str(path)):
            raise GmmdeskError(
                f"The session wants to read {path} again.",
                "If you know that file, open it yourself first, and the session after it.",
            )
        return present.source, present.dataset.receipt.hashes

    def close(self) -> None:
        self._worker.close()


def _read_as_it_was(
    source: reading.Source, hashes: tuple[str, str], options: ReadOptions, task: Task
) -> reading.Found:
    found = reading.read_source(source, options, task, remembers=False)
    if found.dataset.receipt.hashes != hashes:
        raise GmmdeskError(
            f"{source.name} has changed since it was read in that way.",
            "What is in the window stays. Open the file anew to go on with it as it is now.",
        )
    return found

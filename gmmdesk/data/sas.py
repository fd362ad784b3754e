"""Files of SAS: a table, and the catalog beside it that says what its values mean."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from gmmdesk.data.apart import parse_apart
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable
from gmmdesk.data.sas_catalog import catalog_beside
from gmmdesk.errors import ReadError, TooLargeError
from gmmdesk.task import Task

_PARSER = "gmmdesk.data.labelled:parse_sas"


def read_sas(file: BinaryIO, name: str, options: ReadOptions, task: Task) -> RawTable:
    """The table in a data set or a transport file, with labels where a catalog lies beside it.

    Raises ReadError for a damaged file; a damaged catalog is told in a note.
    """
    catalog = catalog_beside(Path(file.name))
    if catalog is None:
        return parse_apart(_PARSER, file, name, options, task)
    more = {"catalog": str(catalog)}
    try:
        return parse_apart(_PARSER, file, name, options, task, more=more)
    except TooLargeError:
        raise
    except ReadError:  # it may be the catalog with which the process ended
        file.seek(0)
        without = {**more, "parses_catalog": False}
        return parse_apart(_PARSER, file, name, options, task, more=without)

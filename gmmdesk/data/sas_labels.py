"""What values in a file of SAS mean, as the catalog beside it says, and what is told of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gmmdesk.data.sas_catalog import Catalog, names_beside, read_catalog
from gmmdesk.data.sas_formats import bare_format, made_formats
from gmmdesk.errors import ReadError
from gmmdesk.text import joined


@dataclass(frozen=True, slots=True)
class SasLabels:
    """Labels of values by column, sentences about them, and fields of the receipt."""

    labels: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    interpretation: dict[str, str] = field(default_factory=dict)


def sas_labels(
    formats: Mapping[str, str | None], name: str, catalog: str, *, parses_catalog: bool
) -> SasLabels:
    """The labels for columns with `formats` in the file called `name`, from the catalog at a path.

    That may be "" for none; it is opened where a column has a format that somebody has made.
    """
    made = made_formats(formats)
    if not made:
        return SasLabels()
    if not catalog:
        return SasLabels(notes=[_no_catalog(made, name)])
    try:
        found = read_catalog(Path(catalog), parses=parses_catalog)
    except ReadError as error:
        return SasLabels(notes=[f"{_as_stored(made)}: {error.message}"])
    labels = {
        column: found.labels[bare_format(format_)]
        for column, format_ in made.items()
        if bare_format(format_) in found.labels
    }
    interpretation = {"catalog": found.name, "catalog_sha256": found.sha256}
    return SasLabels(labels, _about(made, found), interpretation)


def _as_stored(formats: Mapping[str, str]) -> str:
    return f"Values are shown as they are stored in {_listed(formats)}"


def _listed(formats: Mapping[str, str]) -> str:
    return joined([f"{column} ({format_})" for column, format_ in formats.items()])


def _no_catalog(formats: Mapping[str, str], name: str) -> str:
    """SAS keeps labels of values apart, with the formats that give them."""
    return (
        f"{_as_stored(formats)}: the labels that such a format may give them are in a catalog of"
        " its own. That is read where it lies beside the file, neither of them packed, and is"
        f" called {' or '.join(dict.fromkeys(names_beside(name)))}."
    )


def _about(formats: Mapping[str, str], catalog: Catalog) -> list[str]:
    """What became of the columns with formats, given the catalog that may have them."""
    if catalog.flaw:
        return [
            f"{_as_stored(formats)}: the catalog {catalog.name}, which may have their labels, is"
            f" damaged or of a kind that is not known ({catalog.flaw})."
        ]
    labelled, ranges, absent = {}, {}, {}
    for column, format_ in formats.items():
        if (name := bare_format(format_)) in catalog.labels:
            labelled[column] = format_
        elif name in catalog.not_single:
            ranges[column] = format_
        else:
            absent[column] = format_
    notes = []
    if labelled:
        notes.append(f"The catalog {catalog.name} gave the labels of {_listed(labelled)}.")
    if ranges:
        notes.append(
            f"{_as_stored(ranges)}: the catalog {catalog.name} has labels of ranges of values, or"
            " of long texts, for them, which are not read."
        )
    if absent:
        notes.append(f"{_as_stored(absent)}: the catalog {catalog.name} has no such format.")
    return notes

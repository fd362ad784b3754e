"""The pages of the help: which there are, in which order, and their Markdown.

Their links stay inside the program: `page:NAME`, `term:WORD` for an entry of the glossary
(with _ for a space), `sample:NAME` to open one, and `do:NAME` for what `Helping` can set going;
pictures are `model:NAME`, drawn by `shapes`, and `sketch:NAME`, drawn by `sketches`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from gmmdesk.ui.help import glossary

GLOSSARY_PAGE = "glossary"

# By the headings of the contents.
SECTIONS: Mapping[str, Mapping[str, str]] = {
    "To begin with": {
        "first-analysis": "Your first analysis",
        "mixture": "What a Gaussian mixture is",
        "em": "How the clusters are found",
        "assignment": "Soft and hard assignment",
        "number": "How many clusters",
        "shapes": "Shapes of clusters",
        "not-for": "When not to use it",
        "pitfalls": "Pitfalls",
    },
    "The views": {
        "view-map": "Map",
        "view-matrix": "Matrix",
        "view-densities": "Densities",
        "view-profiles": "Profiles",
        "view-certainty": "Certainty",
        "view-choose-k": "Choose K",
        "view-trust": "Trust",
        "view-table": "Table",
        "view-report": "Report",
        "view-picture": "Picture",
        "arranging": "Arranging the views",
        "timeline": "Timeline",
    },
    "Working": {
        "opening": "Opening a file",
        "selecting": "Selecting rows",
        "preparing": "Preparing rows and columns",
        "exporting": "Exporting",
        "applying": "Applying to another file",
        "sessions": "Saving, and taking back",
    },
    "Examples": {
        "example-faithful": "Example: a geyser",
        "example-iris": "Example: flowers",
        "example-penguins": "Example: penguins",
        "example-wine": "Example: wines",
        "example-customers": "Example: customers",
        "example-purchases": "Example: odd purchases",
        "example-photo": "Example: a photograph",
        "example-oil": "Example: a market",
        "example-cells": "Example: cells",
        "example-blobs": "Example: made-up blobs",
    },
    "Words": {GLOSSARY_PAGE: "Glossary"},
}
PAGES: Mapping[str, str] = {
    name: title for section in SECTIONS.values() for name, title in section.items()
}
FIRST = next(iter(PAGES))


@cache
def text_of(name: str) -> str:
    """A page in Markdown."""
    if name == GLOSSARY_PAGE:
        return glossary.as_page()
    return (files("gmmdesk.resources") / "help" / f"{name}.md").read_text(encoding="utf-8")

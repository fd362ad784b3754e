"""Files to read."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

import pytest

from gmmdesk.data import database, formats, sas, workbook
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable
from gmmdesk.task import Task

WriteFile = Callable[..., Path]


@pytest.fixture
def file(tmp_path: Path) -> WriteFile:
    """Write text or bytes to a file of the given name."""

    def write(content: str | bytes, name: str = "table.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.fixture
def parsers_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse in this process, which is faster; that parsers run apart is tested elsewhere."""
    for module in (formats, database, sas, workbook):
        monkeypatch.setattr(module, "parse_apart", parse_here)


def parse_here(
    parser: str,
    file: BinaryIO,
    name: str,
    options: ReadOptions,
    task: Task,
    *,
    more: Mapping[str, Any] = MappingProxyType({}),
    **_: object,
) -> RawTable:
    raw = pkgutil.resolve_name(parser)(file, name, options, task, **more)
    facts = json.loads(json.dumps(raw.facts()))  # as they come from the other process
    return RawTable.from_facts(raw.table(), facts)

"""The scripts of packaging/, which are no package: loaded from their files."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[2] / "packaging"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    before = sys.path[:]
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


@pytest.fixture(scope="session")
def setup_environment() -> Iterator[ModuleType]:
    yield load("setup_environment")
    del sys.modules["setup_environment"]


@pytest.fixture(scope="session")
def run_script(setup_environment: ModuleType) -> Iterator[ModuleType]:
    yield load("run")
    del sys.modules["run"]


@pytest.fixture(scope="session")
def test_script(setup_environment: ModuleType) -> Iterator[ModuleType]:
    before = sys.modules.get("test")  # the interpreter's own tests
    yield load("test")
    del sys.modules["test"]
    if before is not None:
        sys.modules["test"] = before

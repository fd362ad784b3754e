"""The model file: a fitted mixture as JSON, written with all digits and read with suspicion."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from gmmdesk import engine
from gmmdesk.analysis import OUTLIER_LEVEL, Analysis, FittedModel
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.profiles import in_file_columns
from gmmdesk.data.dataset import FloatArray
from gmmdesk.data.steps.fitted import Preparation
from gmmdesk.engine import Parameters
from gmmdesk.errors import ExportError, ReadError, UsageError
from gmmdesk.export.model_file import (
    FORMAT,
    MAX_BYTES,
    VERSION,
    Box,
    Criteria,
    Fitted,
    ModelFile,
    Noise,
    Scaling,
    Steps,
)
from gmmdesk.export.model_flaws import flaw_in
from gmmdesk.export.provenance import provenance
from gmmdesk.task import Task


class _Head(msgspec.Struct):
    format: str = ""
    version: int = 0


def write_model(analysis: Analysis, file: BinaryIO, names: Sequence[str], task: Task) -> None:
    """Write the fitted mixture, without the rows, under the clusters' `names`."""
    task.step(0.0)
    result, prepared, level = analysis.result, analysis.prepared, analysis.outlier_level
    columns, mixture = in_file_columns(result.parameters, prepared.preparation)
    model = ModelFile(
        format=FORMAT,
        version=VERSION,
        columns=columns,
        scaling=Scaling(
            method=analysis.settings.scaling,
            center=tuple(prepared.center.tolist()),
            scale=tuple(prepared.scale.tolist()),
        ),
        model=result.model,
        weights=tuple(result.weights.tolist()),
        means=_matrix(mixture.means),
        covariances=tuple(map(_matrix, mixture.covariances)),
        noise=_noise(mixture.noise),
        fitted=_fitted(analysis.scaled.parameters),
        steps=_steps(prepared.preparation, columns),
        units=dict(prepared.units) or None,
        clusters=_clusters(analysis.grouping),
        cluster_names=tuple(names),
        outlier_level=None if level == OUTLIER_LEVEL else level,
        criteria=Criteria(
            log_likelihood=float(result.log_likelihood),
            n_parameters=int(result.n_parameters),
            bic=float(result.bic),
            icl=float(result.icl),
            aic=float(result.aic),
        ),
        provenance=provenance(analysis),
    )
    # One line a field: a covariance matrix with a line for each number could not be read.
    lines = [
        msgspec.json.encode(name) + b": " + msgspec.json.encode(value)
        for name, value in msgspec.structs.asdict(model).items()
        if value is not None
    ]
    data = b"{\n" + b",\n".join(lines) + b"\n}\n"
    if len(data) > MAX_BYTES:
        raise ExportError(
            f"The model takes {len(data):,} bytes; a model file holds {MAX_BYTES:,}.",
            "Fit fewer columns or fewer clusters.",
        )
    file.write(data)


def _clusters(grouping: Grouping | None) -> tuple[int, ...] | None:
    return None if grouping is None else tuple(cluster + 1 for cluster in grouping.of)


def _noise(noise: engine.Noise | None) -> Noise | None:
    if noise is None:
        return None
    return Noise(
        weight=float(noise.weight),
        log_density=noise.log_density,
        origin=tuple(noise.region.origin.tolist()),
        edges=_matrix(noise.region.edges),
    )


def _fitted(scaled: Parameters) -> Fitted:
    box = None
    if scaled.noise is not None:
        region = scaled.noise.region
        box = Box(origin=tuple(region.origin.tolist()), edges=_matrix(region.edges))
    return Fitted(
        means=_matrix(scaled.means), covariances=tuple(map(_matrix, scaled.covariances)), noise=box
    )


def _matrix(values: FloatArray) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, values.tolist()))


def fitted_model(model: ModelFile, origin: str = "") -> FittedModel:
    """What a model file says about rows; `origin` says where the file is."""
    source = model.provenance
    grouping = None
    if model.clusters is not None:
        weights = np.array(model.weights)
        of = tuple(cluster - 1 for cluster in model.clusters)
        # By whose colour each goes is not kept: by that of the heaviest.
        parts = [[k for k, own in enumerate(of) if own == c] for c in range(max(of) + 1)]
        grouping = Grouping(of, tuple(max(own, key=lambda k: weights[k]) for own in parts))
    made = f"fitted to {source.file} on {source.created[:10]}"
    return FittedModel(
        preparation=preparation_of(model),
        model=model.model,
        scaled=_scaled(model),
        names=model.cluster_names,
        origin=f"{origin}, {made}" if origin else made,
        grouping=grouping,
        units=model.units or {},
        outlier_level=model.outlier_level or OUTLIER_LEVEL,
    )


def _scaled(model: ModelFile) -> Parameters:
    """The mixture on the scale of the fit: as the file says, else from the units of the file."""
    weights = np.array(model.weights)
    weight = model.noise.weight if model.noise else 0.0

    def noise_of(box: Box | Noise | None) -> engine.Noise | None:
        if box is None:
            return None
        return engine.Noise(weight, engine.Region(np.array(box.origin), np.array(box.edges)))

    fitted = model.fitted
    if fitted is not None:
        means, covariances = np.array(fitted.means), np.array(fitted.covariances)
        return Parameters(weights, means, covariances, noise_of(fitted.noise))
    center, scale = np.array(model.scaling.center), np.array(model.scaling.scale)
    original = Parameters(
        weights, np.array(model.means), np.array(model.covariances), noise_of(model.noise)
    )
    return original.in_units(-center / scale, 1.0 / scale)


def _steps(preparation: Preparation, columns: tuple[str, ...]) -> Steps | None:
    if not preparation.steps and preparation.inputs == preparation.columns:
        return None
    return Steps(
        inputs=preparation.inputs,
        missing="em" if preparation.missing == "em" else "leave-out",
        fitted=preparation.steps,
        columns=None if columns == preparation.columns else preparation.columns,
    )


def preparation_of(model: ModelFile) -> Preparation:
    """What `gmmdesk.data.prepare.transform` needs to prepare a table for `model`.

    Its X is in the units of the fit: the columns that the steps lead to are center + scale * X.
    """
    steps = model.steps
    return Preparation(
        inputs=model.columns if steps is None else steps.inputs,
        columns=model.columns if steps is None else steps.columns or model.columns,
        center=model.scaling.center,
        scale=model.scaling.scale,
        steps=() if steps is None else steps.fitted,
        missing=model.provenance.settings.missing if steps is None else steps.missing,
    )


def load_model(path: Path) -> ModelFile:
    """Read a model file, checking every field; nothing in it is executed.

    Raises ReadError, naming what is wrong, for a file that is no sound model.
    """
    try:
        with path.open("rb") as file:
            # No more than there is: the room for what is asked for is taken beforehand.
            data = file.read(min(os.fstat(file.fileno()).st_size, MAX_BYTES) + 1)
    except OSError as error:
        raise ReadError(
            f"{path} cannot be read: {error.strerror}.", "Give a model file saved by gmmdesk."
        ) from error
    if len(data) > MAX_BYTES:
        raise _no_model(path, f"it is larger than {MAX_BYTES // 2**20} MB")
    try:
        head = msgspec.json.decode(data, type=_Head)
        if head.format != FORMAT:
            raise _no_model(path, f'"format" is not "{FORMAT}"')
        if head.version > VERSION:
            raise ReadError(
                f"{path} was saved by a newer gmmdesk (model version {head.version}).",
                "Update gmmdesk to use it.",
            )
        model = msgspec.json.decode(data, type=ModelFile)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, UsageError) as error:
        raise _no_model(path, str(error)) from error
    flaw = flaw_in(model, preparation_of(model))
    if flaw:
        raise _no_model(path, flaw)
    return model


def _no_model(path: Path, flaw: str) -> ReadError:
    return ReadError(
        f"{path} is no sound model file: {flaw}.", "Save the model again from gmmdesk."
    )

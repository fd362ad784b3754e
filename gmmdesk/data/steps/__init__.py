"""The steps between the table and the fit: what is asked for, what is learnt, what it did."""

from gmmdesk.data.steps.fitted import FittedStep, Preparation
from gmmdesk.data.steps.records import (
    DropColumn,
    HoldOut,
    Indicators,
    LeaveOutRows,
    LeaveOutWhere,
    Logarithm,
    Power,
    PrincipalComponents,
    Step,
)
from gmmdesk.data.steps.words import command, parse_step, phrase, read_steps

__all__ = [
    "DropColumn",
    "FittedStep",
    "HoldOut",
    "Indicators",
    "LeaveOutRows",
    "LeaveOutWhere",
    "Logarithm",
    "Power",
    "Preparation",
    "PrincipalComponents",
    "Step",
    "command",
    "parse_step",
    "phrase",
    "read_steps",
]

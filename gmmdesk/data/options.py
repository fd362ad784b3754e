"""How a file is to be read, where somebody has said so instead of leaving it to be found out."""

from __future__ import annotations

import msgspec


class ReadOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was chosen about the reading of a file; None leaves it to be found out.

    `sheet` names one of several tables in a file: a sheet of a workbook.
    """

    sheet: str | None = None


FOUND_OUT = ReadOptions()

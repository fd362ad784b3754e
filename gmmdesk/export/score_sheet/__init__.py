"""The workbook's sheet Score new rows."""

from gmmdesk.export.score_sheet.sheet import write_score_sheet

__all__ = ["write_score_sheet"]

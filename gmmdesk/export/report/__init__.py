"""The report: an analysis to be read, printed and passed on."""

from gmmdesk.export.report.contents import Report, report
from gmmdesk.export.report.pages import page, sections, write_html

__all__ = ["Report", "page", "report", "sections", "write_html"]

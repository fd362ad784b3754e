"""Whether the answer can be trusted."""

from gmmdesk.ui.views.diagnosis.view import DiagnosisView

__all__ = ["DiagnosisView"]

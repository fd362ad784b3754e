"""Asking how a file is to be read, with what it would be like in sight."""

from gmmdesk.ui.importing.ask import ask_how_to_read, ask_how_to_read_less

__all__ = ["ask_how_to_read", "ask_how_to_read_less"]

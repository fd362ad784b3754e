"""Work on a thread of its own: progress pulled, never pushed; cancelled within a chunk."""

from gmmdesk.run.run import Run, State

__all__ = ["Run", "State"]

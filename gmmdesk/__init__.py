"""gmmdesk: find clusters in a spreadsheet with Gaussian mixture models."""

__version__ = "0.1.0"

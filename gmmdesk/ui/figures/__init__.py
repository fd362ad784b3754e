"""Figures for papers and slides: any view, at a chosen size, as PNG, SVG or PDF."""

from gmmdesk.ui.figures.exporting import Figures as Figures

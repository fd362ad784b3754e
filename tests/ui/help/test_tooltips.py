"""A tooltip that says what a term of statistics means says it in the glossary's words."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHeaderView, QTabBar, QWidget

from gmmdesk.ui.help.glossary import GLOSSARY, tip

TIP = Qt.ItemDataRole.ToolTipRole
# A term stands in brackets behind the plain words for it. Keys and what is no statistics do too.
BRACKETS = re.compile(r"\(([^()]+)\)")
NO_TERMS = re.compile(
    r"\b(Ctrl|Shift|Alt|Esc|Escape|Return|Home|Delete|F\d+)\b|^\.?[a-z]{3}$|aspect ratio|\d$"
    r"|character encoding"
)
# What stands for a term without brackets.
NAMES = ("BIC", "ICL", "AIC", "Kass and Raftery", "HDBSCAN", "QQ plot", "Mahalanobis")


def tips_of(window):
    """Every tooltip of the window's widgets, actions, tabs, headings and choices.

    Those of cells tell of one row or one fit, not what a word means.
    """
    for widget in window.findChildren(QWidget):
        yield widget.toolTip()
        if isinstance(widget, QTabBar):
            yield from (widget.tabToolTip(i) for i in range(widget.count()))
        elif isinstance(widget, QComboBox):
            yield from (widget.itemData(i, TIP) for i in range(widget.count()))
        elif isinstance(widget, QHeaderView) and widget.model() is not None:
            model = widget.model()
            for section in range(min(widget.count(), 40)):
                yield model.headerData(section, widget.orientation(), TIP)
    for action in window.findChildren(QAction):
        yield action.toolTip()


def defines(text: str) -> bool:
    """Whether a tooltip explains a term of statistics."""
    bracketed = any(not NO_TERMS.search(inner) for inner in BRACKETS.findall(text))
    return bracketed or any(name in text for name in NAMES)


def from_the_glossary(text: str) -> bool:
    return any(tip(term) in text for term in GLOSSARY)


@pytest.fixture
def window(driver):
    """With an answer, every view seen and every setting unfolded."""
    driver.open("sample:faithful")
    driver.document.change_settings("quick", k_min=1, k_max=3, models=("VVV", "VII"), restarts=1)
    driver.find()
    driver.document.set_current_cluster(0)
    views = driver.window.workspace.views
    for bar in views.findChildren(QTabBar):
        for title in [bar.tabText(i) for i in range(bar.count())]:
            if bar.isVisible():
                driver.click_tab(title)
    return driver.window


def test_tooltips_that_define_a_term_are_from_the_glossary(window):
    tips = {str(text) for text in tips_of(window) if text}
    defining = {text for text in tips if defines(text)}
    assert len(defining) > 25  # else the walk misses most of them
    strangers = sorted(text for text in defining if not from_the_glossary(text))
    assert strangers == []


def test_a_term_explained_in_other_words_is_found():
    assert defines("How densely the rows lie (kernel density estimate)")
    assert defines("Lower BIC is better")
    assert not defines("Choose a file on this computer (Ctrl+O)")
    assert not from_the_glossary("Rows that lie scattered (noise component)")
    assert from_the_glossary(f"{tip('Overlap')}; select to see them")

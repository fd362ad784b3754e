"""The small widgets that recur, in the program's look."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import (
    QHelpEvent,
    QIcon,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QStackedWidget,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolButton,
    QToolTip,
    QWidget,
)

from gmmdesk.data.seeds import MOST_SEED
from gmmdesk.ui import theme
from gmmdesk.ui.icons import ON_ACCENT, icon
from gmmdesk.ui.text import plain_tip
from gmmdesk.ui.theme import TypeSize, demi_bold

_TURNED = (QAbstractSpinBox, QComboBox)  # by the wheel
_MOST_LINES = 24  # of a form, before it scrolls even where there is room
_LEAST_LINES = 2
_DOT = 10  # pixels
_MOST_MEASURED = 500  # choices of a list; to measure more would hold up its opening
_LEAST_WIDTH = 60  # pixels of a label in which the text does not end


class Label(QLabel):
    """Plain text, which loses its `elided` end rather than make its window wider.

    What is lost is in the tooltip, unless there is another; so it is where one of the `shorter`
    texts is shown instead, the first that has room. An accessible name is read out before the
    text, of which Qt would say nothing then.
    """

    _about = ""
    _shorter: tuple[str, ...] = ()

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        elided: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._elided = elided

    def setText(self, text: str, shorter: Sequence[str] = ()) -> None:
        super().setText(text)
        self._shorter = tuple(shorter)
        self.setAccessibleName(self._about)

    def setAccessibleName(self, name: str) -> None:
        self._about = name
        super().setAccessibleName(f"{name}: {self.text()}" if name and self.text() else name)

    def shown_text(self) -> str:
        """As much of the text as has room."""
        if self.wordWrap():
            return self.text()
        room, metrics = self.contentsRect().width(), self.fontMetrics()
        texts = (self.text(), *self._shorter)
        fits = (text for text in texts if metrics.horizontalAdvance(text) <= room)
        return next(fits, "") or metrics.elidedText(texts[-1], self._elided, room)

    def minimumSizeHint(self) -> QSize:
        size = super().minimumSizeHint()
        return size if self.wordWrap() else size.boundedTo(QSize(_LEAST_WIDTH, size.height()))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            is_cut = self.shown_text() != self.text()
            if is_cut and not self.toolTip():
                QToolTip.showText(event.globalPos(), plain_tip(self.text()), self)
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.wordWrap():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            self.alignment(),
            self.palette(),
            self.isEnabled(),
            self.shown_text(),
            self.foregroundRole(),
        )
        painter.end()


class GrowingDialog(QDialog):
    """A dialog that becomes higher where its words need another line; it never shrinks."""

    def event(self, event: QEvent) -> bool:
        is_request = event.type() is QEvent.Type.LayoutRequest
        done = super().event(event)  # which may be the end of the dialog
        layout = self.layout() if is_request else None
        if layout is not None:
            needed = layout.totalMinimumHeightForWidth(self.width())
            self.resize(self.width(), max(self.height(), needed))
        return done


def heading(text: str, parent: QWidget | None = None) -> Label:
    """A label that opens a section."""
    label = Label(text, parent)
    font = demi_bold(label.font())
    font.setPointSizeF(font.pointSizeF() * TypeSize.HEADING)
    label.setFont(font)
    return label


def secondary(text: str = "", parent: QWidget | None = None) -> Label:
    """A label for what explains: quieter than the text, still readable."""
    label = Label(text, parent)
    label.setWordWrap(True)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


class Dot(QWidget):
    """A disc in the colour of a role, beside the middle of a line of text."""

    def __init__(self, role: QPalette.ColorRole) -> None:
        super().__init__()
        self._role = role
        self.setFixedSize(_DOT, self.fontMetrics().height())

    def set_role(self, role: QPalette.ColorRole) -> None:
        """Be of another colour."""
        self._role = role
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(self._role))
        painter.drawEllipse(0, (self.height() - _DOT) // 2, _DOT, _DOT)
        painter.end()


class Sign(QWidget):
    """An icon beside a line of text, for the eye: the words say the same."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = QIcon()
        side = self.fontMetrics().height()
        self.setFixedSize(side, side)

    def show_icon(self, name: str, role: QPalette.ColorRole) -> None:
        """Show another one, in the colour of a role."""
        self._icon = icon(name, role)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._icon.paint(painter, self.rect())
        painter.end()


class PrimaryButton(QPushButton):
    """A button that Return presses too, as in a dialog."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
        else:
            super().keyPressEvent(event)


def primary_button(text: str, icon_name: str) -> QPushButton:
    """The one button that leads on."""
    button = PrimaryButton(icon(icon_name, ON_ACCENT), text)
    button.setFont(demi_bold(button.font()))
    button.setStyleSheet(
        "QPushButton { background: palette(accent); color: palette(highlighted-text);"
        " border: 1px solid palette(accent); border-radius: 4px; padding: 7px 14px; }"
        "QPushButton:hover { border-color: palette(window-text); }"
        "QPushButton:focus { border: 2px solid palette(window-text); padding: 6px 13px; }"
        "QPushButton:disabled { background: palette(midlight); color: palette(placeholder-text);"
        " border-color: palette(mid); }"
    )
    return button


def tool_button(text: str, tip: str, icon_name: str = "") -> QToolButton:
    """A flat button with text, reachable by Tab."""
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if icon_name:
        button.setIcon(icon(icon_name))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button


def spin_box(least: int, most: int, name: str, tip: str) -> QSpinBox:
    """A whole number; its signal comes when the number is complete, not at every key."""
    spin = QSpinBox()
    spin.setRange(least, most)
    spin.setAccessibleName(name)
    spin.setToolTip(tip)
    spin.setKeyboardTracking(False)
    return spin


class SeedBox(QDoubleSpinBox):
    """A seed, every digit of it: the box of Qt for whole numbers ends at 2^31 - 1.

    One of an old file, larger than what can be typed, stands below 0 as a text.
    """

    def __init__(self, tip: str) -> None:
        super().__init__()
        self.setDecimals(0)
        self.setRange(0, MOST_SEED)
        self.setAccessibleName("Seed")
        self.setToolTip(tip)
        self.setKeyboardTracking(False)

    def value(self) -> int:
        number = int(super().value())
        return number if number >= 0 else int(self.specialValueText())

    def setValue(self, seed: float) -> None:
        is_old = seed > MOST_SEED
        self.setSpecialValueText(str(seed) if is_old else "")
        self.setMinimum(-1 if is_old else 0)
        super().setValue(-1 if is_old else seed)


class ComboBox(QComboBox):
    """Shows a long choice with an ellipsis in its middle, and then in full in its tooltip.

    Its list is as wide as the longest choice, as far as the screen has room.
    """

    def showPopup(self) -> None:
        view = self.view()
        view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        if self.count() <= _MOST_MEASURED:
            wanted = view.sizeHintForColumn(0) + view.verticalScrollBar().sizeHint().width()
            most = self.screen().availableGeometry().width() // 2
            view.setMinimumWidth(min(wanted + 2 * theme.SPACE, most))
        super().showPopup()

    def shown_text(self) -> str:
        """As much of the choice as there is room for."""
        return self._elided(self.currentText())

    def _elided(self, text: str) -> str:
        return self.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideMiddle, self._room_for_text()
        )

    def _room_for_text(self) -> int:
        """Pixels beside the arrow, and the icon if there is one."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        kind = QStyle.ComplexControl.CC_ComboBox
        room = self.style().subControlRect(kind, option, field, self).width() - theme.SPACE // 2
        if not self.itemIcon(self.currentIndex()).isNull():
            room -= self.iconSize().width() + theme.SPACE // 2
        return room

    def paintEvent(self, _event: QPaintEvent) -> None:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.shown_text()
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def event(self, event: QEvent) -> bool:
        # The last is asked for a tooltip only: while a model takes the place of another there is
        # no choice to ask for, and Qt would crash.
        if (
            isinstance(event, QHelpEvent)
            and event.type() == QEvent.Type.ToolTip
            and self.shown_text().replace("\n", " ") != self.currentText()
        ):
            QToolTip.showText(event.globalPos(), plain_tip(self.currentText()), self)
            return True
        return super().event(event)


def combo_box(
    name: str,
    tip: str,
    options: Sequence[tuple[str, str]] = (),
    box: type[ComboBox] = ComboBox,
) -> QComboBox:
    """A choice among (value, text); it gives way where room is short."""
    combo = box()
    combo.setAccessibleName(name)
    combo.setToolTip(tip)
    for value, text in options:
        combo.addItem(text, value)
    combo.setMinimumContentsLength(10)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return combo


def scrolled(content: QWidget) -> QScrollArea:
    """`content` in an area that scrolls where it is too small."""
    area = QScrollArea()
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setWidget(content)
    return area


def once_found(promise: str) -> str:
    """What is said where nothing is to be seen without an answer, and how to get one."""
    return f"Once clusters are found (Find clusters, on the left), {promise}"


class Pages(QStackedWidget):
    """A view's content, or what is to be done for it to be there."""

    def __init__(self, empty: str, content: QWidget) -> None:
        super().__init__()
        self.empty = secondary(empty)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setContentsMargins(*[theme.SPACE] * 4)
        self.addWidget(self.empty)
        self.addWidget(content)

    def show_content(self, is_there: bool) -> None:
        self.setCurrentIndex(1 if is_there else 0)


class ScrolledForm(QScrollArea):
    """A form that scrolls where the window is low, and whose values the wheel then leaves alone."""

    def __init__(self, form: QWidget, most_lines: int = _MOST_LINES) -> None:
        super().__init__()
        self._form, self._most_lines = form, most_lines
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the focus of what is in it
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setWidget(form)
        for kind in _TURNED:
            for child in form.findChildren(kind):
                child.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                child.installEventFilter(self)

    def minimumSizeHint(self) -> QSize:
        least, bar = self._form.minimumSizeHint(), self.verticalScrollBar().sizeHint()
        height = min(least.height(), _LEAST_LINES * self.fontMetrics().height())
        return QSize(least.width() + bar.width(), height)

    def sizeHint(self) -> QSize:
        # Not Qt's own, which is that of the form as it was first.
        size, layout, bar = self._form.sizeHint(), self._form.layout(), self.verticalScrollBar()
        height = size.height()
        if layout is not None and layout.hasHeightForWidth():  # there are lines that wrap
            # As if beside the scroll bar, which else would stay once it is there.
            width = self.contentsRect().width() - bar.sizeHint().width()
            height = layout.totalHeightForWidth(width)
        return QSize(size.width(), min(height, self._most_lines * self.fontMetrics().height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()  # lines wrap elsewhere

    def eventFilter(self, child: QObject, event: QEvent) -> bool:
        if child is self._form and event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()  # the form is higher now, or lower
        if isinstance(event, QWheelEvent) and isinstance(child, _TURNED) and not child.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(child, event)

"""What is worked out only once somebody looks."""

from __future__ import annotations

from gmmdesk.ui.late_view import LateView


class Counted(LateView):
    """How often it was renewed."""

    times = 0

    def _renew(self):
        self.times += 1


def test_it_is_renewed_when_it_comes_in_sight(qtbot):
    view = Counted()
    qtbot.addWidget(view)
    assert (view.times, view.is_awaited) == (0, False)
    view.show()
    assert view.times == 1
    view.hide()
    view.show()
    assert view.times == 1  # nothing has changed


def test_changes_behind_other_tabs_are_seen_at_once_when_it_is_shown(qtbot):
    view = Counted()
    qtbot.addWidget(view)
    view.show()
    view.hide()
    for _ in range(3):
        view._outdate("whatever a signal brings")
    assert (view.times, view.is_awaited) == (1, False)
    view.show()
    assert view.times == 2
    view._outdate()
    assert view.times == 3


def test_what_is_renewed_may_be_outdated_meanwhile(qtbot):
    class Again(Counted):
        def _renew(self):
            super()._renew()
            if self.times == 1:
                self._outdate()

    view = Again()
    qtbot.addWidget(view)
    view.show()
    assert (view.times, view.is_awaited) == (2, False)

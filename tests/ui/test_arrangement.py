"""Where views stand, as plain places."""

from hypothesis import given
from hypothesis import strategies as st

from gmmdesk.session.view import Pane
from gmmdesk.ui.arrangement import among, beside, cuts, without

ORDER = tuple("ABCDEFGH")
ALL = (Pane(views=ORDER, front="A"),)

moves = st.lists(
    st.tuples(st.sampled_from(ORDER), st.sampled_from(["right", "below", "back", "close"])),
    max_size=5,  # panes become no smaller than what is taken for a handle
)


def moved(steps):
    panes = ALL
    for title, how in steps:
        is_open = any(title in pane.views for pane in panes)
        if how == "back":
            panes = among(panes, title, ORDER)
        elif how == "close":
            panes = without(panes, title) or panes
        elif is_open:
            panes = beside(panes, title, below=how == "below")
    return panes


def area(pane):
    return pane.place[2] * pane.place[3]


@given(moves)
def test_the_room_is_always_filled_and_every_view_is_in_one_place(steps):
    panes = moved(steps)
    views = [view for pane in panes for view in pane.views]
    assert len(views) == len(set(views))
    assert abs(sum(map(area, panes)) - 1.0) < 1e-9
    assert all(pane.front in pane.views for pane in panes)


def rebuilt(panes):
    """The places that follow from the cuts."""
    places = {panes[0]: (0.0, 0.0, 1.0, 1.0)}
    found = cuts(panes)
    if found:
        places = {found[0].first: (0.0, 0.0, 1.0, 1.0)}
    for cut in found:
        left, top, width, height = places[cut.first]
        share = cut.shares[0] / sum(cut.shares)
        if cut.is_horizontal:
            places[cut.first] = (left, top, width * share, height)
            places[cut.second] = (left + width * share, top, width * (1 - share), height)
        else:
            places[cut.first] = (left, top, width, height * share)
            places[cut.second] = (left, top + height * share, width, height * (1 - share))
    return places


@given(moves)
def test_cuts_lead_to_the_same_places(steps):
    panes = moved(steps)
    for pane, place in rebuilt(panes).items():
        assert all(abs(a - b) < 1e-9 for a, b in zip(place, pane.place, strict=True))


def test_places_that_overlap_come_side_by_side():
    panes = [Pane(views=(name,), place=(0.1, 0.1, 0.8, 0.8)) for name in "ABC"]
    found = cuts(panes)
    assert [(cut.first.views, cut.second.views) for cut in found] == [
        (("A",), ("B",)),
        (("B",), ("C",)),
    ]
    assert all(cut.is_horizontal for cut in found)


def test_a_view_moves_out_of_its_tabs_but_not_out_of_its_own_place():
    (first, second) = beside(ALL, "C", below=False)
    assert first.views == tuple("ABDEFGH")
    assert second.views == ("C",)
    assert (first.place, second.place) == ((0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 0.5, 1.0))
    assert beside((first, second), "C", below=True) == (first, second)
    assert among((first, second), "C", ORDER)[0].views == ORDER

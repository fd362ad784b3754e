"""From a table to the matrix: rows left out with their reasons, scaling, and refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gmmdesk.data.prepare import prepare
from gmmdesk.data.readers import read, read_text
from gmmdesk.errors import Cancelled, DataError
from gmmdesk.task import Task


def table(text: str):
    return read_text(text.replace(" ", "\n"))


def test_all_recommended_columns_by_default():
    dataset = table("id,x,who,y 7,1.5,Ann,2 9,2.5,Bob,4 8,6.5,Ann,9")
    prepared = prepare(dataset, ())
    assert prepared.columns == ("x", "y")
    assert prepared.X.shape == (3, 2)
    assert prepared.rows.tolist() == [0, 1, 2]
    assert prepared.n_left_out == 0
    assert prepared.reasons == ()


def test_standard_scaling_is_undone_by_center_and_scale():
    dataset = table("x,y 1.5,200 2.5,400 6.5,900 4.0,100")
    prepared = prepare(dataset, ["y", "x"])
    assert prepared.columns == ("y", "x")
    assert np.allclose(prepared.X.mean(0), 0.0, atol=1e-15)
    assert np.allclose(prepared.X.std(0), 1.0)
    original = prepared.center + prepared.scale * prepared.X
    assert np.allclose(original, np.c_[[200, 400, 900, 100], [1.5, 2.5, 6.5, 4.0]], rtol=1e-15)


def test_no_scaling_leaves_the_numbers_alone():
    prepared = prepare(table("x,y 1.5,2 2.5,4 6.5,9"), ["x"], "none")
    assert prepared.X[:, 0].tolist() == [1.5, 2.5, 6.5]
    assert (prepared.center, prepared.scale) == ([0.0], [1.0])


def test_the_matrix_is_column_major_and_read_only():
    prepared = prepare(table("x,y 1.5,2 2.5,4 6.5,9"))
    assert prepared.X.flags.f_contiguous
    assert prepared.X.dtype == np.float64
    for array in (prepared.X, prepared.rows, prepared.center, prepared.scale, prepared.left_out):
        assert not array.flags.writeable


def test_rows_without_a_number_are_left_out_with_the_reason():
    dataset = table("x,y 1.5,2 ,3 2.5,5.1cm 4.5,7 3.5, 9.5,n/a 8.5,4 7.5,6 1,5")
    prepared = prepare(dataset, ["x", "y"])
    said = [prepared.reasons[code - 1] if code else "" for code in prepared.left_out.tolist()]
    assert said[:6] == [
        "",
        "missing: x",
        "unreadable: '5.1cm' in y",
        "",
        "missing: y",
        "unreadable: 'n/a' in y",
    ]
    assert prepared.rows.tolist() == [0, 3, 6, 7, 8]
    assert prepared.n_left_out == 4
    assert prepare(dataset, ["x"]).n_left_out == 1


def test_a_row_is_left_out_for_all_its_columns():
    dataset = table("a,b,c 1.5,2,3 ,,7 2.5,5cm,4 ,n/a,9 3.5,7,1 4.5,8,2 6.5,4,5 7.5,3,")
    prepared = prepare(dataset)
    assert [prepared.reasons[code - 1] if code else "" for code in prepared.left_out.tolist()] == [
        "",
        "missing: a; missing: b",
        "unreadable: '5cm' in b",
        "missing: a; unreadable: 'n/a' in b",
        *("", "", "", "missing: c"),
    ]
    assert len(prepared.reasons) == 4  # "missing: a" alone is no row's
    assert prepared.n_by_reason.tolist() == [1, 1, 1, 1]


def test_reasons_stay_few_and_short():
    rng = np.random.default_rng(0)
    cells = np.where(
        rng.random((9_000, 14)) < 0.5, "", rng.integers(1, 99, (9_000, 14)).astype(str)
    )
    cells[:2] = [["1"] * 14, ["2"] * 14]
    names = [f"x{j}" for j in range(14)]
    prepared = prepare(
        read_text("\n".join("\t".join(row) for row in [names, *cells.tolist()])), names
    )
    assert (prepared.left_out > 0).sum() == (cells == "").any(axis=1).sum()
    counted = np.bincount(prepared.left_out, minlength=len(prepared.reasons) + 1)
    assert prepared.n_by_reason.tolist() == counted[1:].tolist()
    assert len(prepared.reasons) <= 1_020
    assert max(reason.count("x") for reason in prepared.reasons) == 5
    assert any(reason.endswith(" and more") for reason in prepared.reasons)


def test_a_table_without_numbers_says_which_columns_there_are(tmp_path):
    path = tmp_path / "survey.csv"
    path.write_text("who,day\nAnn,2020-01-01\nBob,2020-01-02\nAnn,2020-01-02\n")
    with pytest.raises(DataError) as caught:
        prepare(read(path))
    assert "survey.csv has no column with numbers" in caught.value.message
    assert "'who' (text (2 different values)) and 'day' (dates or times)" in caught.value.message
    assert "tick" not in caught.value.hint


def test_a_table_of_identifiers_only_lets_them_be_chosen():
    with pytest.raises(DataError, match="no column of measurements") as caught:
        prepare(table("id,who 7,Ann 9,Bob 8,Ann"))
    assert "If id should be clustered" in caught.value.hint


def test_many_different_unreadable_cells_share_a_reason():
    cells = [f"{i}.5" if i % 6 else f"about_{i}" for i in range(6_000)]
    dataset = read_text("x\ty\n" + "".join(f"{cell}\t{i % 5}\n" for i, cell in enumerate(cells)))
    prepared = prepare(dataset, ["x"])
    assert prepared.n_left_out == 1_000
    assert len(prepared.reasons) < 100
    assert "unreadable: text in x" in prepared.reasons


@pytest.mark.parametrize(
    ("text", "columns", "message", "hint"),
    [
        (
            "who,day Ann,2020-01-01 Bob,2020-01-02 Ann,2020-01-02",
            (),
            "no column with numbers",
            "numbers",
        ),
        ("height,width 1.5,2 2.5,3 4,9", ["heigth"], "no column 'heigth'", "'height'"),
        ("height,width 1.5,2 2.5,3 4,9", ["qqq"], "no column 'qqq'", "height and width"),
        ("height,width 1.5,2 2.5,3 4,9", ["width", "width"], "named twice", "once"),
        ("x,who 1.5,Ann 2.5,Bob 3,Ann", ["who"], "'who' holds no numbers", "Leave it out"),
        ("x,y 1.5,4 2.5,4 3,4", ["x", "y"], "'y' is constant: it is 4", "Untick 'y'"),
        ("x,y 1.5,4 2.5,4 3,7 ,9", ["x", "y"], None, None),
        ("x,y 1.5,4 2.5,4 ,7", ["x", "y"], "'y' is constant", "Untick 'y'"),
        ("x,y 1.5, 2.5, 4,", ["x", "y"], "'y' has no value", "Untick 'y'"),
        ("x,y 1.5, ,2 4, ,3", ["x", "y"], "Only 0 of 4 rows", "Untick"),
        ("x,y 1.5,1 ,2 4, ,3", ["x", "y"], "Only 1 of 4 rows", "Untick"),
        ("x,y 1.5,4", ["x"], "has only one row", "more rows"),
        ("x,y 1.5,4 inf,6 3,7", ["x", "y"], "Row 2 has an infinite value in column 'x'", "cell"),
        ("x,y 1.5,4 ,3 -inf,6 3,7", ["x", "y"], "Row 3 has an infinite", "cell"),
        ("x,y 1.5e160,4 2e160,6 3,7", ["x", "y"], "'x' spreads over 2e\\+160, too much", "unit"),
        ("x,y 1.5e-170,4 0,6 0,7", ["y", "x"], "'x' spreads over 1.5e-170, too little", "unit"),
        ("x,y -1.5e308,4 1.5e308,6 0,7", ["x"], "'x' spreads over inf, too much", "unit"),
        ("who,x Ann,1 Bob,inf Al,4", ["x"], r"Row 2 \(Bob\) has an infinite", "cell"),
    ],
)
def test_what_cannot_be_clustered_is_refused(text, columns, message, hint):
    dataset = table(text)
    if message is None:
        assert len(prepare(dataset, columns).rows) == 3
        return
    with pytest.raises(DataError, match=message) as caught:
        prepare(dataset, columns)
    assert hint in caught.value.hint


def test_an_unknown_scaling():
    with pytest.raises(DataError, match="no scaling 'robust'"):
        prepare(table("x,y 1.5,2 2.5,4 6.5,9"), (), "robust")


def test_an_infinity_in_a_row_that_is_left_out_does_no_harm():
    dataset = table("x,y 1.5,4 inf, 3,7 4,5")
    assert prepare(dataset, ["x", "y"]).rows.tolist() == [0, 2, 3]


def test_cancelling():
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        prepare(table("x,y 1.5,2 2.5,4 6.5,9"), (), task=task)


@given(
    hnp.arrays(np.float64, st.integers(3, 40), elements=st.floats(-1, 1, width=32), unique=True),
    st.sampled_from([0.0, 1e8, -1e12]),
    st.sampled_from([1e-6, 1.0, 1e6, 1e100, 1e-100, 1e120, 1e-136]),
)
def test_scaling_is_exact_far_from_zero_and_for_any_size(noise, offset, size):
    values = (offset + np.round(noise * 1000.0)) * size
    values[:2] = (offset - 1000.0) * size, (offset + 1000.0) * size
    dataset = read_text(
        "x\ty\n" + "".join(f"{float(v)!r}\t{i % 2}\n" for i, v in enumerate(values))
    )
    prepared = prepare(dataset, ["x"])
    assert np.isfinite(prepared.X).all()
    # As near to 0 as the centre, a number of double precision, can come to the mean; what is taken
    # away is that number, so that others can do the same.
    assert abs(prepared.X.mean()) < 1e-10 + np.spacing(np.abs(prepared.center[0])) / prepared.scale
    again = (values - prepared.center[0]) / prepared.scale[0]
    np.testing.assert_array_equal(prepared.X[:, 0], again)
    assert np.isclose(np.sqrt(np.mean(np.square(prepared.X))), 1.0, rtol=1e-10)
    restored = prepared.center + prepared.scale * prepared.X
    assert np.abs(restored[:, 0] - values).max() <= 1e-14 * np.abs(values).max()


# --- rows with missing values that take part -----------------------------------------------------


def test_rows_with_some_value_take_part():
    dataset = table("x,y 1.5,2 ,3 2.5,5.1cm 4.5,7 , 9.5,n/a ,n/a 8.5,4 7.5,6 1,5 ,8")
    prepared = prepare(dataset, ["x", "y"], "none", missing="em")
    assert prepared.rows.tolist() == [0, 1, 2, 3, 5, 7, 8, 9, 10]
    assert prepared.n_incomplete == 4
    assert np.isnan(prepared.X).sum() == 4
    assert set(prepared.reasons) == {
        "missing: x; missing: y",
        "missing: x; unreadable: 'n/a' in y",
    }
    assert prepared.n_by_reason.tolist() == [1, 1]


def test_scaling_is_by_the_values_that_are_there():
    dataset = table("x,y 1.5,200 2.5, 6.5,900 ,100")
    prepared = prepare(dataset, ["x", "y"], missing="em")
    np.testing.assert_allclose(np.nanmean(prepared.X, axis=0), 0.0, atol=1e-15)
    np.testing.assert_allclose(np.nanstd(prepared.X, axis=0), 1.0)
    assert prepared.center.tolist() == [3.5, 400.0]


def test_complete_rows_are_the_same_either_way():
    dataset = table("x,y 1.5,2 2.5,4 6.5,9")
    one, other = prepare(dataset), prepare(dataset, missing="em")
    np.testing.assert_array_equal(one.X, other.X)
    assert other.n_incomplete == 0


def test_columns_are_checked_by_the_values_that_are_there():
    with pytest.raises(DataError, match="'y' is constant: it is 5 in all 2 used rows"):
        prepare(table("x,y 1.5,5 2.5, 6.5,5"), ["x", "y"], missing="em")
    with pytest.raises(DataError, match="Row 3 has an infinite value in column 'y'"):
        prepare(table("x,y 1.5,5 2.5, 6.5,inf 1,2"), ["x", "y"], missing="em")
    with pytest.raises(DataError, match="no way 'guess' to treat missing"):
        prepare(table("x,y 1.5,2 2.5,4 6.5,9"), missing="guess")

"""Which words are offered as missing values, and why; none is taken for one unasked."""

from __future__ import annotations

import json

import pytest

from gmmdesk import cli
from gmmdesk.data.missing_offers import missing_offers
from gmmdesk.data.options import Kind, ReadOptions
from gmmdesk.data.readers import read


def table(path, cells):
    """One column of these cells beside one of numbers."""
    path.write_text(
        "\n".join(["income;size", *(f"{cell};{i * 7 % 9}" for i, cell in enumerate(cells))])
    )
    return path


NUMBERS = [f"{100 + 13 * i}" for i in range(40)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["k.A."], {"k.A.": "no value"}),
        (["k. A.", "n/a", "N.A.", "…", "missing"], {"k. A.": "no value", "…": "no value"}),
        (["secret"] * 3, {"secret": "again and again"}),
        (["secret"] * 25, {"secret": "again and again"}),  # so many that the column is text
        (["k.A."] * 30, {"k.A.": "no value"}),
        (["secret"], {}),  # once: rather a mistake, which is listed
        ([">500"] * 3, {}),  # says more than nothing
        (["a", "b", "c", "d"] * 2, {}),  # categories
        (["?", "NA", "#N/A", "."], {}),  # missing without asking
    ],
)  # fmt: skip
def test_words_among_numbers(tmp_path, words, expected):
    dataset = read(table(tmp_path / "t.csv", NUMBERS + words))
    offers = {offer.word: offer for offer in missing_offers(dataset)}
    if not expected:
        assert offers == {}
    for word, reason in expected.items():
        offer = offers[word]
        assert offer.columns == ("income",)
        assert offer.n_cells == words.count(word)
        assert reason in offer.text
        assert f"'income' ({offer.n_cells} cell" in offer.text


def test_what_is_agreed_to_is_missing_and_offered_no_more(tmp_path):
    path = table(tmp_path / "t.csv", NUMBERS + ["geheim"] * 25)
    assert not read(path).column("income").is_numeric
    column = (agreed := read(path, ReadOptions(missing_words=("geheim",)))).column("income")
    assert column.recommended
    assert column.n_missing == 25
    assert column.cells[50].as_py() == "geheim"  # as it stood
    assert missing_offers(agreed) == ()


def test_a_column_whose_kind_was_chosen_offers_nothing(tmp_path):
    path = table(tmp_path / "t.csv", NUMBERS + ["k.A."] * 5)
    assert missing_offers(read(path, ReadOptions(kinds=(("income", Kind.TEXT),)))) == ()


def test_text_with_a_few_numbers_stays_text(tmp_path):
    cells = ["none", "one", "two", "several"] * 9 + ["3", "4"]
    dataset = read(table(tmp_path / "t.csv", cells))
    assert not dataset.column("income").is_numeric
    assert missing_offers(dataset) == ()


def test_inspect_says_how_to_agree(tmp_path, capsys):
    path = table(tmp_path / "t.csv", NUMBERS + ["keine Angabe"] * 2)
    assert cli.main(["inspect", str(path)]) == 0
    assert "--na='keine Angabe' if it stands for a missing value" in capsys.readouterr().out
    assert cli.main(["inspect", str(path), "--json"]) == 0
    (offer,) = json.loads(capsys.readouterr().out)["missing_offers"]
    assert (offer["word"], offer["columns"], offer["n_cells"]) == ("keine Angabe", ["income"], 2)

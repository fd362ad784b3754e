"""Text that means numbers, in the styles people and programs write them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.dataset import FloatArray, IntArray
from gmmdesk.data.number_styles import (
    ANY_STYLE,
    MISSING_WORDS,
    PLAIN,
    SPACES,
    STYLES,
    TYPED_WORDS,
    Conventions,
    Style,
)
from gmmdesk.task import Task

MARKS = {"%": "percent signs", "$": "dollar signs", "€": "euro signs", "£": "pound signs"}
NUMERIC_SHARE = 0.8  # of the cells that hold something
EXACT_INTEGERS = 2**53  # beyond, neighbouring integers are the same float64

# Text that comes back from a float64 as other text, which may mean another thing: codes such as
# 11E1 and 0012.5, a plus sign, more digits than are held. Programs that write numbers sign an
# exponent and give it two digits (1e-05), and may write any digits in front of it.
_REWRITTEN = r"^\s*(?:\+|-?0\d|-?\d+[eE](?:\d|[-+]\d\s*$)|-?\d{16,}\s*$)|[1-9](?:\.?\d){17,}\s*$"
_SAMPLE = 4000
_SAMPLE_CHARS = 100  # of a cell; no number is longer, and some patterns take their time
_SAMPLE_SHARE = 0.7  # below NUMERIC_SHARE, as a sample is not exact; all cells decide later


_UNMARKED = r"\1\2\3"  # what is left of a cell that `_marked` describes
_PATTERNS = {style: re.compile(style.pattern, re.ASCII) for style in STYLES}
GROUPED_CELL = r"^[-+]?[1-9]\d{0,2}(?:[.,]\d{3})$"
GROUPED = re.compile(GROUPED_CELL)


@dataclass(frozen=True, slots=True)
class Guess:
    """What a sample of a column's cells looks like.

    `styles` has the style that reads the most cells, or two, one for each decimal mark, when the
    cells cannot tell which ("1.234"). `vote` is the decimal mark that the cells prove, if any;
    `mark` a sign such as "%" that they carry. `example` is a cell that is proof, or leaves it open;
    `contrary` one with the other decimal mark, where that could be taken for a mark of thousands.
    """

    styles: tuple[Style, ...]
    numeric: bool
    vote: str = ""
    mark: str = ""
    example: str = ""
    contrary: str = ""

    @property
    def ambiguous(self) -> bool:
        return self.numeric and len(self.styles) > 1

    @property
    def style(self) -> Style:
        return self.styles[0]

    def settled(self, decimal: str) -> Guess:
        """The same with one style: the one that fits the file's decimal mark, if there is one."""
        fitting = [style for style in self.styles if style.decimal == decimal] or self.styles
        return replace(self, styles=tuple(fitting[:1]))


@dataclass(frozen=True, eq=False)
class Numbers:
    """A text column read as numbers: (n,) values, nan where there is none."""

    style: Style
    mark: str
    values: FloatArray
    missing: npt.NDArray[np.bool_]
    unreadable: IntArray
    n_typed: int  # unreadable cells with a word that people type for "missing"

    @cached_property
    def numeric(self) -> bool:
        """Whether enough cells are numbers for the column to be meant as one of numbers."""
        n_held = len(self.values) - int(self.missing.sum()) - self.n_typed
        return mostly_numbers(n_held - len(self.unreadable) + self.n_typed, n_held)


def mostly_numbers(n_numbers: int, n_held: int) -> bool:
    """Whether a column with `n_numbers` among `n_held` filled cells is meant to be numeric."""
    return n_numbers > 0 and (
        n_numbers >= NUMERIC_SHARE * n_held or (n_numbers >= 2 and n_held - n_numbers == 1)
    )


def guess_numbers(
    strings: pa.ChunkedArray, ways: Conventions = ANY_STYLE, *, forced: bool = False
) -> Guess:
    """How the numbers in a text column are written, from a sample of cells.

    With `forced` they are numbers, however few can be read as such.
    """
    guess = _guess(sample(strings), ways, forced=forced)
    if guess.ambiguous:
        # The sample may have missed the one cell that is proof.
        pointed = pc.match_substring_regex(_tidied(strings), r"\d[.,]|[.,]\d")
        grouped = pc.match_substring_regex(_tidied(strings), GROUPED_CELL)
        odd = strings.filter(pc.and_not(pointed, grouped))
        proof = _guess(sample(odd), ways) if len(odd) else guess
        if proof.vote:
            guess = replace(proof, mark=guess.mark)
    if contrary := _contrary_cell(strings, guess.style, guess.mark, ways):
        return replace(guess, styles=(Style(guess.style.decimal),), contrary=contrary)
    return guess


def _guess(cells: list[str], ways: Conventions, *, forced: bool = False) -> Guess:
    held = [c for c in cells if c not in ways.missing and c.lower() not in TYPED_WORDS]
    mark = next((m for m in MARKS if sum(m in c for c in held) >= NUMERIC_SHARE * len(held)), "")
    bare = held
    if mark:
        marked = re.compile(_marked(mark))
        bare = [marked.sub(_UNMARKED, c) for c in held if marked.match(c)]
    read = {s: [c for c in bare if _PATTERNS[s].match(c)] for s in ways.styles}
    most = max(map(len, read.values()))
    enough = most >= _SAMPLE_SHARE * len(held) or mostly_numbers(most, len(held))
    if not forced and (not enough or not most):
        return Guess(ways.styles[:1], numeric=False)
    best = [style for style in ways.styles if len(read[style]) == most]
    pointed = [c for c in read[best[0]] if "." in c or "," in c]
    if pointed and all(GROUPED.match(c) for c in pointed):
        either = dict.fromkeys(s.decimal for s in best)
        styles = tuple(next(s for s in best if s.decimal == d) for d in either)
        vote = "" if len(styles) > 1 else styles[0].decimal
        return Guess(styles, numeric=True, vote=vote, mark=mark, example=pointed[0])
    decided = len({style.decimal for style in best}) == 1
    vote = best[0].decimal if decided else ""
    proof = next((c for c in pointed if best[0].decimal in c), pointed[0] if pointed else "")
    return Guess((best[0],), numeric=True, vote=vote, mark=mark, example=proof)


def sample(strings: pa.ChunkedArray, size: int = _SAMPLE) -> list[str]:
    """Up to `size` cells that hold something, from all rows in their order, tidied and cut."""
    if len(strings) > size:
        places = np.unique(np.random.default_rng(0).integers(0, len(strings), size))
        some = strings.take(pa.array(places)).drop_null()
        if len(some) == 0:
            some = strings.drop_null()[:size]
    else:
        some = strings.drop_null()
    cells: list[str] = pc.utf8_slice_codeunits(_tidied(some), 0, _SAMPLE_CHARS).to_pylist()
    return [cell for cell in cells if cell]


def plain_numbers(
    strings: pa.ChunkedArray, task: Task, ways: Conventions = ANY_STYLE
) -> pa.ChunkedArray | None:
    """The column as int64 or float64 when every cell is a plain number; None otherwise.

    A word that programs write for "missing" may stand among them, but none that the user has
    chosen: what that was shall not be lost.
    """
    if holds_word(strings, ways.chosen_words):
        return None
    for kind in (pa.int64(), pa.float64()) if ways.allow_plain else (pa.int64(),):
        chunks = []
        try:
            for chunk in strings.chunks:
                task.step()
                numbers = cast_plain(chunk, kind)
                if pa.types.is_floating(kind) and pc.any(pc.is_nan(numbers)).as_py():
                    return None  # "nan" is a word for missing
                chunks.append(numbers)
        except pa.ArrowInvalid:
            continue
        numbers = pa.chunked_array(chunks, kind)
        only_words = numbers.null_count == len(numbers) > strings.null_count
        return None if only_words else numbers
    return None


def cast_plain(chunk: pa.Array, kind: pa.DataType) -> pa.Array:
    """Text as `kind`, null where there is a word for "missing"; raises ArrowInvalid."""
    try:
        return pc.cast(chunk, kind)
    except pa.ArrowInvalid:
        words = pc.is_in(chunk, value_set=pa.array(MISSING_WORDS))
        return pc.cast(pc.if_else(words, None, chunk), kind)


def holds_word(cells: pa.ChunkedArray, words: tuple[str, ...]) -> bool:
    """Whether some cell is one of `words`, also where both are numbers: -999 and -999.0."""
    return bool(words) and bool(pc.any(is_word(cells, words)).as_py())


def is_word(cells: pa.ChunkedArray, words: tuple[str, ...]) -> pa.ChunkedArray:
    """Which cells are one of `words` (true or false, never null)."""
    if pa.types.is_string(cells.type):
        return pc.is_in(pc.utf8_trim_whitespace(cells), value_set=pa.array(words, pa.string()))
    numbers = [float(word) for word in words if _PATTERNS[PLAIN].match(word)]
    if not numbers or not (pa.types.is_integer(cells.type) or pa.types.is_floating(cells.type)):
        return pa.chunked_array([pa.array(np.zeros(len(cells), np.bool_))])
    return pc.is_in(pc.cast(cells, pa.float64(), safe=False), value_set=pa.array(numbers))


def has_points(strings: pa.ChunkedArray, task: Task | None = None) -> bool:
    """Whether some cell holds a number with a point, not just the word "." or "n.a."."""
    points = any(pc.any(pc.match_substring(chunk, ".")).as_py() for chunk in strings.chunks)
    return points and _any_match(strings, r"\d\.|\.\d", task)


def has_leading_zeros(strings: pa.ChunkedArray, task: Task | None = None) -> bool:
    """Whether some cell is a whole number written with zeros in front, as codes are.

    So is a hexadecimal number, which Arrow would take for an integer.
    """
    return _any_match(strings, r"^\s*0[0-9xX][0-9a-fA-F]*\s*$", task)


def has_long_integers(strings: pa.ChunkedArray, task: Task | None = None) -> bool:
    """Whether some cell is a whole number too long for int64."""
    return _any_match(strings, r"^\s*-?\d{19,}\s*$", task)


def has_bare_exponents(strings: pa.ChunkedArray) -> bool:
    """Whether some cell is one like 11E1: a code, if the other cells have no points either."""
    return _any_match(strings, r"^\s*\d+[eE]\d+\s*$")


def is_rewritten(strings: pa.ChunkedArray, task: Task | None = None) -> bool:
    """Whether a float64 would give back some cell as text that may mean another thing.

    Of the zeros at the end of 1.50 nothing depends where all cells have as many digits behind the
    point; but 1.10 beside 1.9 is a version or a code.
    """
    if _any_match(strings, _REWRITTEN, task):
        return True
    if not _any_match(strings, r"\.\d+0\s*$", task):  # 2.0 is how Python writes a whole number
        return False
    decimals = pc.struct_field(pc.extract_regex(strings, r"\.(?P<decimals>\d+)\s*$"), "decimals")
    return bool(pc.count_distinct(pc.binary_length(decimals)).as_py() > 1)


def read_numbers(
    strings: pa.ChunkedArray, guess: Guess, task: Task, ways: Conventions = ANY_STYLE
) -> Numbers:
    """Every cell as a number, where it is one."""
    found = _read(strings, guess.style, guess.mark, task, ways.missing)
    if len(found.unreadable):
        # The sample may have missed the few numbers large enough to be grouped.
        cells = strings.take(pa.array(found.unreadable[:_SAMPLE]))
        better = _better_style(guess, sample(cells), ways.styles)
        if better != guess.style and not _contrary_cell(strings, better, guess.mark, ways):
            return _read(strings, better, guess.mark, task, ways.missing)
    return found


def _contrary_cell(strings: pa.ChunkedArray, style: Style, mark: str, ways: Conventions) -> str:
    """A cell that shows the mark of thousands of `style` to be a decimal mark, if there is one.

    As 7.68 does beside 8.833 and 0,5: then 8.833 need not be more than eight thousand. Not where
    some cell, such as 1.234,5, can only be grouped, nor where the mark was chosen.
    """
    grouping = style.thousands
    is_chosen = len({one.thousands for one in ways.styles} - {""}) == 1
    if is_chosen or grouping not in {".", ","}:
        return ""
    if _any_match(strings, rf"\d[{grouping}]\d{{3}}[.,]\d"):
        return ""
    cells = _tidied(strings)
    bare = pc.replace_substring_regex(cells, _marked(mark), _UNMARKED) if mark else cells
    fractions = pc.and_(
        pc.match_substring(bare, grouping), pc.match_substring_regex(bare, Style(grouping).pattern)
    )
    found = cells.filter(pc.and_not(fractions, pc.match_substring_regex(bare, style.pattern)))
    return str(found[0]) if len(found) else ""


def _better_style(guess: Guess, unreadable: list[str], styles: tuple[Style, ...]) -> Style:
    """The style that reads what `guess.style` does and most of the cells it does not."""

    def n_read(style: Style) -> int:
        return sum(bool(_PATTERNS[style].match(cell)) for cell in unreadable)

    wider = [s for s in styles if s.decimal == guess.style.decimal or not guess.vote]
    if guess.style.thousands:
        wider = [s for s in wider if s.thousands == guess.style.thousands]
    return max([guess.style, *wider], key=n_read)


def _read(
    strings: pa.ChunkedArray, style: Style, mark: str, task: Task, missing_words: tuple[str, ...]
) -> Numbers:
    n = len(strings)
    values = np.full(n, np.nan)
    missing = np.zeros(n, np.bool_)
    unreadable = []
    n_typed = 0
    typed_words, absent_words = pa.array(sorted(TYPED_WORDS)), pa.array(missing_words)
    start = 0
    for chunk in strings.chunks:
        task.step()
        part = slice(start, start + len(chunk))
        text = _tidied(chunk)
        empty = pc.fill_null(pc.equal(text, ""), fill_value=True)
        word = pc.is_in(text, value_set=absent_words)
        absent = pc.or_(empty, word)
        text = pc.if_else(absent, None, text)
        values[part], bad = _read_chunk(text, style, mark)
        missing[part] = absent.to_numpy(zero_copy_only=False)
        if bad is not None:
            unreadable.append(start + np.flatnonzero(bad.to_numpy(zero_copy_only=False)))
            typed = pc.is_in(pc.utf8_lower(text), value_set=typed_words)
            n_typed += pc.sum(pc.and_(typed, bad)).as_py() or 0
        start += len(chunk)
    rows = np.concatenate(unreadable) if unreadable else np.empty(0, np.int64)
    return Numbers(style, mark, values, missing, rows, n_typed)


def _read_chunk(text: pa.Array, style: Style, mark: str) -> tuple[FloatArray, pa.Array | None]:
    """Numbers of one chunk (nan where null or unreadable) and which cells are unreadable."""
    if style == PLAIN and not mark:
        try:
            return _to_floats(pc.cast(text, pa.float64())), None
        except pa.ArrowInvalid:
            pass
    bare = pc.replace_substring_regex(text, _marked(mark), _UNMARKED) if mark else text
    readable = pc.match_substring_regex(bare, style.pattern)
    if mark:
        readable = pc.and_(readable, pc.match_substring(text, mark))
    number = pc.if_else(readable, bare, None)
    if style.thousands:
        number = pc.replace_substring_regex(number, f"[{style.thousands}]", "")
    if style.decimal != ".":
        number = pc.replace_substring(number, style.decimal, ".")
    number = pc.replace_substring_regex(number, r"^\+", "")
    return _to_floats(pc.cast(number, pa.float64())), pc.and_(
        pc.is_valid(text), pc.fill_null(pc.invert(readable), fill_value=True)
    )


def _marked(mark: str) -> str:
    """A regular expression of a cell with `mark` in front, after a minus if need be, or at its end.

    Its three groups hold the rest, joined.
    """
    sign, gap, rest = re.escape(mark), rf"[\s{SPACES}]*", rf"[^{re.escape(mark)}]*"
    return rf"^(?:([-+]?){gap}{sign}{gap}({rest})|({rest}?){gap}{sign})$"


def _to_floats(numbers: pa.Array) -> FloatArray:
    return np.asarray(numbers.to_numpy(zero_copy_only=False), np.float64)


def _tidied(text: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Text without spaces around it, with the sign that typographers use for minus as "-"."""
    return pc.replace_substring(pc.utf8_trim_whitespace(text), "\u2212", "-")


def _any_match(strings: pa.ChunkedArray, pattern: str, task: Task | None = None) -> bool:
    """Whether `pattern` is in some cell; the `task` may be cancelled meanwhile."""
    for chunk in strings.chunks:
        if task is not None:
            task.step()
        if pc.any(pc.match_substring_regex(chunk, pattern)).as_py():
            return True
    return False

"""What was done before, as records and arrays, and back; nothing is believed that was read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, zip_longest

from gmmdesk.analysis import Settings
from gmmdesk.data.row_set import PackedRows
from gmmdesk.session import answers, halves
from gmmdesk.session.answer import Answer
from gmmdesk.session.arrays import Array, ArrayShelf, UnsoundError
from gmmdesk.session.past import Past, State
from gmmdesk.session.records import GivenRecord, PastRecord, StateRecord


def to_record(past: Past) -> tuple[PastRecord, list[dict[str, Array]], bytes]:
    """The record of as much of `past` as is kept, the arrays of each answer, and the selected rows.

    The present answer stands elsewhere in the session: its fit is number 0 here. So does how the
    table is read at present, from which the first state may differ.
    """
    past = past.cut()
    present = past.present.answer
    fits = [] if present is None else [present]  # an answer of each fit
    numbers = {id(answer.finding): i for i, answer in enumerate(fits)}
    states: list[StateRecord] = []
    before: Settings | None = None
    read_before = past.present.options
    selected: dict[PackedRows, int] = {}
    for i, state in enumerate(past.states):
        given = None
        if state.answer is not None:
            number = numbers.setdefault(id(state.answer.finding), len(fits))
            if number == len(fits):
                fits.append(state.answer)
            given = GivenRecord(
                fit=number,
                names=tuple(sorted(state.answer.given_names.items())),
                colors=tuple(sorted(state.answer.given_colors.items())),
                combined=() if state.answer.grouping is None else state.answer.grouping.followed,
                signs=state.answer.signs,
                outlier_level=state.answer.outlier_level,
                suggested=state.answer.suggested,
            )
        settings = None if state.settings == before else state.settings
        options = None if state.options == read_before else state.options
        rows = past.selected[i] if past.selected else None
        states.append(
            StateRecord(
                settings=settings,
                answer=given,
                options=options,
                selected=None if rows is None else selected.setdefault(rows, len(selected)),
            )
        )
        before, read_before = state.settings, state.options
    before_present = fits[present is not None :]
    others = [answers.to_record(answer) for answer in before_present]
    checked = [halves.to_record(past.checked.get(one.finding)) for one in before_present]
    record = PastRecord(
        states=tuple(states),
        texts=past.texts,
        at=past.at,
        is_cut=past.is_cut,
        answers=tuple(one for one, _ in others),
        agreements=tuple(agreements for agreements, _ in checked),
        shared=tuple(shared for _, shared in checked),
        tables=tuple(rows.n_rows for rows in selected),
    )
    return record, [arrays for _, arrays in others], b"".join(rows.bits for rows in selected)


def from_record(
    record: PastRecord, shelves: Sequence[ArrayShelf], bits: bytes, present: State
) -> tuple[Past, Answer | None]:
    """What was done before, and the present answer as one of those in it.

    `present` is what the session has, `bits` those of the selected rows. Raises UnsoundError where
    the record does not fit together.
    """
    answer = present.answer
    fits = [] if answer is None else [answer]
    fits += map(answers.from_record, record.answers, shelves)
    states: list[State] = []
    holds: Settings | None = None
    options = present.options
    for one in record.states:
        holds = one.settings or holds
        if holds is None:
            raise UnsoundError("the first step of the history makes no choices")
        options = one.options or options
        states.append(State(holds, _given(one.answer, fits, states), options))
    if len(states) != len(record.texts) + 1 or record.at >= len(states):
        raise UnsoundError("the history has more steps than it has names for")
    selected = _selected(record, bits)
    others = fits[answer is not None :]
    checked = {}
    for fit, agreements, shared in zip_longest(others, record.agreements, record.shared):
        if fit is not None and (known := halves.from_record(agreements, shared, fit.finding)):
            checked[fit.finding] = known
    past = Past(tuple(states), record.texts, record.at, record.is_cut, selected, checked)
    if past.present != present:
        raise UnsoundError("the history leads elsewhere")
    return past, past.present.answer


def _selected(record: PastRecord, bits: bytes) -> tuple[PackedRows | None, ...]:
    """The rows that were selected in each state."""
    sizes = [-(-n_rows // 8) for n_rows in record.tables]
    if sum(sizes) != len(bits):
        raise UnsoundError("the history tells of selected rows that are not there")
    starts = accumulate(sizes, initial=0)
    kept = [
        PackedRows(bits[start : start + size], n_rows)
        for start, size, n_rows in zip(starts, sizes, record.tables, strict=False)
    ]
    numbers = [state.selected for state in record.states]
    if any(number is not None and number >= len(kept) for number in numbers):
        raise UnsoundError("the history tells of selected rows that are not there")
    return tuple(None if number is None else kept[number] for number in numbers)


def _given(
    record: GivenRecord | None, fits: Sequence[Answer], before: Sequence[State]
) -> Answer | None:
    """The answer of a state: the same object as that of the one before where nothing changed."""
    if record is None:
        return None
    if record.fit >= len(fits):
        raise UnsoundError("the history has an answer that is not there")
    fit = fits[record.fit]
    answer = fit._replace(
        given_names=dict(record.names),
        given_colors=dict(record.colors),
        grouping=answers.grouping_of(record.combined, fit.finding.scaled.weights),
        signs=record.signs,
        outlier_level=record.outlier_level,
        suggested=record.suggested,
    )
    answers.check_given(answer)
    last = before[-1].answer if before else None
    return last if last == answer else answer

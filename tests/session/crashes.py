"""Programs that edit, save and autosave without end, each killed at a random moment.

Run as a script: prints, as JSON, what was found after each of N deaths. Forks, so that a program
starts in no time; with one thread, so that it may.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import msgspec

from gmmdesk.analysis import Finding, Settings, analyse
from gmmdesk.data.options import FOUND_OUT
from gmmdesk.data.readers import read_text
from gmmdesk.session.answer import Answer
from gmmdesk.session.files import read_session, write_session
from gmmdesk.session.past import MAX_FINDINGS, Past, State
from gmmdesk.session.records import Session
from gmmdesk.session.recovery import Recovery, left_behind
from gmmdesk.session.tables import reference_to

MOST_MS = 150
TABLE = "a,b\n" + "".join(f"{i % 2 * 9 + i / 40:.3f},{i * 7 % 11}\n" for i in range(400))


def first_session():
    dataset = read_text(TABLE)
    steps = analyse(dataset, Settings(k_min=2, k_max=2, models=("VVV",)), n_threads=1)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            answer = Answer(Finding.of(end.value), [], 0.0)
            settings, data = end.value.settings, reference_to(dataset, None)
            return dataset, Session(data, settings, answer, past=past_of(settings, answer))


def work(base: Path, file: Path, pipe: int, dataset, session) -> None:
    """Edit and save for ever; every number that went to the pipe has been saved."""
    recovery = Recovery(base)
    number = 0
    while True:
        number += 1
        session = edited(session, number)
        recovery.save(session, dataset)
        os.write(pipe, b"a%d\n" % number)
        write_session(session, file, embed=dataset)
        os.write(pipe, b"s%d\n" % number)


def past_of(settings: Settings, answer: Answer) -> Past:
    """As many fits as a session keeps, the present answer the last of them."""
    others = [answer._replace(finding=replace(answer.finding)) for _ in range(MAX_FINDINGS - 1)]
    states = tuple(State(settings, one, FOUND_OUT) for one in (*others, answer))
    return Past(states, ("finding clusters",) * len(others), len(others))


def edited(session: Session, number: int) -> Session:
    """With another seed, as one more step of its history."""
    settings = msgspec.structs.replace(session.settings, seed=number)
    past = session.past
    assert past is not None
    step = State(settings, session.answer, FOUND_OUT)
    past = Past((*past.states, step), (*past.texts, "the seed"), past.at + 1)
    return replace(session, settings=settings, past=past)


def killed(base: Path, file: Path, dataset, session, delay: float) -> dict[str, int]:
    """Let a program work for a while and kill it; the last numbers it had saved."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        try:
            work(base, file, write, dataset, session)
        finally:
            os._exit(1)
    os.close(write)
    select.select([], [], [], delay)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    said = b""
    while block := os.read(read, 1 << 16):
        said += block
    os.close(read)
    last = {"a": 0, "s": 0}
    for line in said.decode().split("\n")[:-1]:
        last[line[0]] = int(line[1:])
    return last


def after(base: Path, file: Path, last: dict[str, int], dataset) -> dict[str, object]:
    """What the next program finds: numbers saved and recovered, -1 where there is nothing."""
    left = left_behind(base)
    recovered = -1
    if left:
        session, found = read_session(left[0].path)
        assert found.dataset is not None
        assert found.dataset.column("a").cells.equals(dataset.column("a").cells)
        assert session.answer is not None
        assert session.past is not None
        assert len(session.past.texts) == MAX_FINDINGS - 1 + session.settings.seed
        recovered = session.settings.seed
    saved = -1
    if file.exists():
        saved = read_session(file)[0].settings.seed
    parts = len(list(file.parent.glob(".gmmdesk-*.part")))
    for one in left:
        one.discard()
    rest = [path.name for path in base.iterdir()]
    return {
        "autosaved": last["a"], "recovered": recovered, "saves": last["s"], "saved": saved,
        "left": len(left), "rest": rest, "parts": parts,
    }  # fmt: skip


def main(folder: Path, n_deaths: int, seed: int) -> None:
    base, file = folder / "recovery", folder / "mine.gmmdesk"
    base.mkdir()
    dataset, session = first_session()
    rng = random.Random(seed)
    report = []
    began = time.monotonic()
    for _ in range(n_deaths):
        file.unlink(missing_ok=True)
        last = killed(base, file, dataset, session, rng.uniform(0, MOST_MS) / 1000)
        report.append(after(base, file, last, dataset))
    print(json.dumps({"deaths": report, "seconds": time.monotonic() - began}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

"""Every benchmark of the engine, one after the other: ratios against the alternatives, and memory.

python tests/benchmarks/all.py [--quick]

Nothing else should run meanwhile. The full tables take about an hour, most of it scikit-learn's.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

# What to run, and what makes it short.
BENCHMARKS = {
    "bench_engine.py": ["--quick"],
    "bench_sklearn.py": ["--quick"],
    "bench_search.py": ["--quick"],
    "bench_models.py": ["--rows", "2000"],
    "bench_memory.py": ["--rows", "1000000"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rows and cases")
    options = parser.parse_args()
    for name, quick in BENCHMARKS.items():
        print(f"\n=== {name}", flush=True)
        command = [sys.executable, str(Path(__file__).with_name(name))]
        subprocess.run(command + quick * options.quick, check=False)


if __name__ == "__main__":
    main()

"""`make mutants`: change the deciding code a little, and list what no test notices.

Mutmut changes one thing at a time in a copy of this tree and runs the fast tests of
that file. What survives is told with its change, what only changes a sentence apart.
How it is read, and what is known to survive, stands in docs/robustness.md.
"""

import argparse
import json
import os
import shutil
import subprocess  # starts mutmut, with arguments of this file only
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.mutation.reading import Mutant, read
from tests.mutation.targets import TARGETS, Target

_ROOT = Path(__file__).parents[2]
_LEFT_OUT = (".*", "__pycache__", "build", "mutants", "*.egg-info")
_MARK = "[tool.mutmut]\n"
_LONGEST = 3600


def _configure(tree: Path, target: Target) -> None:
    """The project's own settings of mutmut, with one target's files and tests."""
    said = (_ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert _MARK in said, "pyproject.toml says nothing of mutmut"
    ours = (
        f"only_mutate = {json.dumps(target.files)}\n"
        f"pytest_add_cli_args_test_selection = {json.dumps(target.tests)}\n"
    )
    (tree / "pyproject.toml").write_text(
        said.replace(_MARK, _MARK + ours), encoding="utf-8"
    )


def _mutate(tree: Path, target: Target, children: int) -> Sequence[Mutant]:
    _configure(tree, target)
    shutil.rmtree(tree / "mutants", ignore_errors=True)
    log = tree / f"{target.name}.log"
    mutmut = [sys.executable, "-m", "mutmut"]
    run = [*mutmut, "run", "--max-children", str(children), *target.only]
    with log.open("w", encoding="utf-8") as out:
        subprocess.run(  # noqa: S603 - the arguments are this file's own
            run, cwd=tree, stdout=out, stderr=out, check=False, timeout=_LONGEST
        )
    told = subprocess.run(  # noqa: S603 - likewise
        [*mutmut, "results", "--all", "true"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        timeout=_LONGEST,
    )
    found = tuple(read(tree / "mutants", target.files, told.stdout))
    meant = [each for each in found if each.is_of(target.only)]
    if not all(each.is_run for each in meant):
        said = log.read_text(encoding="utf-8", errors="replace")[-3000:]
        raise SystemExit(f"{target.name}: mutmut did not come to its end.\n{said}")
    return meant


def _report(name: str, mutants: Sequence[Mutant]) -> Iterator[str]:
    alive = [each for each in mutants if each.is_alive]
    count = Counter(each.status for each in mutants)
    words = sum(each.is_wording for each in alive)
    for each in alive:
        if not each.is_wording:
            yield f"\n{each.name} ({each.status})\n{each.change}"
    yield (
        f"\n{name}: {len(mutants)} mutants, {len(mutants) - len(alive)} killed,"
        f" {len(alive)} survived; {words} of them change a sentence only."
        f" {dict(count)}"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the targets named, or all; 0, whatever survives: it is for reading."""
    names = [each.name for each in TARGETS]
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("targets", nargs="*", help=f"of {', '.join(names)}")
    parser.add_argument("--children", type=int, default=max(1, os.cpu_count() or 1))
    parser.add_argument("--keep", action="store_true", help="keep the mutated tree")
    given = parser.parse_args(argv)
    if unknown := set(given.targets) - set(names):
        parser.error(f"no target is called {', '.join(sorted(unknown))}")
    folder = Path(tempfile.mkdtemp(prefix="countersign-mutants-"))
    tree = folder / "tree"
    try:
        left_out = shutil.ignore_patterns(*_LEFT_OUT)
        shutil.copytree(_ROOT, tree, ignore=left_out)
        for target in TARGETS:
            if given.targets and target.name not in given.targets:
                continue
            for line in _report(target.name, _mutate(tree, target, given.children)):
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()
    finally:
        if given.keep:
            sys.stdout.write(f"Kept in {tree}.\n")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

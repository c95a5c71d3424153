"""What mutmut has made, and what of it only changes a sentence. Pure but for reading.

Mutmut keeps each function beside all its mutants in one file; what a mutant changes
is found by comparing the two as syntax.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

_LINE = re.compile(r"^\s*(?P<name>\S+): (?P<status>[a-z ]+)$", re.MULTILINE)
_NUMBER = re.compile(r"__mutmut_(?:orig|\d+)$")
_AROUND = 60
_NOT_RUN = frozenset({"not checked", "check was interrupted by user", "skipped"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one function, and what became of it."""

    name: str
    status: str
    change: str
    is_wording: bool

    @property
    def is_run(self) -> bool:
        """Whether it was tried at all."""
        return self.status not in _NOT_RUN

    def is_of(self, patterns: Sequence[str]) -> bool:
        """Whether its name fits one of some patterns; without any, always."""
        return not patterns or any(fnmatch(self.name, each) for each in patterns)

    @property
    def is_alive(self) -> bool:
        """Whether no test has noticed it (a test that never ends has)."""
        return self.status in {"survived", "no tests", "suspicious"}


def read(mutants: Path, files: Sequence[str], told: str) -> Iterator[Mutant]:
    """The mutants of some files, with what mutmut told of each."""
    status = {found["name"]: found["status"] for found in _LINE.finditer(told)}
    for file in files:
        text = (mutants / file).read_text(encoding="utf-8")
        module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        known = {
            node.name: node
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        for name, node in known.items():
            full = f"{module}.{name}"
            if full not in status:
                continue
            original = known[_NUMBER.sub("__mutmut_orig", name)]
            yield Mutant(
                full,
                status[full],
                _difference(original, node),
                _is_wording([original.args, original.body], [node.args, node.body]),
            )


def _difference(original: ast.AST, mutant: ast.AST) -> str:
    """What differs, in one line, with a little of what stands around it."""
    before, after = (
        " ".join(ast.unparse(each).partition(":")[2].split())
        for each in (original, mutant)
    )
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    head = before[max(0, start - _AROUND) : start]
    tail = before[len(before) - end :][:_AROUND]
    gone = before[start : len(before) - end]
    new = after[start : len(after) - end]
    return f"... {head}[-{gone}-]{{+{new}+}}{tail} ..."


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    shorter = min(len(one), len(other))
    return next((at for at, (a, b) in pairs if a != b), shorter)


def _is_wording(original: object, mutant: object) -> bool:
    """Whether two pieces of syntax differ in sentences only."""
    if _is_sentence(original):
        return True
    if isinstance(original, list) and isinstance(mutant, list):
        return len(original) == len(mutant) and all(
            _is_wording(one, other) for one, other in zip(original, mutant, strict=True)
        )
    if isinstance(original, ast.AST):
        return type(original) is type(mutant) and all(
            _is_wording(value, getattr(mutant, name))
            for name, value in ast.iter_fields(original)
            # What an assertion says when it fails is for us.
            if not (isinstance(original, ast.Assert) and name == "msg")
        )
    return original == mutant


def _is_sentence(node: object) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and " " in node.value.strip()
    return isinstance(node, ast.JoinedStr)

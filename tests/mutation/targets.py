"""What is mutated, and the tests of it that are fast enough to run a thousand times."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """Some files and their tests; `only` narrows them to some functions (patterns)."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    only: tuple[str, ...] = ()


def _tests(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/approvals/test_{name}.py" for name in names)


_CHOOSING = ("values", "matching", "choosing")
_READING = ("table", "stages", "checks", "file")

TARGETS = (
    Target("risk", ("approvals/risk.py",), _tests("risk")),
    Target(
        "policy",
        tuple(f"approvals/policy/{name}.py" for name in _CHOOSING),
        _tests("policy", "policy_lines"),
    ),
    Target("policy-lines", ("approvals/policy/joining.py",), _tests("policy_lines")),
    Target(
        "policy-file",
        tuple(f"approvals/policy/{name}.py" for name in _READING),
        _tests("policy_file"),
    ),
    Target(
        "hours",
        ("approvals/hours.py", "approvals/totals.py"),
        _tests("hours", "policy"),
    ),
    Target(
        "deciding",
        ("approvals/deciding.py", "approvals/stages.py"),
        _tests("rights"),
    ),
    Target(
        "machine",
        ("approvals/proposal.py", "approvals/moves.py"),
        _tests("machine", "moves"),
    ),
    Target(
        "store",
        ("approvals/store.py",),
        _tests("saving", "settling", "overtaking"),
        (
            "approvals.store.xǁStoreǁsave__mutmut_*",
            "approvals.store.xǁStoreǁ_is_overtaken__mutmut_*",
            "approvals.store.xǁStoreǁpostpone__mutmut_*",
            "approvals.store.xǁStoreǁlook_at__mutmut_*",
            "approvals.store.xǁStoreǁhurry__mutmut_*",
            "approvals.store.xǁStoreǁ_append__mutmut_*",
        ),
    ),
)

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


_POLICY = ("values", "matching", "choosing", "table", "stages", "checks", "file")

TARGETS = (
    Target("risk", ("approvals/risk.py",), _tests("risk")),
    Target(
        "policy",
        tuple(f"approvals/policy/{name}.py" for name in _POLICY),
        _tests("policy", "policy_file"),
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
        _tests("races", "desk", "applying", "stops", "undoing", "renewing"),
        (
            "approvals.store.xǁStoreǁsave__mutmut_*",
            "approvals.store.xǁStoreǁ_is_overtaken__mutmut_*",
            "approvals.store.xǁStoreǁpostpone__mutmut_*",
            "approvals.store.xǁStoreǁlook_at__mutmut_*",
        ),
    ),
)

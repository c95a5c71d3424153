"""What is said about a policy, as frozen values: mistakes, what was tried, versions."""

from dataclasses import dataclass, field
from datetime import datetime

from approvals.proposal import Rule


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake of a policy file, and its line (0: the file as a whole)."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A policy file that cannot be followed: nothing is written while it stands.

    `line` and `sentence` are its first mistake (line 0: the file as a whole),
    `others` the rest in the order of their lines.
    """

    line: int
    sentence: str
    others: tuple[Mistake, ...] = ()
    digest: str = ""
    text: str = field(default="", repr=False, compare=False)

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """All mistakes, the first line first."""
        return (Mistake(self.line, self.sentence), *self.others)


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule that was tried; `fits` None: it could apply, that cannot be known."""

    rule: Rule
    fits: bool | None
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """The rule for a draft, and all rules that were tried up to it."""

    rule: Rule
    tried: tuple[Tried, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One text of the policy, and since when it is known.

    `digest` is the SHA-256 of the file's bytes, or "built-in", or "unreadable".
    """

    digest: str
    text: str
    file: str
    sound: bool
    first_seen_at: datetime
    owner: str
    in_force: bool


def called(rule: Rule) -> str:
    """A rule as people find it: "Rule “Large invoices” (line 12)"."""
    if not rule.line:
        return "the built-in default"
    if not rule.name:
        return f"the default (line {rule.line})"
    return f"rule “{rule.name}” (line {rule.line})"

"""`countersign audit`: is the trail as it was written, and the trail as a file.

verify   every chain, with the first broken line; ends with 1 where one is broken
export   the lines of one company as CSV or as JSON lines, page by page
"""

import csv
import hashlib
import json
import unicodedata
from collections.abc import (
    AsyncIterator,
    Callable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any

from approvals.auditing import Audit
from approvals.proposal import TrailLine, Verified
from cards.plain import line as plain
from cards.plain import moment

COLUMNS = (
    "seq",
    "at",
    "proposal",
    "event",
    "who",
    "platform",
    "facts",
    "chain",
    "proposal_id",
    "who_id",
    "before",
    "digest",
)
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
WORKSPACE = "workspace:"


class Form(StrEnum):
    """How an export is written."""

    CSV = "csv"
    JSON = "json"


class Unclear(Exception):
    """No chain is meant, or several are; `sentence` says which there are."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Checked:
    """A chain after its check: what people call it, and what was found.

    `expected` is the number somebody has written down; a chain that ends before it
    was cut, and its head with it.
    """

    name: str
    found: Verified
    expected: int | None = None

    @property
    def is_short(self) -> bool:
        """Whether it ends before the number that was written down."""
        return self.expected is not None and self.found.seq < self.expected

    @property
    def sound(self) -> bool:
        """Whether it is as it was written, and as long as it must be."""
        return self.found.sound and not self.is_short

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found, in sentences; the first says it all."""
        said = [self.found.sentence]
        if self.is_short:
            cut = (
                f"It ends at line {self.found.seq:,}, but line {self.expected:,} was"
                " written down: its end was cut off, or an older database put back."
            )
            # Lines that are sound do not make a trail sound that has lost some.
            said = [cut] if self.found.sound else [*said, cut]
        if self.found.broken is not None:
            said.append(f"There now: {_told(self.found.broken)}.")
        if self.found.last is not None:
            said.append(f"The last line that is sound: {_told(self.found.last)}.")
        return tuple(said)


def _told(line: TrailLine) -> str:
    """A line in a few words; all of it may be somebody else's text."""
    about = f" {line.proposal}" if line.proposal else ""
    by = f", by {line.who}" if line.who else ""
    return plain(f"{line.seq}, {line.event}{about}, {moment(line.at)}{by}")


async def of_workspace(
    audit: Audit, companies: Mapping[str, str], workspace: str
) -> tuple[Checked, ...]:
    """Check the chains of a workspace: its companies' (titles by chain), its own."""
    return tuple(
        [
            Checked(companies.get(chain, "The workspace itself"), found)
            for chain in (*companies, f"{WORKSPACE}{workspace}")
            if (found := await audit.verify(chain)).seq or not found.sound
        ]
    )


async def checked(
    audit: Audit,
    names: Mapping[str, str],
    *,
    company: str | None = None,
    expected: Mapping[str, int] | None = None,
) -> tuple[Checked, ...]:
    """Check every chain, or those of one company; `names` are titles by chain.

    Raises:
        Unclear: there is no such company.
    """
    chains = sorted({*await audit.chains(), *names}, key=lambda chain: ":" in chain)
    wanted = {chain_of(said, chains, names): n for said, n in (expected or {}).items()}
    if company is not None:
        chains = [chain_of(company, chains, names)]
    return tuple(
        [
            Checked(name_of(chain, names), await audit.verify(chain), wanted.get(chain))
            for chain in chains
        ]
    )


def _order(chain: str) -> tuple[bool, str]:
    """Companies before workspaces."""
    return chain.startswith(WORKSPACE), chain


def name_of(chain: str, names: Mapping[str, str]) -> str:
    """What people call a chain."""
    if chain.startswith(WORKSPACE):
        return f"Workspace {chain.removeprefix(WORKSPACE)}"
    return f"{names[chain]} ({chain})" if chain in names else chain


def chain_of(said: str, chains: Sequence[str], names: Mapping[str, str]) -> str:
    """The chain that somebody means: by its name, its realm or the company's name.

    Raises:
        Unclear: none is meant, or more than one.
    """
    wanted = said.strip().casefold()
    found = [
        chain
        for chain in chains
        if wanted
        in {
            chain.casefold(),
            chain.partition(":")[2].casefold(),
            names.get(chain, "").casefold(),
        }
    ]
    if len(found) == 1:
        return found[0]
    known = ", ".join(name_of(chain, names) for chain in chains) or "none yet"
    several = "Several trails are" if found else "There is no trail"
    raise Unclear(f"{several} called {said}. There are: {known}.")


# --- as a file ------------------------------------------------------------------


async def exported(
    lines: AsyncIterator[TrailLine], form: Form, out: IO[str]
) -> tuple[int, str]:
    """Write the lines; how many, and the SHA-256 of all that was written."""
    tally = _Tally(out)
    write = _csv(tally) if form is Form.CSV else _json(tally)
    count = 0
    async for line in lines:
        write(line)
        count += 1
    return count, tally.digest


class _Tally:
    """Passes on what is written, and keeps its digest."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._sum = hashlib.sha256()

    def write(self, text: str) -> int:
        self._sum.update(text.encode())
        return self._out.write(text)

    @property
    def digest(self) -> str:
        return self._sum.hexdigest()


def as_json(line: TrailLine) -> str:
    """A line exactly: `facts` is the very text that its digest was made over."""
    values: dict[str, Any] = {name: getattr(line, name) for name in COLUMNS}
    values["at"] = line.at.isoformat()
    return json.dumps(values, ensure_ascii=False)


def _json(out: _Tally) -> Callable[[TrailLine], object]:
    return lambda line: out.write(f"{as_json(line)}\n")


def _csv(out: _Tally) -> Callable[[TrailLine], object]:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)

    def write(line: TrailLine) -> object:
        values = {name: str(getattr(line, name)) for name in COLUMNS}
        values["at"] = line.at.isoformat()
        return writer.writerow([harmless(values[name]) for name in COLUMNS])

    return write


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: with a ' before it.

    owasp.org/www-community/attacks/CSV_Injection
    """
    # Also behind blanks, which spreadsheets take away first, and in wide letters (＝),
    # which some of them narrow.
    begins = unicodedata.normalize("NFKC", cell).lstrip(" ")
    return f"'{cell}" if begins.startswith(_FORMULA) else cell

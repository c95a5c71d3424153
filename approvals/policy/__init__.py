"""Who may approve what, how many of them, and how long a proposal waits.

Read from one TOML file; without it any approver but the requester decides, alone,
within 72 hours. The first rule that matches wins, and the default stands last. No
file can loosen what `choosing` and `moves` enforce: a human approval, never the
requester's, one decision a person.

`file` reads the file and finds every mistake in it, `matching` says whether a rule
is for a draft, `choosing` which rule it is, `versions` keeps every text that was
ever in force.
"""

from approvals.policy.choosing import DEFAULT_RULE, Policy, strictness
from approvals.policy.file import load, parse
from approvals.policy.matching import Match
from approvals.policy.values import Broken, Explained, Mistake, Tried, called
from approvals.totals import total_of

__all__ = [
    "DEFAULT_RULE",
    "Broken",
    "Explained",
    "Match",
    "Mistake",
    "Policy",
    "Tried",
    "called",
    "load",
    "parse",
    "strictness",
    "total_of",
]

"""What Intuit leaves open, as settings that can be changed while it runs."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from qbo.simulator.exact import Json


@dataclass(frozen=True)
class Switches:
    """The switches and their defaults.

    `previous_refresh_grace_seconds`: how long a refresh token works after it was
    replaced. Clients rely on a day; 0 is strict, and then using it again ends the
    connection. `rotate_refresh_after_seconds`: a refresh hands back the same token
    until it is that old; 0 gives a new one every time.

    `requestid_ignored_for` names lists (say "Customer,Vendor") for which a request id
    is not remembered. `requestid_repeated` is "replay" or "fault" (code 600).

    `duplicate_doc_numbers`: "preference" (QuickBooks' own), "refuse" or "accept".
    `over_the_cap`: MAXRESULTS above 1000 is cut ("cap") or refused ("fault").
    `reports_style`: "modern" (2026) or "legacy" titles and zeros.
    """

    previous_refresh_grace_seconds: int = 86_400
    rotate_refresh_after_seconds: int = 0
    access_token_seconds: int = 3_600
    refresh_idle_seconds: int = 8_726_400
    refresh_hard_seconds: int = 157_680_000
    new_consent_ends_the_old: bool = False
    requestid_ttl_seconds: int = 86_400
    requestid_ignored_for: str = ""
    requestid_repeated: str = "replay"
    requestid_replays_faults: bool = False
    duplicate_doc_numbers: str = "preference"
    over_the_cap: str = "cap"
    reports_style: str = "modern"
    mails_per_day: int = 0
    retry_after_seconds: int = 0
    gateway_xml: bool = False
    latency_ms: int = 0
    limits: bool = False

    def changed(self, wishes: Json) -> "Switches":
        """The switches with some of them set.

        Raises:
            ValueError: a name is unknown or a value is of the wrong kind.
        """
        kinds = {one.name: type(getattr(self, one.name)) for one in fields(self)}
        for name, value in wishes.items():
            if name not in kinds:
                raise ValueError(f"no switch {name!r}; there are: {', '.join(kinds)}")
            if type(value) is not kinds[name]:
                raise ValueError(f"{name} is of type {kinds[name].__name__}")
        return replace(self, **wishes)

    def as_json(self) -> dict[str, Any]:
        """All switches by name."""
        return asdict(self)

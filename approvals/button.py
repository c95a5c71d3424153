"""What a button carries: an opaque text for (notice, revision, digest, verb).

It is sealed under a key of ours, so that a press can only be one on a card that
we made, and it names the revision that was on that card. It grants nothing by
itself: who presses is decided at the press.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from approvals.proposal import Denied, Proposal

_SEAL_BYTES = 18
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Button:
    """A button as it was made. `notice_id` is empty on a card without a notice."""

    notice_id: str
    proposal_id: str
    revision: int
    verb: str
    seal: str


class Buttons:
    """Makes and reads the texts of buttons."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"countersign button", "sha256")

    def text(self, notice_id: str, proposal: Proposal, verb: str) -> str:
        """The text of one button on a card that shows this proposal."""
        assert not set(verb) & {":", "~"}, "a verb with a separator in it"
        button = (notice_id, proposal.id, str(proposal.revision), verb)
        return "~".join((*button, self._seal(button, proposal.draft.digest)))

    def read(self, text: str) -> Button:
        """The button of a text; its seal is compared in `is_ours`.

        Raises:
            Denied: not the text of a button ("token").
        """
        # Ours are plain ASCII: nothing else reaches the database, or a digest.
        is_plain = text.isascii() and text.isprintable() and len(text) <= _LONGEST
        parts = text.split("~") if is_plain else []
        if len(parts) != 5 or not parts[2].isdigit():  # noqa: PLR2004
            raise not_ours()
        notice_id, proposal_id, revision, verb, seal = parts
        return Button(notice_id, proposal_id, int(revision[:9]), verb, seal)

    def is_ours(self, button: Button, digests: tuple[str, ...]) -> bool:
        """Whether we made this button, for a draft with one of these digests."""
        told = (
            button.notice_id,
            button.proposal_id,
            str(button.revision),
            button.verb,
        )
        return any(
            hmac.compare_digest(self._seal(told, digest).encode(), button.seal.encode())
            for digest in digests
        )

    def _seal(self, told: tuple[str, ...], digest: str) -> str:
        mac = hmac.new(self._key, "~".join((*told, digest)).encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(mac.digest()[:_SEAL_BYTES]).decode()


def not_ours() -> Denied:
    """The answer to a press that is not one on a card of ours."""
    return Denied(
        "I do not know that button, so nothing was decided. Please use the newest"
        " message.",
        rule="token",
    )

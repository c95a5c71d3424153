"""The policy while the program runs: read again when its file changes.

The whole file is read each minute, on SIGHUP and when an administrator says `policy
reload`; it is small, and its digest says more than the time of a change. A broken
edit holds at once: nothing is written until it is mended.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from approvals.applying import policy_sentence
from approvals.desk import Desk
from approvals.policy import Broken, Policy, load

log = logging.getLogger(__name__)

SHORT = 12  # so many letters of a digest are shown


class Policies:
    """Keeps the desk's policy what the file says."""

    def __init__(
        self,
        desk: Desk,
        path: Path | None,
        now: Callable[[], datetime],
        *,
        workspace: str,
        owner: str,
        hurry: Callable[[], Awaitable[None]],
    ) -> None:
        self._desk = desk
        self._path = path
        self._now = now
        self._workspace = workspace
        self._owner = owner
        self._hurry = hurry
        self._one_at_a_time = asyncio.Lock()

    @property
    def file(self) -> str:
        """The name of the file; empty where none was named."""
        return self._path.name if self._path else ""

    async def begin(self) -> None:
        """Note at the start which policy is in force."""
        async with self._one_at_a_time:
            await self._note(self._desk.policy)

    async def look(self) -> bool:
        """Read the file again; whether what it says is another policy."""
        if self._path is None:
            return False
        async with self._one_at_a_time:
            found = await asyncio.to_thread(load, self._path)
            before = self._desk.policy
            if found == before:
                return False
            # At once, before anything can fail: a broken edit stops writing.
            self._desk.policy = found
            log.warning(
                "the policy has changed",
                extra={"digest": found.digest[:SHORT], "sound": _is_sound(found)},
            )
            await self._note(found)
            if _is_sound(found) and not _is_sound(before):
                await self._hurry()
            return True

    async def _note(self, policy: Policy | Broken) -> None:
        await self._desk.policies.in_force(
            policy,
            news(policy, self.file),
            workspace=self._workspace,
            file=self.file,
            owner=self._owner,
            at=self._now(),
        )


def news(policy: Policy | Broken, file: str) -> str:
    """What administrators are told of a policy that holds from now on."""
    if isinstance(policy, Broken):
        return policy_sentence(policy)
    if not policy.digest:
        return (
            "No policy file is named any more, so the built-in default holds: any"
            " approver but the requester."
        )
    count = len(policy.matches)
    rules = "1 rule" if count == 1 else f"{count} rules"
    return (
        f"The approval policy has changed: {file} has {rules} now (digest"
        f" {policy.digest[:SHORT]}). It holds for what is proposed or changed from now"
        " on; what waits already keeps its rule."
    )


def _is_sound(policy: Policy | Broken) -> bool:
    return isinstance(policy, Policy)

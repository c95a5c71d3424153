"""Sample cards about the trail."""

from cards import trail
from cards.card import Card
from cards.plain import title
from cards.samples.world import HARBOUR


def cards() -> dict[str, Card]:
    """All of them by name."""
    sound = (title(HARBOUR), 1204, True, ("All 1,204 lines are as they were written.",))
    broken = (
        title(HARBOUR),
        16,
        False,
        (
            "Line 17 is not as it was written.",
            "There now: 17, quorum P-9, 3 Nov 2026, 14:02 UTC, by Somebody.",
            "The last line that is sound: 16, propose P-9, 3 Nov 2026, 13:58 UTC.",
        ),
    )
    workspace = ("The workspace itself", 7, True, ("All 7 lines are sound.",))
    return {
        "trail/stands": trail.stands(HARBOUR, 1204, "All 1,204 lines are sound.", True),
        "trail/broken": trail.stands(HARBOUR, 16, "Line 17 is missing.", False),
        "trail/checked": trail.checked((sound, workspace)),
        "trail/checked-broken": trail.checked((broken, workspace)),
        "trail/checked-none": trail.checked(()),
    }

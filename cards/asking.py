"""What some buttons ask before they count, found again from the verb alone.

A press brings back a verb and a token, not the card; where a platform asks in a
window of its own (a modal), the fields are looked up here.
"""

from collections.abc import Mapping

from cards.card import Button, Field, Style

_ASKING: Mapping[str, Button] = {
    "reject": Button(
        "Reject",
        "reject",
        style=Style.DANGER,
        asks=(
            Field(
                "reason",
                "Why not?",
                multiline=True,
                max_length=500,
                placeholder="The requester reads this.",
            ),
        ),
    ),
    "reassign": Button(
        "Name who approves",
        "reassign",
        asks=(
            Field(
                "people",
                "Who approves it instead?",
                max_length=200,
                placeholder="Luis Ortega, ana@example.com",
            ),
        ),
    ),
    "force": Button(
        "Decide for the absent",
        "force",
        style=Style.DANGER,
        asks=(
            Field(
                "instead_of",
                "In whose place?",
                required=False,
                max_length=100,
                placeholder="Needed where several could approve",
            ),
            Field(
                "reason",
                "Why? It is shown and kept.",
                multiline=True,
                max_length=500,
            ),
        ),
    ),
    "drop": Button(
        "Leave lines out",
        "drop",
        asks=(
            Field(
                "lines",
                "Which lines? Their numbers. Who leaves lines out cannot approve the"
                " rest.",
                max_length=200,
                placeholder="3, 7-9",
            ),
        ),
    ),
    "settle.there": Button(
        "It is there",
        "settle.there",
        asks=(
            Field(
                "doc_number",
                "Its number in QuickBooks",
                max_length=40,
                placeholder="1189",
            ),
        ),
    ),
}


def button(verb: str, token: str) -> Button | None:
    """The button that asks before `verb`; None for verbs that ask nothing."""
    found = _ASKING.get(verb)
    if found is None:
        return None
    return Button(found.label, verb, token, found.style, found.asks)

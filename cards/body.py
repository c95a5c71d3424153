"""What is particular to one card; company, moment and working are added to it."""

from dataclasses import dataclass

from cards.card import Button, Section, Tone


@dataclass(frozen=True, slots=True)
class Body:
    """A card without its company: see `Card` for the fields."""

    title: str
    status: str | None = None
    tone: Tone = Tone.PLAIN
    sections: tuple[Section, ...] = ()
    buttons: tuple[Button, ...] = ()
    footnotes: tuple[str, ...] = ()


# The word under which people know a status, and how it feels.
TONES = {
    "Outstanding": Tone.PLAIN,
    "Overdue": Tone.BAD,
    "Paid": Tone.GOOD,
    "Voided": Tone.MUTED,
}

"""Where a company's trail stands; told to the administrators once a day."""

from cards.card import Card, Section, Tone
from cards.plain import banner, summary
from qbo.books import Company


def stands(company: Company, seq: int, sentence: str, sound: bool) -> Card:  # noqa: FBT001
    """The number of the last line, so that a tail cut off later shows.

    `sentence` is what the check of the whole trail found.
    """
    text = f"The trail stands at line {seq:,}."
    return Card(
        title=text,
        summary=summary(company, text if sound else "the trail is not as written!"),
        banner=banner(company),
        status="Sound" if sound else "Broken",
        tone=Tone.MUTED if sound else Tone.BAD,
        sections=(Section(texts=(sentence,)),),
        footnotes=("Keep this line: a later one must never be lower.",),
    )

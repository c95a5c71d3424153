"""Whether trails are as they were written: told to administrators and auditors."""

from collections.abc import Sequence

from cards.card import Card, Section, Table, Tone
from cards.plain import banner, count, line, listed, summary
from qbo.books import Company

_KEEP = "Keep these numbers: a later one must never be lower."


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


def checked(found: Sequence[tuple[str, int, bool, Sequence[str]]]) -> Card:
    """Several trails after their check.

    Each is (what it is called, its last line's number, whether it is sound, what was
    found in sentences).
    """
    broken = [name for name, _, sound, _ in found if not sound]
    if not found:
        title = "Nothing has been written in the trail yet."
    elif broken:
        are = "is" if len(broken) == 1 else "are"
        names = listed(tuple(line(name) for name in broken), "and")
        title = f"{count(len(broken), 'trail')} {are} not as written: {names}."
    else:
        title = (
            "The trail is as it was written."
            if len(found) == 1
            else f"All {len(found)} trails are as they were written."
        )
    table = Table(
        columns=("Trail", "Last line", "Found"),
        rows=tuple(
            (line(name), f"{seq:,}", "Sound" if sound else "Broken")
            for name, seq, sound, _ in found
        ),
        numeric=(1,),
    )
    told = tuple(
        Section(heading=line(name), texts=tuple(sentences))
        for name, _, sound, sentences in found
        if not sound
    )
    return Card(
        title=title,
        summary=title,
        status="Broken" if broken else "Sound" if found else None,
        tone=Tone.BAD if broken else Tone.GOOD if found else Tone.PLAIN,
        sections=(*told, *((Section(table=table),) if found else ())),
        footnotes=(_KEEP,) if found else (),
    )

"""Who may talk, and who is who across platforms.

Plain functions of plain arguments.
"""

from cards.card import Button, Card, Fact, Link, Section, Style, Tone
from cards.plain import banner, count, cut, line, listed, summary
from cards.talk import READS, names_listed, said_button, sentence
from qbo.books import Company


def stranger(admins: tuple[str, ...]) -> Card:
    """Told to a member of a known workspace who has no access; the admins are asked."""
    names = names_listed(admins)
    ask = f"I have asked {names}." if names else "I have asked the administrators."
    text = f"You do not have access to the books yet. {ask}"
    return Card(title=text, summary=text, tone=Tone.WARNING)


def turned_away() -> Card:
    """Told to somebody whose team or tenant is not connected to any workspace."""
    return sentence(
        "I do not know this team, so I cannot talk about any books here. "
        "An administrator of Countersign can add it.",
        tone=Tone.WARNING,
    )


def guest_refused() -> Card:
    """Told to guests and people of other organisations."""
    return sentence(
        "Guests and people of other organisations cannot see the books.",
        tone=Tone.WARNING,
    )


def access_asked(
    name: str, platform: str, token: str, *, email: str | None = None
) -> Card:
    """The admins' card: give this member access, and as what?"""
    who = cut(line(name), 80) or "Somebody"
    facts = [Fact("Name", who), Fact("Writes from", platform)]
    if email:
        facts.append(Fact("E-mail there", email))
    return Card(
        title=f"Give {who} access?",
        summary=f"{who} asks for access to the books.",
        status="Access",
        tone=Tone.WARNING,
        sections=(
            Section(
                texts=(f"{who} wrote to me and is not known here.",),
                facts=tuple(facts),
            ),
        ),
        buttons=(
            Button("Give access as staff", "access.staff", token, Style.PRIMARY),
            Button(
                "Give access as approver",
                "access.approver",
                token,
                confirm=f"May {who} approve changes to the books?",
            ),
            Button("No", "access.no", token, Style.DANGER),
        ),
        footnotes=(
            "Staff ask and propose. Approvers also approve what others proposed.",
        ),
    )


def access_settled(name: str, outcome: str, by: str) -> Card:
    """The admins' card afterwards. `outcome` is "staff", "approver" or "no"."""
    who, whom = cut(line(name), 80) or "Somebody", cut(line(by), 80)
    given = outcome != "no"
    text = (
        f"{who} has access as {outcome}." if given else f"{who} was not given access."
    )
    return Card(
        title=text,
        summary=text,
        status="Given" if given else "Not given",
        tone=Tone.GOOD if given else Tone.MUTED,
        footnotes=(f"Decided by {whom}.",),
    )


def welcome(role: str, *, company: Company | None = None) -> Card:
    """Told to a member who was just given access as "staff" or "approver"."""
    text = f"You now have access to the books as {role}."
    return Card(
        title=text,
        summary=summary(company, text),
        banner=banner(company),
        tone=Tone.GOOD,
        buttons=(said_button(READS[0]), said_button("help", "Help")),
    )


def link_needed(other_platform: str) -> Card:
    """Told to a newcomer whose e-mail equals a known person's: how to be that person.

    Equal e-mail proves nothing; the code shown there and typed here does.
    """
    text = f"I may know you already, from {other_platform}."
    how = (
        f"If that is you: write “link” to me on {other_platform}, and I show you a "
        "code. Type “link” and that code here, and you are one person to me."
    )
    return Card(
        title=text,
        summary=text,
        tone=Tone.WARNING,
        sections=(Section(texts=(how,)),),
        footnotes=("Otherwise wait: I have asked the administrators.",),
    )


def link_code(code: str, other_platform: str, minutes: int) -> Card:
    """The code to enter on the other platform; for this person's eyes only."""
    how = (
        f"On {other_platform}, write “link {code}” to me. The code works once, for "
        f"{count(minutes, 'minute')}. Show it to nobody."
    )
    return Card(
        title=f"Your code: {code}",
        summary="Your code for linking two accounts.",
        sections=(Section(texts=(how,)),),
    )


def console_link(url: str, minutes: int = 15) -> Card:
    """A link that signs one person in to the console once; for their eyes only."""
    return Card(
        title="Open the console",
        summary="Your link into the console.",
        sections=(
            Section(
                texts=(
                    f"This link signs you in once, within {count(minutes, 'minute')}.",
                    "Show it to nobody.",
                )
            ),
        ),
        links=(Link("Open the console", url),),
    )


def linked(platforms: tuple[str, ...]) -> Card:
    """Two identities are one person now."""
    return sentence(
        f"Done: I know you as one person on {listed(platforms, 'and')}.", tone=Tone.GOOD
    )

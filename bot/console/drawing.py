"""A message with its card as markup, and with the forms' hidden parts put in.

The renderer knows nothing of sessions: what makes a form ours (its token, where
it came from, which message it stands in) is added here to every form.
"""

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from bot.console.transcript import Kind, Message
from cards import pictures
from cards.card import Card, Chart
from cards.html import Picture, html

# Only the renderer writes this; in every text that is shown "<" is escaped.
_FORM_END = "</form>"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message and its card's markup; None when there is no card to show."""

    message: Message
    card: Markup | None

    @property
    def is_said(self) -> bool:
        """Whether these are the person's own words."""
        return self.message.kind is Kind.SAID

    @property
    def is_file(self) -> bool:
        """Whether it is a file to fetch."""
        return self.message.kind is Kind.FILE


def drawn(message: Message, *, csrf: str, back: str) -> Drawn:
    """Draw a message for the session with this form token."""
    if message.card is None:
        return Drawn(message, None)
    card = message.card
    # The address changes with the message, so that a browser may keep the picture.
    base = f"/console/charts/{message.id}"

    def picture(chart: Chart) -> Picture:
        here = f"{base}/{card.charts.index(chart)}.png?v={message.changed}"
        slim = f"{here}&wide=no"
        narrow = (slim, f"{slim}&look=dark")
        return Picture(here, f"{here}&look=dark", *pictures.size(chart), narrow)

    made = card_html(card, csrf=csrf, back=back, message=message.id, picture=picture)
    return Drawn(message, made)


def card_html(
    card: Card,
    *,
    csrf: str,
    back: str,
    message: str = "",
    picture: Callable[[Chart], Picture | None] = lambda _: None,
) -> Markup:
    """A card whose forms come back to the console."""
    hidden = Markup(
        '<input type="hidden" name="csrf" value="{}">'
        '<input type="hidden" name="back" value="{}">'
        '<input type="hidden" name="message" value="{}">'
    ).format(csrf, back, message)
    whole = str(html(card, picture=picture)).replace(_FORM_END, f"{hidden}{_FORM_END}")
    return Markup(whole)  # noqa: S704 - the renderer's own markup, and ours

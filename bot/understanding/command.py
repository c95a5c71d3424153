"""`countersign interpret`: what a message means, without any chat platform."""

import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any, TextIO

from bot.understanding import samples
from bot.understanding.conversation import Context, followed, interpret
from bot.understanding.interpretation import Interpretation
from qbo.books import Names


class BadRequest(ValueError):
    """A line of a stream of requests that cannot be read; `number` counts from 1."""

    def __init__(self, number: int, problem: str) -> None:
        super().__init__(f"line {number}: {problem}")
        self.number = number


@lru_cache(maxsize=8)
def _names(company: str) -> Names:
    # Kept, so that one index serves all requests about a company.
    return samples.names(company)


def _meant(
    text: str, history: Iterable[str], company: str, today: date
) -> Interpretation:
    names, context = _names(company), Context()
    for earlier in history:
        context = followed(context, interpret(earlier, names, today, context))
    return interpret(text, names, today, context)


def interpret_one(text: str, company: str, today: date) -> dict[str, Any]:
    """The interpretation of one message as the contract's object.

    Raises:
        samples.UnknownCompany: there is no such sample company.
    """
    return _meant(text, (), company, today).as_json()


def interpret_jsonl(source: TextIO, sink: TextIO, company: str, today: date) -> None:
    """Interpret a stream of requests, one JSON object a line, in order.

    `company` and `today` hold for requests that do not name their own.

    Raises:
        BadRequest: a line is no request.
        samples.UnknownCompany: there is no such sample company.
    """
    for number, line in enumerate(source, 1):
        if not line.strip():
            continue
        try:
            request = json.loads(line)
            history = request.get("history") or []
            if not isinstance(request["text"], str) or not all(
                isinstance(earlier, str) for earlier in history
            ):
                raise TypeError("text and history are strings")  # noqa: TRY301 - one way out for every form of a bad line
            day = request.get("today")
            made = _meant(
                request["text"],
                history,
                request.get("company") or company,
                date.fromisoformat(day) if day else today,
            )
            answer = {"id": request.get("id"), "interpretation": made.as_json()}
        except samples.UnknownCompany:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as wrong:
            raise BadRequest(number, f"not a request ({wrong})") from wrong
        sink.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sink.flush()

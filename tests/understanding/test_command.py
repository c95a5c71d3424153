import io
import json
from datetime import date

import pytest

from bot.understanding import samples
from bot.understanding.command import BadRequest, interpret_jsonl, interpret_one

TODAY = date(2026, 11, 20)


def stream(*requests: object) -> list[dict[str, object]]:
    source = io.StringIO("".join(json.dumps(request) + "\n" for request in requests))
    sink = io.StringIO()
    interpret_jsonl(source, sink, "harbour-pine-us", TODAY)
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def test_one_message_is_printed_as_the_contract_says() -> None:
    made = interpret_one("void 1039", "harbour-pine-us", TODAY)

    assert made == {
        "kind": "write",
        "action": "invoice.void",
        "arguments": {"invoice": "1039"},
        "assumptions": [],
        "question": None,
        "reason": None,
    }


def test_a_stream_is_answered_in_order_each_with_its_id() -> None:
    answers = stream(
        {"id": "a", "text": "who owes us money"},
        {"id": "b", "text": "P&L", "company": "pennine-uk", "today": "2026-05-05"},
        {
            "id": "c",
            "text": "and the month before?",
            "history": ["payments last month"],
        },
    )

    assert [answer["id"] for answer in answers] == ["a", "b", "c"]
    assert answers[1]["interpretation"] == {
        "kind": "read",
        "action": "report.profit_and_loss",
        "arguments": {"period": {"start": "2026-04-01", "end": "2026-05-05"}},
        "assumptions": ["This fiscal year to date, from 1 April 2026 to 5 May 2026."],
        "question": None,
        "reason": None,
    }
    last = answers[2]["interpretation"]
    assert isinstance(last, dict)
    assert last["arguments"] == {"period": {"start": "2026-09-01", "end": "2026-09-30"}}


def test_a_correction_says_so() -> None:
    [answer] = stream(
        {
            "id": 1,
            "text": "make it 3",
            "history": ["invoice Acme West for 2 lawn mowings"],
        }
    )

    made = answer["interpretation"]
    assert isinstance(made, dict)
    assert made["corrects"] is True


@pytest.mark.parametrize(
    "line", ["[]", "{}", '{"text": 3}', "{", '{"text": "x", "today": "soon"}']
)
def test_a_line_that_is_no_request_is_named_by_its_number(line: str) -> None:
    source = io.StringIO('{"id": 1, "text": "help"}\n' + line + "\n")

    with pytest.raises(BadRequest, match="line 2"):
        interpret_jsonl(source, io.StringIO(), "harbour-pine-us", TODAY)


def test_an_unknown_company_is_told_with_those_there_are() -> None:
    with pytest.raises(samples.UnknownCompany, match="harbour-pine-us"):
        interpret_one("help", "atlantis", TODAY)


def test_a_path_is_no_company() -> None:
    with pytest.raises(samples.UnknownCompany):
        interpret_one("help", "../companies/pennine-uk", TODAY)


def test_sample_names_have_their_types_and_other_forms() -> None:
    names = samples.names("harbour-pine-us")

    jane = next(name for name in names.customers if name.name == "Smith, Jane")
    checking = next(name for name in names.accounts if name.name == "Business Checking")
    assert jane.also == ("Jane Smith",)
    assert (checking.type, checking.classification) == ("Bank", "Asset")
    assert names.fiscal_year_start_month == 1
    assert samples.names("pennine-uk").fiscal_year_start_month == 4
    assert "Pennine Property Care" in names.companies

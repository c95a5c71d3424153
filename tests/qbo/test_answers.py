"""What QuickBooks' answers mean, in every form in which they come."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbo import answers
from qbo.answers import Said
from qbo.faults import (
    BooksFault,
    Disconnected,
    Forbidden,
    Refused,
    Stale,
    Throttled,
    Unconfirmed,
    Unreachable,
)

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
TID = {"intuit_tid": "1-abc"}


def service(
    code: str, detail: str = "", element: str = "", kind: str = "ValidationFault"
) -> bytes:
    error = {"Message": "m", "Detail": detail, "code": code, "element": element}
    return json.dumps({"Fault": {"Error": [error], "type": kind}}).encode()


def gateway(code: str, message: str = "") -> bytes:
    error = {"message": message, "detail": None, "code": code, "element": None}
    return json.dumps(
        {"warnings": None, "fault": {"error": [error], "type": "SERVICE"}}
    ).encode()


XML = (
    b'<?xml version="1.0"?><IntuitResponse xmlns="http://schema.intuit.com/finance/v3">'
    b'<Fault type="AUTHENTICATION"><Error code="%s"><Message>message=Failed;'
    b" errorCode=00%s; statusCode=401</Message></Error></Fault></IntuitResponse>"
)


def judge(status: int, body: bytes, *, is_write: bool = True) -> BooksFault | None:
    return answers.judged(
        Said(status, TID, body), company="simulator:1", is_write=is_write, now=NOW
    )


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, service("6240"), Refused),
        (200, service("500", "Operation void is not supported."), Refused),
        (400, service("5010"), Stale),
        (429, gateway("3001"), Throttled),
        (429, b"<html>slow down</html>", Throttled),
        (403, XML % (b"3001", b"3001"), Throttled),
        (403, gateway("3100"), Forbidden),
        (403, b"", Forbidden),
        (401, service("120", kind="AuthorizationFault"), Forbidden),
        (400, service("120"), Forbidden),
        (401, gateway("3200"), Disconnected),
        (401, XML % (b"3200", b"3200"), Disconnected),
        (401, b'{"code":"AuthenticationFailed","type":"INPUT"}', Disconnected),
        (401, b"", Disconnected),
        (404, b"<html>no such page</html>", Refused),
        (413, b"", Refused),
        (400, service("150"), Unreachable),
        (407, b"<html>proxy</html>", Unreachable),
        (500, service("10000", kind="SystemFault"), Unconfirmed),
        (200, service("10000", kind="SystemFault"), Unconfirmed),
        (503, b"<html>later</html>", Unconfirmed),
        (504, b"", Unconfirmed),
        (400, b"<html>?</html>", Unconfirmed),
        (400, b"", Unconfirmed),
        (302, b"", Unconfirmed),
        (408, b"", Unconfirmed),
        (400, service("600"), Unconfirmed),
    ],
)
def test_a_write_is_judged_by_status_and_code(
    status: int, body: bytes, kind: type[BooksFault]
) -> None:
    fault = judge(status, body)

    assert type(fault) is kind
    assert fault is not None
    assert fault.intuit_tid == "1-abc"


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b""), (400, b"<html>"), (200, service("10000", kind="SystemFault"))],
)
def test_an_unclear_answer_to_a_read_may_be_asked_again(
    status: int, body: bytes
) -> None:
    assert type(judge(status, body, is_write=False)) is Unreachable


def test_a_success_is_no_fault() -> None:
    assert judge(200, b'{"Invoice": {"Id": "1"}}') is None
    assert judge(200, b"%PDF-1.4") is None


def test_a_pdf_that_speaks_of_error_codes_is_no_fault() -> None:
    assert judge(200, b"<code>3200</code> errorCode=3200") is None


@pytest.mark.parametrize(
    ("code", "detail", "element", "words"),
    [
        ("6240", "The name supplied already exists. : Id=67", "", "already has that"),
        (
            "6140",
            "... DocNumber=1001 is assigned to TxnType=Invoice",
            "",
            "Number 1001",
        ),
        ("6140", "...", "", "That number"),
        ("6210", "", "", "books are closed"),
        ("610", "", "", "no longer has that record"),
        (
            "2500",
            "Invalid Reference Id : Items element id 5 not found",
            "",
            "A product",
        ),
        ("2500", "", "", "Something that this refers to"),
        ("2020", "", "CustomerRef", "(customer)"),
        ("2020", "", "<b>", "missing here."),
        (
            "6000",
            "Business Validation Error: You must set a transaction amount.",
            "",
            "“You must set a transaction amount”",
        ),
        ("7777", "Something new", "", "“Something new”"),
        ("5010", "", "", "edited this record"),
    ],
)
def test_a_refusal_says_what_happened_in_plain_words(
    code: str, detail: str, element: str, words: str
) -> None:
    fault = judge(400, service(code, detail, element))

    assert isinstance(fault, Refused)
    assert words in fault.sentence
    assert "othing was" in fault.sentence or "so nothing was" in fault.sentence
    assert code not in fault.sentence.replace("Number 1001", "")
    assert fault.code == code


@given(st.text(max_size=600))
def test_quoted_text_is_one_short_line_without_control_characters(text: str) -> None:
    fault = judge(400, service("7777", text))

    assert isinstance(fault, Refused)
    assert len(fault.detail) <= 200
    assert fault.detail.isprintable()
    assert fault.sentence.isprintable()


def test_direction_marks_do_not_survive_in_quoted_text() -> None:
    assert answers.cleaned("pay\u202e Acme\x00\n\tnow\u200b") == "pay Acme now"


def test_retry_after_is_read_as_seconds_and_as_a_date() -> None:
    at = "Fri, 20 Nov 2026 15:00:30 GMT"

    assert answers.retry_after({"retry-after": "7"}, NOW) == 7
    assert answers.retry_after({"retry-after": at}, NOW) == 30
    assert answers.retry_after({"retry-after": "soon"}, NOW) is None
    assert answers.retry_after({"retry-after": "-5"}, NOW) is None
    assert answers.retry_after({}, NOW) is None


def test_only_a_401_that_is_not_about_rights_asks_for_a_fresh_token() -> None:
    assert answers.is_stale_token(Said(401, {}, gateway("3200")))
    assert answers.is_stale_token(Said(401, {}, b""))
    assert not answers.is_stale_token(Said(401, {}, service("120")))
    assert not answers.is_stale_token(Said(403, {}, gateway("3100")))


def test_numbers_come_in_exactly() -> None:
    assert answers.read_json(b'{"a": 1861.075, "b": 12}') == {
        "a": Decimal("1861.075"),
        "b": 12,
    }


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"a": NaN}', b"\xff", b"[" * 200_000, b'"x"', b"{"]
)
def test_what_is_no_json_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(answers.Unreadable):
        answers.read_json(body)


@given(st.integers(100, 599), st.binary(max_size=200), st.booleans())
def test_no_answer_breaks_the_judge(status: int, body: bytes, is_write: bool) -> None:
    fault = judge(status, body, is_write=is_write)

    assert fault is None or fault.sentence
    if status >= 500 and is_write:
        assert isinstance(fault, Unconfirmed)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["Fault", "fault", "Error", "error", "code", "Message"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_breaks_the_judge(value: object) -> None:
    fault = judge(400, json.dumps(value).encode())

    assert fault is not None
    assert fault.sentence

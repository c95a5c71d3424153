"""What the gateway turns away and how, and what all answers of the API have."""

import xml.etree.ElementTree as ET
from typing import Any

import httpx
import pytest

from qbo.simulator.serve import Options, start
from tests.simulator.client import TOKEN, QuickBooks, fault, plain
from tests.simulator.conftest import TODAY
from tests.simulator.consenting import (
    APP,
    REALM,
    ask,
    connect,
    switch,
    wait,
)

UNKNOWN = "some-token-that-is-not-known"
PENNINE = "9130350000000002"


def error(answer: httpx.Response) -> dict[str, Any]:
    """The one error of a gateway's answer."""
    (found,) = answer.json()["fault"]["error"]
    kept: dict[str, Any] = found
    return kept


async def test_the_gateways_fault_has_all_its_members(web: httpx.AsyncClient) -> None:
    answer = await ask(web, UNKNOWN)

    body = answer.json()
    assert answer.status_code == 401
    assert isinstance(body.pop("time"), int)
    assert body.pop("fault") == {
        "error": [
            {
                "message": (
                    "message=AuthenticationFailed; errorCode=003200; statusCode=401"
                ),
                "detail": "Invalid token",
                "code": "3200",
                "element": None,
            }
        ],
        "type": "AUTHENTICATION",
    }
    assert body == {
        "warnings": None,
        "intuitObject": None,
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "status": None,
        "cdcresponse": [],
    }


async def test_each_way_to_have_no_token_is_told_apart(web: httpx.AsyncClient) -> None:
    url = f"/v3/company/{REALM}/preferences"
    tokens = await connect(web)
    await wait(web, 3_601)

    none = await web.get(url)
    basic = await web.get(url, auth=APP)
    short = await ask(web, "short")
    long = await ask(web, "x" * 4_097)
    expired = await ask(web, tokens["access_token"])

    details = [error(one)["detail"] for one in (none, basic, short, long, expired)]
    assert details == [
        *["Malformed authorization header"] * 2,
        *["Malformed bearer token: too short or too long"] * 2,
        "Token expired",
    ]


@pytest.mark.parametrize("realm", [PENNINE, "123"])
async def test_a_company_the_token_does_not_cover_is_refused(
    web: httpx.AsyncClient, realm: str
) -> None:
    tokens = await connect(web)

    answer = await ask(web, tokens["access_token"], realm)

    assert answer.status_code == 403
    assert error(answer)["message"] == (
        "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403"
    )
    assert answer.json()["fault"]["type"] == "SERVICE"


async def test_a_token_without_the_accounting_scope_is_refused(
    web: httpx.AsyncClient,
) -> None:
    tokens = await connect(web, scope="com.intuit.quickbooks.payment")

    assert (await ask(web, tokens["access_token"])).status_code == 403


@pytest.mark.parametrize("status", [401, 403])
async def test_connections_of_a_person_who_lost_their_rights_get_code_120(
    web: httpx.AsyncClient, status: int
) -> None:
    await switch(web, rights_lost_status=status)
    tokens = await connect(web)
    lost = {"person": "alex", "realm": REALM, "role": "none"}
    await web.post("/_simulator/people", json=lost)

    refused = await ask(web, tokens["access_token"])
    await web.post("/_simulator/people", json={**lost, "role": "user"})
    back = await ask(web, tokens["access_token"])

    code, detail = fault(refused, status)
    assert code == "120"
    assert "You do not have access to use QuickBooks Online Plus" in detail
    assert refused.json()["Fault"]["type"] == "AuthorizationFault"
    assert back.status_code == 200


@pytest.mark.parametrize(
    "wish",
    [
        {"person": "nobody", "role": "none"},
        {"person": "alex", "role": "king"},
        {"person": "alex", "role": "none", "realm": "1"},
        {},
    ],
)
async def test_a_role_that_has_no_sense_is_refused(
    web: httpx.AsyncClient, wish: dict[str, str]
) -> None:
    answer = await web.post("/_simulator/people", json=wish)
    people = (await web.get("/_simulator/people")).json()["people"]

    assert answer.status_code == 400
    assert people[0]["roles"] == {REALM: "administrator", PENNINE: "administrator"}
    assert people[1]["roles"] == {REALM: "user", PENNINE: "user"}


async def test_the_gateway_can_answer_in_both_forms_of_xml(
    web: httpx.AsyncClient,
) -> None:
    await switch(web, gateway_xml=True)
    classic = await ask(web, UNKNOWN)
    await switch(web, gateway_form="newer")
    newer = await ask(web, UNKNOWN)

    assert classic.status_code == newer.status_code == 401
    for one in (classic, newer):
        assert one.headers["content-type"].startswith("application/xml")
    space = "{http://schema.intuit.com/finance/v3}"
    tree = ET.fromstring(classic.text)  # noqa: S314 - our own words
    assert (tree.tag, tree[0].attrib) == (
        f"{space}IntuitResponse",
        {"type": "AUTHENTICATION"},
    )
    assert tree[0][0].attrib == {"code": "3200"}
    assert "errorCode=003200" in str(tree[0][0][0].text)
    other = ET.fromstring(newer.text)  # noqa: S314 - our own words
    assert other.findtext("error/code") == "AuthenticationFailed"


async def test_the_gateway_can_answer_in_its_newer_form(web: httpx.AsyncClient) -> None:
    await switch(web, gateway_form="newer")

    answer = await ask(web, UNKNOWN)

    assert answer.json() == {
        "code": "AuthenticationFailed",
        "type": "INPUT",
        "message": None,
        "detail": "Invalid token",
        "moreInfo": None,
    }


async def test_faults_of_the_service_stay_json(books: QuickBooks) -> None:
    await books.switch(gateway_xml=True, gateway_form="newer")

    assert fault(await books.get("invoice/999999"))[0] == "610"


async def test_all_answers_of_the_api_have_intuits_headers(books: QuickBooks) -> None:
    good = await books.get("preferences")
    bad = await books.get("invoice/999999")
    nothing = await books.get("nonsense/1")
    outside = await books.http.get("/v3/company/1/preferences")

    for answer in (good, bad, nothing, outside):
        for name in ("intuit_tid", "Date", "QBO-Version", "Expires", "Cache-Control"):
            assert answer.headers[name]
    assert nothing.status_code == 404
    kinds = {one.headers["Content-Type"] for one in (good, bad, outside)}
    assert kinds == {"application/json;charset=UTF-8"}


async def test_the_journal_tells_which_app_asked(web: httpx.AsyncClient) -> None:
    tokens = await connect(web)
    await ask(web, tokens["access_token"])
    await ask(web, UNKNOWN)

    lines = (await web.get("/_simulator/requests")).json()["requests"]

    assert [one["app"] for one in lines[-2:]] == [APP[0], None]
    assert [one["operation"] for one in lines[:2]] == ["authorize", "exchange"]


async def test_xml_is_never_given_for_the_asking(books: QuickBooks) -> None:
    books.http.headers["Accept"] = "application/xml"

    assert (await books.get("preferences")).json()["Preferences"]["Id"] == "1"


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data",
        "application/x-www-form-urlencoded; charset=bogus",
        "application/json; charset=bogus",
        "nonsense",
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "/oauth2/v1/tokens/bearer",
        "/v2/oauth2/tokens/revoke",
        "/connect/oauth2",
        f"/v3/company/{REALM}/query",
        f"/v3/company/{REALM}/batch",
        f"/v3/company/{REALM}/term",
    ],
)
async def test_bodies_that_lie_about_themselves_are_refused_or_read(
    books: QuickBooks, path: str, kind: str
) -> None:
    headers = {"Content-Type": kind}

    answer = await books.http.post(path, content=b"\xff=\xfe&{", headers=headers)

    assert answer.status_code in {400, 401}
    assert answer.headers["intuit_tid"]


@pytest.mark.parametrize("version", ["1", "75", "-3", "400", ""])
async def test_any_minor_version_is_the_newest(books: QuickBooks, version: str) -> None:
    answer = await books.get("preferences", minorversion=version, format="json")

    assert answer.status_code == 200


async def test_a_minor_version_is_a_whole_number(books: QuickBooks) -> None:
    refused = await books.get("preferences", minorversion="latest")
    await books.switch(minorversion_checked=False)
    ignored = await books.get("preferences", minorversion="latest")

    assert fault(refused)[0] == "2080"
    assert ignored.status_code == 200


async def test_a_switch_takes_none_but_its_own_words() -> None:
    running = await start(Options(port=0, today=TODAY, invoices=0, tokens=(TOKEN,)))
    async with plain(running.url) as web:
        answers = [
            await web.post("/_simulator/switches", json=wish)
            for wish in (
                {"consent": "perhaps"},
                {"rights_lost_status": 418},
                {"requests_per_minute": -1},
                {"signed_in": "nobody"},
                {"environment": "moon"},
            )
        ]
        switches = (await web.get("/_simulator/switches")).json()
    await running.stop()

    assert {one.status_code for one in answers} == {400}
    assert (switches["consent"], switches["environment"]) == ("page", "sandbox")


async def test_a_body_that_is_not_read_ends_the_connection(
    web: httpx.AsyncClient,
) -> None:
    read = await web.post(f"/v3/company/{REALM}/customer", content=b"{}")
    unread = await web.post(f"/v3/company/{REALM}/upload", content=b"x" * 500_000)

    assert read.status_code == unread.status_code == 401
    assert "Connection" not in read.headers
    assert unread.headers["Connection"] == "close"

"""The consent page: who asks, for what, who may say yes, and where it leads."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from qbo.simulator.serve import Options, start
from tests.simulator.client import plain
from tests.simulator.conftest import TODAY
from tests.simulator.consenting import (
    APP,
    ASKED,
    BACK,
    REALM,
    ask,
    connect,
    consent,
    exchange,
    switch,
)

PENNINE = "9130350000000002"
PUBLIC = "https://books.example.com/callback"


class Form(HTMLParser):
    """The one form of a page: its address and what it would send."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action = ""
        self.values: dict[str, str] = {}
        self.buttons: list[tuple[str, str]] = []
        self.scripts = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.scripts += tag == "script"
        if tag == "form":
            self.action = has["action"]
        elif tag == "button":
            self.buttons.append((has["name"], has["value"]))
        elif tag == "input" and (has["type"] == "hidden" or "checked" in has):
            self.values[has["name"]] = has["value"]
        elif tag == "option":
            self.values.setdefault("person", has["value"])


def where(answer: httpx.Response) -> dict[str, str]:
    """The parameters of a redirect."""
    assert answer.status_code == 302, answer.text
    found = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in found.items()}


async def test_the_consent_page_lists_the_app_the_scopes_and_the_companies(
    web: httpx.AsyncClient,
) -> None:
    answer = await web.get("/connect/oauth2", params=ASKED)

    assert answer.status_code == 200
    assert "simulator-client" in answer.text
    assert "Harbour &amp; Pine Landscaping" in answer.text
    assert "Pennine Property Care" in answer.text
    assert "(accounting)" in answer.text
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "somebody-else"},
        {"redirect_uri": "https://attacker.example/"},
        {"response_type": "token"},
        {"scope": "everything"},
        {"scope": ""},
        {"state": ""},
    ],
)
async def test_a_wrong_request_for_consent_leads_nowhere(
    web: httpx.AsyncClient, change: dict[str, str]
) -> None:
    shown = await web.get("/connect/oauth2", params={**ASKED, **change})
    form = {**ASKED, **change, "realm": REALM, "decision": "allow"}
    pressed = await web.post("/connect/oauth2", data=form)

    assert shown.status_code == pressed.status_code == 400
    assert "location" not in pressed.headers


async def test_what_a_request_carries_is_shown_as_text(web: httpx.AsyncClient) -> None:
    answer = await web.get("/connect/oauth2", params={**ASKED, "state": '"><script>'})

    assert "<script>" not in answer.text


async def test_consent_comes_back_with_code_state_and_company(
    web: httpx.AsyncClient,
) -> None:
    back = await consent(web)

    assert set(back) == {"code", "state", "realmId"}
    assert back["state"] == ASKED["state"]
    assert back["realmId"] == REALM


async def test_cancelled_consent_comes_back_without_a_code(
    web: httpx.AsyncClient,
) -> None:
    back = await consent(web, decision="cancel")

    assert back == {"error": "access_denied", "state": ASKED["state"]}


async def test_a_script_can_read_the_form_and_press_its_button(
    web: httpx.AsyncClient,
) -> None:
    form = Form((await web.get("/connect/oauth2", params=ASKED)).text)
    name, value = form.buttons[0]

    answer = await web.post(form.action, data={**form.values, name: value})

    back = where(answer)
    assert back["state"] == ASKED["state"]
    assert back["realmId"] == REALM
    assert (await exchange(web, back["code"])).status_code == 200
    assert form.scripts == 0


async def test_a_login_alone_offers_no_company(web: httpx.AsyncClient) -> None:
    asked = {**ASKED, "scope": "openid profile"}

    answer = await web.get("/connect/oauth2", params=asked)

    assert "Which company" not in answer.text
    assert "See your name" in answer.text


async def test_who_is_no_administrator_cannot_connect(web: httpx.AsyncClient) -> None:
    form = {**ASKED, "realm": REALM, "decision": "allow", "person": "robin"}

    refused = await web.post("/connect/oauth2", data=form)
    role = {"person": "robin", "realm": REALM, "role": "administrator"}
    await web.post("/_simulator/people", json=role)
    there = await web.post("/connect/oauth2", data=form)
    elsewhere = await web.post("/connect/oauth2", data={**form, "realm": PENNINE})

    assert refused.status_code == elsewhere.status_code == 403
    assert "Robin Vale is not an administrator" in refused.text
    assert "location" not in refused.headers
    assert set(where(there)) == {"code", "state", "realmId"}


@pytest.mark.parametrize(
    "change", [{"realm": "1"}, {"person": "nobody"}, {"realm": "<script>"}]
)
async def test_a_company_or_person_that_is_not_there_is_refused(
    web: httpx.AsyncClient, change: dict[str, str]
) -> None:
    form = {**ASKED, "realm": REALM, "decision": "allow", **change}

    answer = await web.post("/connect/oauth2", data=form)

    assert answer.status_code == 400
    assert "<script>" not in answer.text


async def test_consent_can_answer_for_itself(web: httpx.AsyncClient) -> None:
    await switch(web, consent="approve")
    first = where(await web.get("/connect/oauth2", params=ASKED))
    await switch(web, consent_company=PENNINE)
    chosen = where(await web.get("/connect/oauth2", params=ASKED))
    await switch(web, signed_in="robin")
    refused = await web.get("/connect/oauth2", params=ASKED)
    await switch(web, consent="deny")
    denied = where(await web.get("/connect/oauth2", params=ASKED))

    assert (first["realmId"], chosen["realmId"]) == (REALM, PENNINE)
    assert refused.status_code == 403
    assert denied == {"error": "access_denied", "state": ASKED["state"]}


async def test_the_page_picks_what_the_switches_say(web: httpx.AsyncClient) -> None:
    await switch(web, consent_company=PENNINE, signed_in="robin")

    form = Form((await web.get("/connect/oauth2", params=ASKED)).text)

    assert form.values["realm"] == PENNINE
    assert form.values["person"] == "robin"


async def test_scopes_beyond_an_apps_rights_lead_nowhere_or_back(
    web: httpx.AsyncClient,
) -> None:
    payroll = {**ASKED, "scope": f"{ASKED['scope']} payroll.compensation.read"}

    page = await web.get("/connect/oauth2", params=payroll)
    await switch(web, invalid_scope="callback")
    back = await web.get("/connect/oauth2", params=payroll)
    await switch(web, entitled_scopes=payroll["scope"])
    granted = await web.get("/connect/oauth2", params=payroll)

    assert page.status_code == 400
    assert "Invalid permissions requested" in page.text
    assert where(back) == {"error": "invalid_scope", "state": ASKED["state"]}
    assert "See what employees are paid" in granted.text


async def test_an_app_has_a_name_and_its_redirect_uris() -> None:
    clients = (f"Till & Ledger=my-app:s:{BACK}", f"my-app:s:{BACK}/2")
    running = await start(Options(port=0, today=TODAY, invoices=0, clients=clients))

    async with plain(running.url) as web:
        mine = {**ASKED, "client_id": "my-app"}
        shown = await web.get("/connect/oauth2", params=mine)
        statuses = [
            (await web.get("/connect/oauth2", params={**mine, **change})).status_code
            for change in (
                {"redirect_uri": f"{BACK}/2"},
                {"redirect_uri": "http://127.0.0.1/"},
                {"redirect_uri": f"{BACK}?more=1"},
                {"client_id": APP[0]},
            )
        ]

    await running.stop()
    assert "Till &amp; Ledger" in shown.text
    assert statuses == [200, 400, 400, 400]


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:9/back?more=1",
        "http://127.0.0.1:9/back#part",
        "http://127.0.0.1:9/a\r\nX-Other: b",
        "http://127.0.0.1.example.com/",
        "http://user@example.com@127.0.0.2/",
        "http://example.com\\@localhost/",
        "http://user@localhost/",
        "http://localhost:99999/",
        "javascript:alert(1)",
        "http://[::1",
    ],
)
async def test_an_app_without_a_redirect_uri_gets_plain_loopback_ones_only(
    web: httpx.AsyncClient, uri: str
) -> None:
    answer = await web.get("/connect/oauth2", params={**ASKED, "redirect_uri": uri})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "uri", ["", "http://books.example.com/", "https://localhost/", "https://10.1.2.3/"]
)
async def test_production_keys_want_https_and_a_domain(uri: str) -> None:
    options = Options(port=0, invoices=0, production_clients=(f"my-app:s:{uri}",))

    with pytest.raises(ValueError, match="https and a domain"):
        await start(options)


async def test_keys_open_the_api_of_their_own_environment_only() -> None:
    options = Options(
        port=0,
        today=TODAY,
        invoices=0,
        clients=(f"dev:s:{BACK}",),
        production_clients=(f"prod:s:{PUBLIC}",),
    )
    running = await start(options)

    async with plain(running.url) as web:
        sandbox = (await connect(web, ("dev", "s")))["access_token"]
        public = await connect(web, ("prod", "s"), redirect_uri=PUBLIC)
        real = public["access_token"]
        found = {}
        for environment in ("sandbox", "production"):
            await switch(web, environment=environment)
            for name, token in (("dev", sandbox), ("prod", real)):
                found[environment, name] = await ask(web, token)

    await running.stop()
    assert found["sandbox", "dev"].status_code == 200
    assert found["production", "prod"].status_code == 200
    for wrong in (found["sandbox", "prod"], found["production", "dev"]):
        assert wrong.status_code == 403
        assert wrong.json()["fault"]["error"][0]["code"] == "3100"


async def test_consent_without_a_choice_means_the_first_company(
    web: httpx.AsyncClient,
) -> None:
    back = await consent(web, realm="")

    assert back["realmId"] == REALM

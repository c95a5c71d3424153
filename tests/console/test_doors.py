"""Signing in and out, forms that are not ours, and the demo's fence."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.console.site import place
from tests.console.office import (
    ALEX,
    NOW,
    PRIYA,
    SAM,
    STRANGER,
    Office,
    opened,
    plain_card,
)


def path_of(office: Office, address: str) -> str:
    assert address.startswith(office.url)
    return address.removeprefix(office.url)


async def test_a_sign_in_link_works_once_and_only_when_the_button_is_pressed(
    engine: AsyncEngine,
) -> None:
    async with opened(engine, demo=False) as office:
        link = path_of(office, await office.console.entrance(PRIYA))
        token = link.partition("token=")[2]
        async with office.browser() as preview, office.browser() as browser:
            for _ in range(3):
                assert "Sign in as Priya" in await preview.get(link)
            await browser.get(link)

            page = await browser.post("/console/enter", token=token)
            assert browser.status == 200
            assert "Hello Priya" in page

            await preview.post("/console/enter", token=token)
            assert preview.status == 410
            assert "no longer works" in preview.text


async def test_a_sign_in_link_runs_out(engine: AsyncEngine) -> None:
    async with opened(engine, demo=False) as office:
        link = path_of(office, await office.console.entrance(PRIYA))
        office.clock.now = NOW + timedelta(minutes=16)
        async with office.browser() as browser:
            page = await browser.get(link)

    assert browser.status == 410
    assert "no longer works" in page


async def test_the_session_cookie_is_kept_from_scripts_and_other_sites(
    engine: AsyncEngine,
) -> None:
    async with opened(engine, demo=False) as office:
        link = path_of(office, await office.console.entrance(PRIYA))
        async with office.browser() as browser:
            await browser.get(link)
            await browser.post(
                "/console/enter", token=link.partition("token=")[2], follow=False
            )

    cookie = browser.headers["Set-Cookie"]
    assert cookie.startswith("countersign_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


async def test_under_https_the_cookies_are_secure_and_bound_to_the_host(
    engine: AsyncEngine,
) -> None:
    public = "https://books.example.com"
    async with (
        opened(engine, demo=False, public_url=public) as office,
        office.browser() as browser,
    ):
        link = await office.console.entrance(PRIYA)
        await browser.get(link.removeprefix(public))

    assert link.startswith(f"{public}/console/enter?token=")
    cookie = browser.headers["Set-Cookie"]
    assert cookie.startswith("__Host-countersign_door=")
    assert "Secure" in cookie
    assert "Path=/;" in cookie


async def test_a_session_ends_after_twelve_hours(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        office.clock.now = NOW + timedelta(hours=12, seconds=1)

        page = await browser.get("/console/")

    assert "Who are you?" in page


async def test_signing_out_ends_the_session_and_not_only_the_cookie(
    office: Office,
) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        kept = {each.key: each.value for each in browser.session.cookie_jar}
        await browser.post("/console/leave")

        async with office.browser() as thief:
            thief.session.cookie_jar.update_cookies(kept)
            page = await thief.get("/console/")

    assert "Who are you?" in browser.text
    assert "Who are you?" in page


async def test_a_person_who_is_no_longer_let_in_is_signed_out(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        del office.crew.known["sam"]

        page = await browser.get("/console/")

    assert "Who are you?" in page


async def test_the_database_keeps_no_token_that_signs_anybody_in(
    office: Office,
) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        cookies = {each.key: each.value for each in browser.session.cookie_jar}
        session = cookies["countersign_session"]

        assert await office.console._site.sessions.find(session)
        found = await office.console._site.sessions.find(session)
        assert found
        assert session not in repr(found)
        assert await office.console._site.sessions.find(found.digest) is None


@pytest.mark.parametrize("csrf", ["", "wrong", "ö"])
async def test_a_form_without_the_sessions_token_does_nothing(
    office: Office, csrf: str
) -> None:
    async with office.browser() as browser:
        await browser.be("sam")

        page = await browser.post("/console/say", text="hello", event="1", csrf=csrf)

    assert browser.status == 403
    assert "nothing was done" in page
    assert office.listener.accepted == []


async def test_a_form_with_another_persons_token_does_nothing(office: Office) -> None:
    async with office.browser() as sam, office.browser() as alex:
        await sam.be("sam")
        await alex.be("alex")

        await sam.post("/console/say", text="hello", event="1", csrf=alex.csrf)

    assert sam.status == 403
    assert office.listener.accepted == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_from_another_site_does_nothing(
    office: Office, headers: dict[str, str]
) -> None:
    async with office.browser() as browser:
        await browser.be("sam")

        await browser.post("/console/say", headers, text="hello", event="1")

    assert browser.status == 403
    assert office.listener.accepted == []


async def test_our_own_origin_is_let_through(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")

        await browser.post(
            "/console/say",
            {"Origin": office.url, "Sec-Fetch-Site": "same-origin"},
            text="hello",
            event="1",
        )

    assert browser.status == 200
    assert len(office.listener.begun) == 1


async def test_what_is_no_form_or_too_long_is_refused(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        csrf = browser.csrf
        async with browser.session.post(
            f"{office.url}/console/say", json={"csrf": csrf, "text": "hello"}
        ) as response:
            assert response.status == 415
        await browser.post("/console/say", text="x" * 70_000, csrf=csrf)
        assert browser.status == 413

    assert office.listener.accepted == []


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("bogus", b"csrf=%s&text=hello"),
        ("utf-8", b"csrf=%s&text=\xff\xfe"),
        ("utf-8", b"csrf=%s&text=hel%%00lo"),
        ("utf-16", b"csrf=%s&text=hello!"),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused_with_a_sentence(
    charset: str, body: bytes, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    async with office.browser() as browser:
        await browser.be("sam")

        async with browser.session.post(
            f"{office.url}/console/say",
            data=body % browser.csrf.encode(),
            headers={
                "Content-Type": f"application/x-www-form-urlencoded; charset={charset}"
            },
        ) as response:
            text = await response.text()

    assert response.status in {400, 403}
    assert "so nothing was done." in text
    assert office.listener.accepted == []
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "path",
    [
        "/console/connection?since=" + "9" * 5000,
        "/console/connection?since=9999999999999",
        "/console/connection?since=-1",
        "/console/connection?since=%C2%B2",
        "/console/proposals/%00",
        "/console/files/%00",
        "/console/enter?token=%00",
    ],
)
async def test_an_address_that_is_none_of_ours_is_refused_with_a_sentence(
    path: str, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    async with office.browser() as browser:
        await browser.be("alex")

        page = await browser.get(path)

    assert browser.status == 400
    assert "so nothing was done." in page
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"x-forwarded-proto": "http"},
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"X-Real-IP": "127.0.0.1"},
        {"CF-Connecting-IP": "127.0.0.1"},
        {"Client-Ip": "127.0.0.1"},
        {"X-Original-Forwarded-For": "127.0.0.1"},
        {"X-Scheme": "https"},
        {"X-Proxy-User-Ip": "127.0.0.1"},
        {"X-Appengine-User-Ip": "127.0.0.1"},
        {"Host": "books.example.com"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost.evil.example:8790"},
    ],
)
async def test_personas_are_not_served_to_anybody_who_is_not_on_this_machine(
    office: Office, headers: dict[str, str]
) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        outside = await browser.get("/console/", headers=headers)
        assert "Who are you?" not in outside
        assert "Hello Sam" not in outside
        assert "Sign in" in outside

        await browser.get("/console/")
        await browser.post("/console/persona", headers, person="alex")
        assert browser.status == 403


async def test_personas_are_never_served_while_a_public_url_is_set(
    engine: AsyncEngine,
) -> None:
    async with (
        opened(engine, public_url="http://127.0.0.1") as office,
        office.browser() as browser,
    ):
        page = await browser.get("/console/")
        await browser.post("/console/persona", person="sam")

    assert "Who are you?" not in page
    assert browser.status == 403


async def test_a_link_followed_while_signed_out_leads_there_after_signing_in(
    office: Office,
) -> None:
    async def opened_after(path: str) -> str:
        async with office.browser() as browser:
            page = await browser.get(path)
            found = re.search(r'name="back" value="([^"]+)"', page)
            assert found is not None, page
            back = unescape(found[1])
            await browser.post(
                "/console/persona", follow=False, person="sam", back=back
            )
            return browser.headers["Location"]

    for path in ("/console/proposals/P-48", "/console/proposals"):
        assert await opened_after(path) == path
    for path in (
        "/console/",
        "/console/?back=//evil.example/",
        "/console/?back=/console/../%0d%0aSet-Cookie:x",
        "/console/?back=https://evil.example/console/",
    ):
        assert await opened_after(path) == "/console/"


async def test_the_console_is_found_without_its_last_slash(office: Office) -> None:
    async with office.browser() as browser:
        assert "Who are you?" in await browser.get("/console")
        assert browser.status == 200


async def test_nobody_can_be_who_is_no_persona(office: Office) -> None:
    async with office.browser() as browser:
        await browser.get("/console/")

        await browser.post("/console/persona", person=STRANGER.id)

    assert browser.status == 403


async def test_changing_the_persona_ends_the_one_before(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        kept = {each.key: each.value for each in browser.session.cookie_jar}

        page = await browser.post("/console/persona", person="alex")
        assert "Hello Alex" in page

        async with office.browser() as other:
            other.session.cookie_jar.update_cookies(kept)
            assert "Who are you?" in await other.get("/console/")


async def test_leaving_an_admins_page_as_somebody_else_leads_to_the_chat(
    office: Office,
) -> None:
    async with office.browser() as browser:
        await browser.be("alex")
        await browser.get("/console/people")

        page = await browser.post(
            "/console/persona", person="sam", back="/console/people"
        )

    assert browser.status == 200
    assert "Hello Sam" in page


@pytest.mark.parametrize(
    "path",
    [
        "/console/proposals",
        "/console/proposals/P-1",
        "/console/connection",
        "/console/people",
        "/console/files/x",
    ],
)
async def test_pages_lead_to_the_door_when_nobody_is_signed_in(
    office: Office, path: str
) -> None:
    async with office.browser() as browser:
        page = await browser.get(path)

    assert "Who are you?" in page


@pytest.mark.parametrize("path", ["/console/say", "/console/press", "/console/people"])
async def test_nothing_can_be_sent_when_nobody_is_signed_in(
    office: Office, path: str
) -> None:
    async with office.browser() as browser:
        await browser.get("/console/")

        await browser.post(path, text="hello", verb="approve", person="sam")

    assert browser.status == 401
    assert office.listener.accepted == []


async def test_every_answer_carries_the_protecting_headers(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        for path in ("/console/", "/console/nowhere", "/console/files/none"):
            await browser.get(path)
            policy = browser.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert browser.headers["X-Frame-Options"] == "DENY"
            assert browser.headers["X-Content-Type-Options"] == "nosniff"
            assert browser.headers["Cache-Control"] == "no-store"


async def test_a_page_that_is_not_there_says_so_plainly(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")

        page = await browser.get("/console/nowhere")

    assert browser.status == 404
    assert "There is no such page." in page
    assert "404" not in page


async def test_no_page_holds_a_script_or_style_of_its_own(office: Office) -> None:
    await office.console.send(place(ALEX), plain_card("A card"))
    async with office.browser() as browser:
        await browser.be("alex")
        for path in ("/console/", "/console/proposals", "/console/people"):
            page = await browser.get(path)
            assert "<style" not in page
            assert " style=" not in page
            assert page.count("<script") == page.count('<script src="/console/static/')


async def test_static_files_are_named_after_their_content(office: Office) -> None:
    async with office.browser() as browser:
        page = await browser.get("/console/")
        address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]

        await browser.get(address)
        assert browser.status == 200
        assert "immutable" in browser.headers["Cache-Control"]
        await browser.get("/console/static/../platform.py")
        assert browser.status == 404


async def test_tidying_forgets_only_what_has_run_out(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        await office.console.tidy()
        assert "Hello Sam" in await browser.get("/console/")

        office.clock.now = NOW + timedelta(hours=13)
        await office.console.tidy()
        office.clock.now = NOW
        page = await browser.get("/console/")

    assert "Who are you?" in page
    assert SAM.name in page

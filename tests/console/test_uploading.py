"""The console's page that takes a file, over HTTP; and what it refuses."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser as Chromium
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals.proposal import Person, Role
from bot.console.guard import UPLOAD_BYTES
from bot.uploaded import KEPT_DAYS, Uploads
from bot.uploads import BYTES_MAX, TEMPLATE
from tests.conftest import Clock
from tests.console.office import Office
from tests.conversations.town import SAM, Town, town

SOMEBODY = Person("sam", "w1", "Sam", frozenset({Role.STAFF}))
OTHER = Person("priya", "w1", "Priya", frozenset({Role.STAFF}))


async def test_a_file_is_kept_once_for_its_event_and_for_its_person_alone(
    engine: AsyncEngine, clock: Clock
) -> None:
    uploads = Uploads(engine, clock)

    first = await uploads.keep(SOMEBODY, "e1", "a.csv", b"one")
    again = await uploads.keep(SOMEBODY, "e1", "a.csv", b"one")
    theirs = await uploads.keep(OTHER, "e1", "a.csv", b"one")
    found = await uploads.one(first, SOMEBODY)

    assert first == again != theirs
    assert found is not None
    assert found.content == b"one"
    assert await uploads.one(first, OTHER) is None
    assert await uploads.one("0" * 32, SOMEBODY) is None


async def test_the_same_content_again_is_known(
    engine: AsyncEngine, clock: Clock
) -> None:
    uploads = Uploads(engine, clock)
    ids = [
        await uploads.keep(OTHER, f"e{n}", "a.csv", content)
        for n, content in enumerate((b"one", b"one", b"two"))
    ]
    files = [await uploads.one(each, OTHER) for each in ids]
    first, second, third = (each for each in files if each is not None)

    await uploads.proposed(first, "c1", "P-7")

    assert await uploads.earlier(first, "c1") == ()
    assert await uploads.earlier(second, "c1") == ("P-7",)
    assert await uploads.earlier(second, "c2") == ()
    assert await uploads.earlier(third, "c1") == ()


async def test_files_are_forgotten_after_a_month(
    engine: AsyncEngine, clock: Clock
) -> None:
    uploads = Uploads(engine, clock)
    old = await uploads.keep(SOMEBODY, "e1", "a.csv", b"one")
    clock.advance(days=KEPT_DAYS, hours=1)
    new = await uploads.keep(SOMEBODY, "e2", "a.csv", b"one")

    assert await uploads.tidy() == 1
    assert await uploads.one(old, SOMEBODY) is None
    assert await uploads.one(new, SOMEBODY) is not None


async def test_without_a_keeper_there_is_no_such_page(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        await browser.get("/console/upload")

        assert browser.status == 404


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as made:
        yield made


async def hand_in(
    place: Town, content: bytes, name: str = "a.csv", **form: str
) -> tuple[int, str]:
    """Hand a file in as a browser without a script does."""
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.CookieJar(unsafe=True)
    ) as session:
        async with session.get(f"{place.url}/console/") as page:
            token = _csrf(await page.text())
        await session.post(
            f"{place.url}/console/persona", data={"csrf": token, "person": SAM}
        )
        async with session.get(f"{place.url}/console/upload") as page:
            token = _csrf(await page.text())
        data = aiohttp.FormData()
        for key, value in {"csrf": token, "event": "e", **form}.items():
            data.add_field(key, value)
        data.add_field("file", content, filename=name, content_type="text/csv")
        async with session.post(f"{place.url}/console/upload", data=data) as answer:
            return answer.status, await answer.text()


def _csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]


async def test_what_is_no_form_of_ours_keeps_no_file(place: Town) -> None:
    forged, _ = await hand_in(place, TEMPLATE.encode(), csrf="forged")
    large, said = await hand_in(place, b"x" * (BYTES_MAX + 1))
    larger, _ = await hand_in(place, b"x" * (UPLOAD_BYTES + 1))
    nameless, asked = await hand_in(place, b"", name="")

    assert forged == 403
    assert (large, larger, nameless) == (200, 413, 200)
    assert "larger than 1 MB" in said
    assert "Choose a file first." in asked


async def test_only_the_upload_page_takes_a_multipart_form(place: Town) -> None:
    async with place.visit(SAM) as sam:
        browser = sam._browser
        token = _csrf(await sam.get("/console/"))
        origin = {"Origin": str(browser.base_url).rstrip("/")}
        say = await browser.post(
            "/console/say",
            data={"csrf": token, "text": "hello"},
            files={"x": b"y"},
            headers=origin,
        )
        upload = await browser.post(
            "/console/upload", data={"csrf": token}, headers=origin
        )

    assert say.status_code == 415
    assert upload.status_code == 415


async def test_the_template_is_a_file_to_download(place: Town) -> None:
    async with place.visit(SAM) as sam:
        page = await sam.get("/console/upload/template.csv")
        shown = await sam.get("/console/upload")
        chat = await sam.get("/console/")

    assert page.lstrip("\ufeff").startswith("Invoice,Customer,Date")
    assert "/console/upload/template.csv" in shown
    assert 'href="/console/upload"' in chat


async def test_ticking_nothing_or_nonsense_changes_nothing(place: Town) -> None:
    async with place.visit(SAM) as sam:
        await sam.get("/console/upload")
        await sam.post("/console/proposals/P-1/lines", token="x", event="e")
        nothing = sam.page
        await sam.get("/console/upload")
        await sam.post(
            "/console/proposals/P-1/lines", token="x", event="e", line="1; drop"
        )

    assert "Tick the lines to leave out first." in nothing or "404" in nothing
    assert sam.status == 400


async def test_a_file_is_chosen_and_lines_are_ticked_in_a_browser(
    place: Town, browser: Chromium, tmp_path: Path
) -> None:
    path = tmp_path / "october.csv"
    path.write_text(
        "Customer,Item,Amount\nAcme West,Consulting,1.50\nAcme West,Consulting,2.50\n"
    )
    page = await browser.new_page(viewport={"width": 390, "height": 800})
    await page.goto(f"{place.url}/console/")
    await page.get_by_role("button", name="Sam").click()
    await page.get_by_role("link", name="Upload invoices").click()
    await page.get_by_label("Choose a file, or drop one here").set_input_files(path)
    await page.get_by_role("button", name="Upload").click()
    await page.get_by_text("Uploaded “october.csv”").wait_for()
    await page.get_by_text("P-1 · Waiting for approval").first.wait_for()
    await page.goto(f"{place.url}/console/proposals/P-1")
    width = await page.evaluate("document.documentElement.scrollWidth")
    await page.get_by_label("Leave out line 1, Acme West").check()
    await page.get_by_role("button", name="Leave out the ticked lines").click()
    await page.get_by_text("All 1 lines").wait_for()

    assert width <= 390
    assert (await place.proposal("P-1")).revision == 2
    await page.close()


_DROP = """([files]) => {
  const held = new DataTransfer();
  for (const [name, text] of files) held.items.add(new File([text], name));
  for (const kind of ["dragover", "drop"]) {
    document.body.dispatchEvent(
      new DragEvent(kind, { dataTransfer: held, bubbles: true, cancelable: true })
    );
  }
}"""


async def test_a_file_is_dropped_into_the_chat(place: Town, browser: Chromium) -> None:
    page = await browser.new_page()
    await page.goto(f"{place.url}/console/")
    await page.get_by_role("button", name="Sam").click()
    words = page.get_by_label("Your question or request")
    await words.fill("half a thought")
    rows = "Customer,Item,Amount\nAcme West,Consulting,1.50\n"
    one, two = ["october.csv", rows], ["november.csv", rows]

    await page.evaluate(_DROP, [[one, two]])
    await page.get_by_text("One file at a time, please.").wait_for()
    await page.evaluate(_DROP, [[["large.csv", "x" * (BYTES_MAX + 1)]]])
    await page.get_by_text("The file is larger than 1 MB").wait_for()
    await page.evaluate(_DROP, [[["nothing.csv", ""]]])
    await page.get_by_text("Uploaded “nothing.csv”").wait_for()
    await page.evaluate(_DROP, [[one]])
    await page.get_by_text("P-1 · Waiting for approval").first.wait_for()

    assert await words.input_value() == "half a thought"
    assert await page.get_by_text("Uploaded “large.csv”").count() == 0
    await page.close()

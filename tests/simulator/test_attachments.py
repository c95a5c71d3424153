"""Attachments: notes, files up and down, and what they hang on."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from qbo.simulator.serve import Options, Running, start
from tests.simulator.client import TOKEN, Json, QuickBooks, fault
from tests.simulator.conftest import TODAY

pytestmark = pytest.mark.asyncio(loop_scope="module")
REALM = "9130350000000001"
FORM = "multipart/form-data; boundary=cut-here"
BYTES = bytes(range(256)) + b"\r\n--cut-her\r\n" + b"\n\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def simulator() -> AsyncIterator[Running]:
    options = Options(port=0, today=TODAY, invoices=0, tokens=(TOKEN,))
    running = await start(options)
    yield running
    await running.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def books(simulator: Running) -> AsyncIterator[QuickBooks]:
    async with QuickBooks(simulator.url, REALM) as client:
        yield client


async def upload(
    books: QuickBooks, body: bytes, content_type: str = FORM
) -> httpx.Response:
    return await books.http.post(
        f"{books.base}/upload", content=body, headers={"Content-Type": content_type}
    )


def form(newline: bytes, *parts: tuple[list[str], bytes]) -> bytes:
    """A multipart body written by hand, an empty line before its first boundary."""
    body = newline
    for headers, content in parts:
        head = newline.join(line.encode() for line in headers)
        body += b"--cut-here" + newline + head + newline * 2 + content + newline
    return body + b"--cut-here--" + newline


def metadata(number: str, **members: Any) -> tuple[list[str], bytes]:
    head = [
        f'Content-Disposition: form-data; name="file_metadata_{number}"',
        "Content-Type: application/json",
    ]
    return head, json.dumps(members).encode()


def content(number: str, name: str, kind: str, data: bytes) -> tuple[list[str], bytes]:
    about = f'name="file_content_{number}"; filename="{name}"'
    head = [f"Content-Disposition: form-data; {about}", f"Content-Type: {kind}"]
    return head, data


async def attached(answer: httpx.Response) -> list[Json]:
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"AttachableResponse", "time"}
    rows: list[Json] = answer.json()["AttachableResponse"]
    return rows


async def plainly(url: str) -> httpx.Response:
    """GET without a token."""
    async with httpx.AsyncClient() as anybody:
        return await anybody.get(url)


def reference(kind: str, number: str, **more: Any) -> list[Json]:
    return [{"EntityRef": {"type": kind, "value": number}, **more}]


async def test_a_note_is_an_attachment_without_a_file(books: QuickBooks) -> None:
    made = await books.make("Attachable", {"Note": "By phone", "Tag": "calls"})

    assert made["SyncToken"] == "0"
    assert len(made["Id"]) == 19
    assert (made["Note"], made["Tag"]) == ("By phone", "calls")
    assert "Size" not in made
    assert await books.read("Attachable", made["Id"]) == made
    assert await books.query("select * from Attachable where Tag = 'calls'") == [made]


async def test_what_is_neither_note_nor_file_is_refused(books: QuickBooks) -> None:
    code, detail = fault(await books.post("attachable", {"Tag": "nothing"}))

    assert code == "6000"
    assert "note string or file" in detail


async def test_a_note_is_changed_whole_or_in_part_and_deleted(
    books: QuickBooks,
) -> None:
    made = await books.make("Attachable", {"Note": "One", "Tag": "part"})
    part = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Note": "Two"}
    second = await books.make("Attachable", part)
    whole = {"Id": made["Id"], "SyncToken": "1", "Note": "Three"}
    third = await books.make("Attachable", whole)
    gone = await books.post("attachable", third, operation="delete")

    assert (second["Note"], second["Tag"], second["SyncToken"]) == ("Two", "part", "1")
    assert (third["Note"], third.get("Tag")) == ("Three", None)
    assert gone.json()["Attachable"] == {
        "domain": "QBO",
        "status": "Deleted",
        "Id": made["Id"],
    }
    assert fault(await books.get(f"attachable/{made['Id']}"))[0] == "610"
    answer = await books.get(
        "query", query="select * from Attachable where Note = 'Three'"
    )
    assert answer.json()["QueryResponse"] == {}


async def test_attachments_are_found_by_what_they_hang_on(books: QuickBooks) -> None:
    invoice = await books.invoice()
    other = await books.invoice()
    vendor = await books.make("Vendor", {"DisplayName": "Bearer"})
    both = reference("Invoice", invoice["Id"]) + reference("Vendor", vendor["Id"])
    made = await books.make("Attachable", {"Note": "Two", "AttachableRef": both})
    statement = (
        "select * from attachable where AttachableRef.EntityRef.Type = '{}'"
        " and AttachableRef.EntityRef.value = '{}'"
    )

    found = await books.query(statement.format("Invoice", invoice["Id"]))
    nothing = await books.query(statement.format("Invoice", other["Id"]))
    crossed = await books.query(statement.format("Vendor", invoice["Id"]))

    assert [one["Id"] for one in found] == [made["Id"]]
    assert nothing == crossed == []


async def test_what_is_not_there_or_bears_nothing_is_refused(
    books: QuickBooks,
) -> None:
    unknown = {"Note": "x", "AttachableRef": reference("Invoice", "99999")}
    unfit = {"Note": "x", "AttachableRef": reference("TaxCode", "2")}
    vague = {"Note": "x", "AttachableRef": [{"EntityRef": {"value": "2"}}]}
    count = await books.count("Attachable")

    assert fault(await books.post("attachable", unknown))[0] == "2500"
    assert fault(await books.post("attachable", unfit))[0] == "6050"
    assert fault(await books.post("attachable", vague))[0] == "2020"
    assert await books.count("Attachable") == count


@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
async def test_a_file_comes_back_byte_for_byte(
    books: QuickBooks, newline: bytes
) -> None:
    vendor = (await books.query("select * from Vendor"))[0]["Id"]
    body = form(
        newline,
        metadata(
            "01",
            FileName="scan 1.pdf",
            ContentType="application/pdf",
            AttachableRef=reference("Vendor", vendor, IncludeOnSend=False),
        ),
        content("01", "ignored.bin", "application/pdf", BYTES),
    )

    (row,) = await attached(await upload(books, body))

    made = row["Attachable"]
    assert made["SyncToken"] == "0"
    assert made["FileName"] == "scan 1.pdf"
    assert made["Size"] == len(BYTES)
    assert made["FileAccessUri"] == f"/v3/company/{REALM}/download/{made['Id']}"
    assert "ThumbnailFileAccessUri" not in made
    assert made["AttachableRef"][0]["EntityRef"]["value"] == vendor
    answer = await plainly(made["TempDownloadUri"])
    assert (answer.status_code, answer.content) == (200, BYTES)
    assert answer.headers["content-type"] == "application/pdf"


async def test_base64_without_a_file_name_is_read(books: QuickBooks) -> None:
    head = [
        'Content-Disposition: form-data; name="file_content_01"',
        "Content-Type: text/plain",
        "Content-Transfer-Encoding: base64",
    ]
    text = base64.encodebytes(BYTES)
    meta = metadata("01", Note="With a file", FileName="t.txt", Size=None)
    body = form(b"\n", meta, (head, b"\n" + text))

    (row,) = await attached(await upload(books, body))

    made = row["Attachable"]
    assert (made["Note"], made["Size"]) == ("With a file", len(BYTES))
    assert made["ContentType"] == "text/plain"
    assert (await plainly(made["TempDownloadUri"])).content == BYTES


async def test_a_form_as_clients_make_it_needs_no_metadata(books: QuickBooks) -> None:
    files = {"file_content_01": ("map.png", b"\x89PNG", "image/png")}
    answer = await books.http.post(f"{books.base}/upload", files=files)

    (row,) = await attached(answer)

    made = row["Attachable"]
    assert (made["FileName"], made["ContentType"]) == ("map.png", "image/png")
    assert made["ThumbnailFileAccessUri"].endswith(f"/{made['Id']}")
    assert (await plainly(made["ThumbnailTempDownloadUri"])).content == b"\x89PNG"
    link = reference("Invoice", (await books.invoice())["Id"])
    change = {"Id": made["Id"], "SyncToken": "0", "AttachableRef": link}
    linked = await books.make("Attachable", {**change, "FileName": "map.png"})
    assert linked["Size"] == 4
    assert (await plainly(linked["TempDownloadUri"])).content == b"\x89PNG"


async def test_each_file_of_a_request_is_for_itself(books: QuickBooks) -> None:
    body = form(
        b"\r\n",
        content("01", "a.txt", "text/plain", b"a"),
        metadata("02", AttachableRef=reference("Invoice", "99999")),
        content("02", "b.txt", "text/plain", b"b"),
        (metadata("03")[0], b"not json"),
        content("03", "c.txt", "text/plain", b"c"),
        content("04", "d.txt", "text/plain", b""),
    )

    first, second, third, fourth = await attached(await upload(books, body))

    assert first["Attachable"]["FileName"] == "a.txt"
    assert second["Fault"]["Error"][0]["code"] == "2500"
    assert third["Fault"]["Error"][0]["code"] == "6040"
    assert fourth["Attachable"]["Size"] == 0
    assert (await plainly(fourth["Attachable"]["TempDownloadUri"])).content == b""


@pytest.mark.parametrize("name", ["run.exe", "a.pdf.zip", "scan.PDF.", "page.html"])
async def test_a_file_of_another_type_is_refused(books: QuickBooks, name: str) -> None:
    body = form(
        b"\r\n",
        content("01", name, "application/pdf", b"x"),
        content("02", "SCAN.PDF", "application/pdf", b"x"),
    )
    before = await books.count("Attachable")

    refused, kept = await attached(await upload(books, body))

    assert refused["Fault"]["Error"][0]["code"] == "6000"
    assert kept["Attachable"]["FileName"] == "SCAN.PDF"
    assert await books.count("Attachable") == before + 1


async def test_a_link_is_good_for_a_quarter_of_an_hour_and_cannot_be_made_up(
    books: QuickBooks,
) -> None:
    body = form(b"\n", content("01", "a.txt", "text/plain", b"secret"))
    ((row),) = await attached(await upload(books, body))
    number = row["Attachable"]["Id"]

    text = await books.get(f"download/{number}")
    link = text.text
    forged = await plainly(link[:-1] + ("0" if link[-1] != "0" else "1"))
    await books.http.post("/_simulator/clock", json={"advance_seconds": 901})
    late = await plainly(link)
    fresh = await plainly((await books.get(f"download/{number}")).text)

    assert text.headers["content-type"].startswith("text/plain")
    assert (forged.status_code, late.status_code) == (403, 403)
    assert fresh.content == b"secret"


async def test_a_note_and_an_unknown_number_have_nothing_to_download(
    books: QuickBooks,
) -> None:
    note = await books.make("Attachable", {"Note": "Only words"})

    assert fault(await books.get(f"download/{note['Id']}"))[0] == "610"
    assert fault(await books.get("download/17"))[0] == "610"


async def test_a_deleted_files_link_leads_nowhere(books: QuickBooks) -> None:
    body = form(b"\n", content("01", "a.txt", "text/plain", b"x"))
    (row,) = await attached(await upload(books, body))
    await books.post("attachable", row["Attachable"], operation="delete")

    answer = await plainly(row["Attachable"]["TempDownloadUri"])

    assert answer.status_code == 404


async def test_too_much_and_what_is_no_form_are_refused(books: QuickBooks) -> None:
    await books.switch(upload_bytes_max=1_000)
    large = form(b"\n", content("01", "a.txt", "text/plain", b"x" * 1_001))

    too_large = await upload(books, large)
    await books.switch(upload_bytes_max=100 * 2**20)
    no_form = await upload(books, b"{}", "application/json")
    empty = await upload(books, b"nothing here")
    unknown = form(b"\n", (['Content-Disposition: form-data; name="y"'], b""))
    strange = await upload(books, unknown)

    assert fault(too_large)[0] == "6030"
    assert fault(no_form)[0] == "1050"
    assert fault(empty)[0] == fault(strange)[0] == "2010"


async def test_an_upload_with_a_request_id_is_made_once(books: QuickBooks) -> None:
    body = form(b"\n", content("01", "once.txt", "text/plain", b"x"))
    headers = {"Content-Type": FORM}
    url = f"{books.base}/upload"
    params = {"requestid": "upload-1"}

    first = await books.http.post(url, content=body, headers=headers, params=params)
    again = await books.http.post(url, content=body, headers=headers, params=params)

    assert first.text == again.text
    assert await books.count("Attachable", "where FileName = 'once.txt'") == 1


async def test_a_token_is_needed_to_upload(simulator: Running) -> None:
    async with QuickBooks(simulator.url, REALM, "wrong-token-wrong-token") as stranger:
        body = form(b"\n", content("01", "a.txt", "text/plain", b"x"))

        assert (await upload(stranger, body)).status_code == 401
        assert (await stranger.get("download/1")).status_code == 401


async def test_by_a_switch_attaching_steps_what_it_hangs_on(books: QuickBooks) -> None:
    invoice = await books.invoice()
    note = {"Note": "x", "AttachableRef": reference("Invoice", invoice["Id"])}

    await books.make("Attachable", note)
    before = await books.read("Invoice", invoice["Id"])
    await books.switch(attaching_steps=True)
    await books.make("Attachable", note)
    await books.switch(attaching_steps=False)
    after = await books.read("Invoice", invoice["Id"])

    assert (before["SyncToken"], after["SyncToken"]) == ("0", "1")


async def test_files_survive_a_restart(tmp_path: Path) -> None:
    options = Options(
        port=0, today=TODAY, invoices=0, tokens=(TOKEN,), data=tmp_path / "kept"
    )
    running = await start(options)
    async with QuickBooks(running.url, REALM) as books:
        body = form(b"\n", content("01", "a.ods", "x/y", BYTES))
        (row,) = await attached(await upload(books, body))
        stale = row["Attachable"]["TempDownloadUri"]
    await running.stop()

    running = await start(options)
    async with QuickBooks(running.url, REALM) as books:
        made = await books.read("Attachable", row["Attachable"]["Id"])
        answer = await plainly(made["TempDownloadUri"])
        note = await books.make("Attachable", {"Note": "Next"})
        old = await plainly(
            str(httpx.URL(stale).copy_with(port=httpx.URL(running.url).port))
        )
    await running.stop()

    assert answer.content == BYTES
    assert int(note["Id"]) == int(made["Id"]) + 1
    assert old.status_code == 403

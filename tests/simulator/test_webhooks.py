"""Webhooks: what is told of, in which form, and how it is delivered."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from qbo import webhooks as countersign
from qbo.simulator.__main__ import options
from qbo.simulator.serve import Options, Running, start
from tests.simulator.client import TOKEN, Json, QuickBooks, fault
from tests.simulator.conftest import TODAY
from tests.simulator.receiver import VERIFIER, Receiver, receiver

pytestmark = pytest.mark.asyncio(loop_scope="module")
US, UK = "9130350000000001", "9130350000000002"
COMPANIES = ("harbour-pine-us", "pennine-uk")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def simulator() -> AsyncIterator[Running]:
    running = await start(
        Options(port=0, today=TODAY, invoices=0, companies=COMPANIES, tokens=(TOKEN,))
    )
    yield running
    await running.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def books(simulator: Running) -> AsyncIterator[QuickBooks]:
    async with QuickBooks(simulator.url, US) as client:
        defaults = (await client.http.get("/_simulator/switches")).json()
        await client.switch(webhook_window_ms=20)
        yield client
        await client.http.delete("/_simulator/webhooks")
        await client.http.delete("/_simulator/deliveries")
        await client.switch(**defaults)


@pytest_asyncio.fixture(loop_scope="module")
async def hook(books: QuickBooks) -> AsyncIterator[Receiver]:
    """A receiver that is told of everything."""
    async with receiver() as listening:
        await register(books, listening.url)
        yield listening


async def register(books: QuickBooks, url: str, **more: Any) -> Json:
    wish = {"url": url, "verifier": VERIFIER, **more}
    answer = await books.http.post("/_simulator/webhooks", json=wish)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def deliveries(books: QuickBooks) -> list[Json]:
    answer = await books.http.get("/_simulator/deliveries")
    rows: list[Json] = answer.json()["deliveries"]
    return rows


async def settled(books: QuickBooks) -> list[Json]:
    """The deliveries once none waits any more."""
    for _ in range(300):
        rows = await deliveries(books)
        if all(row["status"] != "waiting" for row in rows):
            return rows
        await asyncio.sleep(0.01)
    raise TimeoutError(f"there wait {rows}")


async def tried(books: QuickBooks, count: int) -> None:
    """Wait until the latest delivery was tried so often."""
    for _ in range(300):
        if len((await deliveries(books))[-1]["attempts"]) >= count:
            return
        await asyncio.sleep(0.01)
    raise TimeoutError(f"not tried {count} times")


async def advance(books: QuickBooks, seconds: float) -> None:
    await books.http.post("/_simulator/clock", json={"advance_seconds": seconds})


async def customer(books: QuickBooks, name: str) -> Json:
    return await books.make("Customer", {"DisplayName": name})


# What is told


async def test_an_event_is_signed_and_says_what_changed(
    books: QuickBooks, hook: Receiver
) -> None:
    made = await customer(books, "Signed Ltd")

    await hook.got(1)

    ((event,),) = hook.posts()
    assert hook.signed()
    assert not hook.signed(verifier="another")
    assert set(event) == {
        *("specversion", "id", "source", "type", "datacontenttype", "time"),
        *("intuitentityid", "intuitaccountid", "data"),
    }
    assert event["type"] == "qbo.customer.created.v1"
    assert (event["intuitentityid"], event["intuitaccountid"]) == (made["Id"], US)
    assert (event["specversion"], event["data"]) == ("1.0", {})
    assert event["source"].startswith("intuit.")
    assert len(event["time"].partition(".")[2]) == len("179851517Z")
    assert datetime.fromisoformat(event["time"][:26] + "Z").date() == TODAY
    headers = hook.headers[0]
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("intuit_notification")
    assert {"intuit-t-id", "intuit-created-time"} <= set(headers)


async def test_the_older_form_groups_by_company(
    books: QuickBooks, hook: Receiver
) -> None:
    await books.switch(webhook_form="legacy", webhook_window_ms=60_000)
    async with QuickBooks(str(books.http.base_url), UK) as uk_books:
        made = await customer(books, "Older Ltd")
        other = await customer(uk_books, "Older Plc")

    await advance(books, 60)
    await hook.got(1)

    (post,) = hook.posts()
    assert hook.signed()
    first, second = post["eventNotifications"]
    assert (first["realmId"], second["realmId"]) == (US, UK)
    (entity,) = first["dataChangeEvent"]["entities"]
    assert entity["lastUpdated"].endswith("Z")
    del entity["lastUpdated"]
    assert entity == {"name": "Customer", "id": made["Id"], "operation": "Create"}
    assert second["dataChangeEvent"]["entities"][0]["id"] == other["Id"]


async def test_one_post_mixes_companies(books: QuickBooks, hook: Receiver) -> None:
    await books.switch(webhook_window_ms=60_000)
    async with QuickBooks(str(books.http.base_url), UK) as uk_books:
        await customer(books, "Mixed Ltd")
        await customer(uk_books, "Mixed Plc")

    await advance(books, 60)
    await hook.got(1)

    (post,) = hook.posts()
    assert [one["intuitaccountid"] for one in post] == [US, UK]
    assert post[0]["id"] != post[1]["id"]


async def test_a_payment_tells_of_its_invoice_too(
    books: QuickBooks, hook: Receiver
) -> None:
    invoice = await books.invoice()
    await hook.got(1)
    payment = await books.pay(invoice, "100")
    await hook.got(2)
    await books.post("payment", payment, operation="delete")
    await hook.got(3)

    number = invoice["Id"]
    assert hook.events()[:3] == [
        ("invoice.created", number),
        ("payment.created", payment["Id"]),
        ("invoice.updated", number),
    ]
    assert set(hook.events()[3:]) == {
        ("payment.deleted", payment["Id"]),
        ("invoice.updated", number),
    }


async def test_voids_mails_and_ends_have_their_own_words(
    books: QuickBooks, hook: Receiver
) -> None:
    invoice = await books.invoice()
    path = f"invoice/{invoice['Id']}/send"
    mailed = await books.post(path, {}, sendTo="a@b.example")
    await books.switch(webhook_collapse=False)
    voided = await books.post("invoice", mailed.json()["Invoice"], operation="void")
    person = await customer(books, "Ending Ltd")
    off = {"Id": person["Id"], "SyncToken": "0", "sparse": True, "Active": False}
    person = await books.make("Customer", off)
    on = {**off, "SyncToken": "1", "Active": True, "DisplayName": "Ending Ltd"}
    await books.make("Customer", on)
    term = await books.make("Term", {"Name": "Net 3", "DueDays": 3})
    await books.make("Term", {**term, "Active": False})

    await hook.until(lambda: len(hook.events()) == 8)

    number = invoice["Id"]
    assert voided.status_code == 200
    assert hook.events() == [
        ("invoice.created", number),
        ("invoice.emailed", number),
        ("invoice.voided", number),
        ("customer.created", person["Id"]),
        ("customer.deleted", person["Id"]),
        ("customer.updated", person["Id"]),
        ("term.created", term["Id"]),
        ("term.updated", term["Id"]),
    ]


async def test_the_word_for_a_void_is_a_switch(
    books: QuickBooks, hook: Receiver
) -> None:
    await books.switch(webhook_void_verb="void", webhook_window_ms=0)
    invoice = await books.invoice()
    await books.post("invoice", invoice, operation="void")
    await hook.got(2)

    assert hook.events()[1] == ("invoice.void", invoice["Id"])


async def test_what_is_refused_tells_nothing(books: QuickBooks, hook: Receiver) -> None:
    await books.switch(requestid_replays_faults=True)
    invoice = await books.invoice()
    await hook.got(1)

    stale = {"Id": invoice["Id"], "SyncToken": "7", "sparse": True}
    refused = await books.post("invoice", stale, requestid="refused-1")
    again = await books.post("invoice", stale, requestid="refused-1")
    await books.make("Attachable", {"Note": "Nobody is told of attachments"})
    await customer(books, "Told Ltd")
    await hook.got(2)

    assert fault(refused)[0] == fault(again)[0] == "5010"
    assert len(hook.events()) == 2


async def test_a_replayed_request_tells_nothing_twice(
    books: QuickBooks, hook: Receiver
) -> None:
    for _ in range(2):
        await books.post("customer", {"DisplayName": "Replayed"}, requestid="hook-1")
    await customer(books, "Behind Ltd")

    await hook.until(lambda: len(hook.events()) >= 2)

    assert [kind for kind, _ in hook.events()] == ["customer.created"] * 2


async def test_preferences_are_told_of(books: QuickBooks, hook: Receiver) -> None:
    prefs = (await books.get("preferences")).json()["Preferences"]
    token = {"Id": "1", "SyncToken": prefs["SyncToken"], "sparse": True}
    await books.make(
        "Preferences", {**token, "ReportPrefs": {"ReportBasis": "Accrual"}}
    )
    await hook.got(1)

    assert hook.events() == [("preferences.updated", "1")]


async def test_a_batch_tells_of_each_of_its_writes(
    books: QuickBooks, hook: Receiver
) -> None:
    items = [
        {"bId": "1", "operation": "create", "Customer": {"DisplayName": "Batch A"}},
        {"bId": "2", "operation": "create", "Customer": {"DisplayName": "Batch A"}},
        {"bId": "3", "operation": "create", "Vendor": {"DisplayName": "Batch B"}},
    ]
    await books.post("batch", {"BatchItemRequest": items})
    await hook.got(1)

    (post,) = hook.posts()
    assert [one["type"] for one in post] == [
        "qbo.customer.created.v1",
        "qbo.vendor.created.v1",
    ]


async def test_countersign_takes_both_forms_for_what_they_are(
    books: QuickBooks, hook: Receiver
) -> None:
    for place, form in enumerate(("cloudevents", "legacy"), start=1):
        await books.switch(webhook_form=form)
        await customer(books, f"Read back {place}")
        await hook.got(place)

    for headers, body in zip(hook.headers, hook.bodies, strict=True):
        signature = headers["intuit-signature"]
        assert countersign.is_signed(body, signature, ["other", VERIFIER])
        assert not countersign.is_signed(body, signature, ["other"])
        assert countersign.realms(body) == {US}


# Who is told


async def test_an_endpoint_hears_only_what_it_chose(books: QuickBooks) -> None:
    async with receiver() as some, receiver() as every:
        await register(books, some.url, entities=["Vendor"], operations=["Update"])
        await register(books, every.url)
        await books.switch(webhook_collapse=False)

        vendor = await books.make("Vendor", {"DisplayName": "Chosen"})
        await customer(books, "Not chosen")
        await books.make("Vendor", {**vendor, "Notes": "changed"})
        await every.until(lambda: len(every.events()) >= 3)
        await some.got(1)

    assert some.events() == [("vendor.updated", vendor["Id"])]


async def test_by_a_switch_an_app_does_not_hear_its_own_writes(
    books: QuickBooks, hook: Receiver
) -> None:
    await books.switch(webhook_own_writes=False)
    await customer(books, "Own Ltd")
    await books.switch(webhook_own_writes=True)
    made = await customer(books, "Others Ltd")
    await hook.got(1)

    assert hook.events() == [("customer.created", made["Id"])]


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"url": "ftp://127.0.0.1/"},
        {"url": "http://192.0.2.7/hook"},
        {"url": "https://hooks.example/quickbooks"},
        {"url": "http://127.0.0.1/", "entities": ["Nonsense"]},
        {"url": "http://127.0.0.1/", "operations": "Create"},
        {"url": "http://127.0.0.1/", "verifier": 7},
        {"url": "http://127.0.0.1/", "colour": "red"},
    ],
)
async def test_an_endpoint_that_has_no_sense_is_refused(
    books: QuickBooks, wish: Json
) -> None:
    answer = await books.http.post("/_simulator/webhooks", json=wish)

    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_endpoints_are_listed_changed_and_removed(books: QuickBooks) -> None:
    one = await register(books, "http://127.0.0.1:9/one")
    two = await register(books, "http://localhost:9/two")
    changed = await register(books, "http://127.0.0.1:9/one", verifier="new")
    listed = (await books.http.get("/_simulator/webhooks")).json()["webhooks"]
    await books.http.delete(f"/_simulator/webhooks/{one['id']}")
    left = (await books.http.get("/_simulator/webhooks")).json()["webhooks"]
    unknown = await books.http.delete("/_simulator/webhooks/nothing")

    assert changed["id"] == one["id"]
    assert [row["verifier"] for row in listed] == ["new", VERIFIER]
    assert left == [two]
    assert unknown.status_code == 404


async def test_other_machines_are_told_only_with_the_flag() -> None:
    far = ("https://hooks.example/quickbooks",)
    with pytest.raises(ValueError, match="anywhere"):
        await start(Options(port=0, invoices=0, webhooks=far))
    running = await start(
        Options(port=0, invoices=0, webhooks=far, webhooks_anywhere=True)
    )
    await running.stop()

    assert [one.url for one in running.state.outbox.endpoints.values()] == [*far]


async def test_the_command_line_has_flags_for_webhooks() -> None:
    flags = [
        *("--webhook", "http://127.0.0.1:1/a", "--webhook", "http://127.0.0.1:1/b"),
        *("--verifier", "one", "--verifier", "two", "--webhooks-anywhere"),
    ]

    read = options(flags)

    assert read.webhooks == ("http://127.0.0.1:1/a", "http://127.0.0.1:1/b")
    assert (read.verifiers, read.webhooks_anywhere) == (("one", "two"), True)


async def test_an_endpoint_may_come_from_the_command_line() -> None:
    async with receiver() as listening:
        given = Options(
            port=0,
            invoices=0,
            tokens=(TOKEN,),
            webhooks=(listening.url,),
            verifiers=("from-a-flag",),
        )
        running = await start(given)
        async with QuickBooks(running.url, US) as books:
            await customer(books, "Flagged Ltd")
            await listening.got(1)
        await running.stop()

    assert listening.signed(verifier="from-a-flag")


async def test_verifiers_have_to_be_as_many_as_webhooks() -> None:
    with pytest.raises(ValueError, match="verifiers"):
        await start(
            Options(
                port=0,
                invoices=0,
                webhooks=("http://127.0.0.1:1/a",) * 3,
                verifiers=("one", "two"),
            )
        )


# How it is delivered


async def test_changes_of_one_record_are_told_as_one(
    books: QuickBooks, hook: Receiver
) -> None:
    await books.switch(webhook_window_ms=60_000)
    made = await customer(books, "Collapsing Ltd")
    for token in range(3):
        part = {"Id": made["Id"], "SyncToken": str(token), "sparse": True}
        await books.make("Customer", {**part, "Notes": f"{token}"})
    await advance(books, 60)
    await hook.got(1)
    assert hook.events() == [("customer.created", made["Id"])]

    await books.switch(webhook_collapse=False)
    for token in range(3, 5):
        part = {"Id": made["Id"], "SyncToken": str(token), "sparse": True}
        await books.make("Customer", {**part, "Notes": f"{token}"})
    await advance(books, 60)
    await hook.got(2)

    assert hook.events()[1:] == [("customer.updated", made["Id"])] * 2


async def test_content_types_are_a_switch(books: QuickBooks, hook: Receiver) -> None:
    kinds = ["application/cloudevents+json", "application/cloudevents-batch+json"]
    for place, kind in enumerate(kinds):
        await books.switch(webhook_content_type=kind)
        await customer(books, f"Typed {place}")
        await hook.got(place + 1)
    wrong = await books.http.post(
        "/_simulator/switches", json={"webhook_content_type": "text/plain"}
    )

    assert [one["content-type"] for one in hook.headers] == kinds
    assert wrong.status_code == 400


async def test_a_failed_delivery_is_tried_again_at_once_and_then_later(
    books: QuickBooks, hook: Receiver
) -> None:
    hook.statuses = [500, 503, 302, 404]
    await customer(books, "Stubborn Ltd")
    await tried(books, 2)
    await advance(books, 5)
    await asyncio.sleep(0.05)
    assert len(hook.bodies) == 2
    for place, seconds in enumerate((6, 20, 30), start=3):
        await advance(books, seconds)
        await tried(books, place)

    (row,) = await settled(books)
    assert row["status"] == "delivered"
    assert len(set(hook.bodies)) == 1
    assert [one["status"] for one in row["attempts"]] == [500, 503, 302, 404, 200]
    assert row["events"][0]["entity"] == "Customer"


async def test_retries_can_be_made_faster(books: QuickBooks, hook: Receiver) -> None:
    await books.switch(webhook_speed=1_000)
    hook.statuses = [500] * 5
    await customer(books, "Fast Ltd")

    await hook.got(6)


async def test_an_answer_that_comes_late_is_none(
    books: QuickBooks, hook: Receiver
) -> None:
    await books.switch(webhook_timeout_ms=100, webhook_speed=1_000)
    hook.delay_seconds = 0.5
    await customer(books, "Slow Ltd")
    await hook.got(2)
    hook.delay_seconds = 0

    (row,) = await settled(books)
    assert row["attempts"][0]["error"] == "no answer in time"
    assert row["attempts"][0]["status"] is None


async def test_what_fails_holds_back_what_follows(
    books: QuickBooks, hook: Receiver
) -> None:
    await books.switch(webhook_window_ms=0)
    hook.statuses = [500, 500]
    first = await customer(books, "First Ltd")
    await tried(books, 2)
    second = await customer(books, "Second Ltd")
    await asyncio.sleep(0.05)
    held = len(hook.bodies)
    await advance(books, 11)
    await hook.got(4)

    assert held == 2
    assert [number for _, number in hook.events()] == [*[first["Id"]] * 3, second["Id"]]


async def test_after_too_many_attempts_an_endpoint_is_disabled(
    books: QuickBooks, hook: Receiver
) -> None:
    await books.switch(webhook_attempts_max=3, webhook_speed=10_000)
    hook.statuses = [500] * 3
    await customer(books, "Lost Ltd")

    (lost,) = await settled(books)
    (endpoint,) = (await books.http.get("/_simulator/webhooks")).json()["webhooks"]
    await customer(books, "Unheard Ltd")
    await register(books, hook.url)
    made = await customer(books, "Heard Ltd")
    await hook.got(4)

    assert (lost["status"], endpoint["enabled"]) == ("lost", False)
    assert hook.events()[-1] == ("customer.created", made["Id"])
    assert len(hook.events()) == 4


async def test_nobody_there_is_written_down(books: QuickBooks) -> None:
    async with receiver() as gone:
        url = gone.url
    await register(books, url)
    await books.switch(webhook_speed=10_000, webhook_attempts_max=2)
    await customer(books, "Nobody Ltd")

    (row,) = await settled(books)

    assert (row["status"], len(row["attempts"])) == ("lost", 2)
    assert "ClientConnector" in row["attempts"][0]["error"]


async def test_the_next_event_can_come_twice_late_or_not_at_all(
    books: QuickBooks, hook: Receiver
) -> None:
    async def order(word: str) -> None:
        answer = await books.http.post("/_simulator/deliveries", json={"next": word})
        assert answer.status_code == 200

    await books.switch(webhook_window_ms=0)
    await order("twice")
    twice = await customer(books, "Twice Ltd")
    await hook.got(2)
    await order("lost")
    await customer(books, "Never Ltd")
    await order("held")
    late = await customer(books, "Late Ltd")
    await asyncio.sleep(0.05)
    early = await customer(books, "Early Ltd")
    await hook.got(4)

    assert hook.bodies[0] == hook.bodies[1]
    assert [number for _, number in hook.events()] == [
        *(twice["Id"], twice["Id"], early["Id"], late["Id"]),
    ]


async def test_a_delivery_can_be_repeated(books: QuickBooks, hook: Receiver) -> None:
    await customer(books, "Again Ltd")
    await hook.got(1)
    (row,) = await deliveries(books)
    await books.http.post("/_simulator/deliveries", json={"again": row["id"]})
    await hook.got(2)
    unknown = await books.http.post("/_simulator/deliveries", json={"again": 999})
    vague = await books.http.post("/_simulator/deliveries", json={"next": "week"})
    empty = await books.http.post("/_simulator/deliveries", json={})

    assert hook.bodies[0] == hook.bodies[1]
    assert [one.status_code for one in (unknown, vague, empty)] == [400] * 3


async def test_switches_send_everything_twice_and_backwards(
    books: QuickBooks, hook: Receiver
) -> None:
    await books.switch(webhook_duplicates=True, webhook_reversed=True)
    invoice = await books.invoice()
    await hook.got(2)
    await books.pay(invoice, "10")
    await hook.got(4)

    kinds = [kind for kind, _ in hook.events()]
    assert kinds == [
        *["invoice.created"] * 2,
        *["invoice.updated", "payment.created"] * 2,
    ]


async def test_what_was_not_delivered_survives_a_restart(tmp_path: Path) -> None:
    kept = Options(
        port=0, today=TODAY, invoices=0, tokens=(TOKEN,), data=tmp_path / "kept"
    )
    async with receiver() as hook:
        hook.statuses = [500, 500]
        running = await start(kept)
        async with QuickBooks(running.url, US) as books:
            await books.switch(webhook_window_ms=0)
            await register(books, hook.url)
            first = await customer(books, "Before Ltd")
            await hook.got(2)
            second = await customer(books, "Also before Ltd")
            await hook.until(lambda: len(hook.statuses) == 0)
        await running.stop()

        running = await start(kept)
        async with QuickBooks(running.url, US) as books:
            await advance(books, 60)
            await hook.got(4)
            await settled(books)
        await running.stop()

        running = await start(kept)
        async with QuickBooks(running.url, US) as books:
            assert await deliveries(books) == []
            third = await customer(books, "After Ltd")
            await hook.got(5)
        await running.stop()

    numbers = [number for _, number in hook.events()]
    assert numbers == [*[first["Id"]] * 3, second["Id"], third["Id"]]
    assert hook.signed()


async def test_a_clock_put_back_holds_no_delivery_back(
    books: QuickBooks, hook: Receiver
) -> None:
    await advance(books, 500_000)
    await books.switch(webhook_window_ms=300)
    made = await customer(books, "Later Ltd")

    await advance(books, -500_000)
    await hook.got(1)

    assert hook.events() == [("customer.created", made["Id"])]

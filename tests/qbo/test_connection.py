"""Consent and tokens against the simulated QuickBooks, over HTTP."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from qbo import connection as connections
from qbo import oauth
from qbo.authority import Authority
from qbo.books import Environment
from qbo.connection import (
    Connected,
    Connection,
    ConsentCancelled,
    ConsentFault,
    ConsentHalfFinished,
    ConsentUnreachable,
    ExchangeRefused,
    ExpiredLink,
    Keys,
    NotConfigured,
    NothingToConfirm,
    NotTheirs,
    OtherBrowser,
    State,
    UnknownLink,
    UnknownState,
    UsedLink,
)
from qbo.faults import Disconnected, Forbidden, Unreachable
from qbo.simulator.serve import Options
from tests.conftest import Clock
from tests.qbo.far import KEY, REDIRECT, TOKENS, Far, refreshes, simulated

NEAR_THE_END = {"minutes": 59}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with simulated(Options(port=0, invoices=30)) as url:
        yield url


@pytest.fixture
async def far(address: str) -> AsyncIterator[Far]:
    async with httpx.AsyncClient() as http:
        made = Far(address, http)
        await made.reset()
        yield made


@pytest.fixture
def ours(far: Far, engine: AsyncEngine, clock: Clock) -> Connection:
    return far.connection(engine, clock)


async def rows(engine: AsyncEngine) -> str:
    """Everything that the tables of connections hold, as one text."""
    async with engine.connect() as connection:
        found = [
            row
            for table in ("quickbooks_connection", "quickbooks_invitation")
            for row in await connection.execute(text(f"SELECT * FROM {table}"))
        ]
    return repr(found)


def nowhere() -> str:
    """An address on which nobody listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


# --- consent


async def test_an_admin_connects_a_company_and_confirms_it(
    far: Far, ours: Connection, clock: Clock
) -> None:
    completed = await far.connect(ours, "w1", "alex", confirm=False)

    assert completed.is_new
    assert (completed.origin, completed.person_id) == ("here", "alex")
    company = completed.connected.company
    assert company.name == "Harbour & Pine Landscaping"
    assert company.title == "Harbour & Pine Landscaping [SIMULATED]"
    assert (company.country, company.currency) == ("US", "USD")
    assert completed.connected.state is State.CONFIRMING
    assert not await ours.may_post(company.id)

    confirmed = await ours.confirm(company.id, "alex")

    assert confirmed.state is State.CONNECTED
    assert await ours.may_post(company.id)
    assert (await ours.confirm(company.id, "alex")).state is State.CONNECTED
    assert await ours.companies("w1") == (confirmed,)
    assert await ours.all() == (confirmed,)
    assert await ours.companies("w2") == ()
    assert confirmed.access_expires_at == clock() + timedelta(hours=1)
    assert confirmed.refresh_expires_at > clock() + timedelta(days=99)
    hard = confirmed.refresh_hard_expires_at
    assert hard is not None
    assert hard > clock() + timedelta(days=4 * 365)


async def test_only_the_admin_who_connected_it_confirms_it(
    far: Far, ours: Connection
) -> None:
    completed = await far.connect(ours, "w1", "alex", confirm=False)
    company = completed.connected.company.id

    with pytest.raises(NotTheirs):
        await ours.confirm(company, "priya")
    with pytest.raises(NotTheirs):
        await ours.refuse(company, "priya")

    assert not await ours.may_post(company)


async def test_a_refused_company_is_revoked_and_forgotten(
    far: Far, ours: Connection
) -> None:
    completed = await far.connect(ours, confirm=False)
    company = completed.connected.company.id

    gone = await ours.refuse(company, "alex")

    assert gone.is_revoked
    assert await ours.all() == ()
    with pytest.raises(Disconnected):
        await ours.token(company)
    assert len(await far.journal("/tokens/revoke")) == 1
    with pytest.raises(NothingToConfirm):
        await ours.confirm(company, "alex")


async def test_connecting_again_needs_no_second_confirmation(
    far: Far, ours: Connection
) -> None:
    await far.connect(ours, "w1", "alex")

    again = await far.connect(ours, "w1", "priya", confirm=False)

    assert not again.is_new
    assert again.connected.state is State.CONNECTED
    assert again.connected.connected_by == "priya"


async def test_a_company_belongs_to_one_workspace(far: Far, ours: Connection) -> None:
    first = await far.connect(ours, "w1", "alex")
    company = first.connected.company.id

    with pytest.raises(ConsentFault, match="another workspace") as caught:
        await far.connect(ours, "w2", "eve")

    assert caught.value.origin == "here"
    assert (await ours.company(company)).workspace == "w1"
    assert await far.journal("/tokens/revoke") == []
    await ours.test(company)


async def test_a_disconnected_company_may_move_to_another_workspace(
    far: Far, ours: Connection
) -> None:
    first = await far.connect(ours, "w1", "alex")
    await ours.disconnect(first.connected.company.id, "alex")

    second = await far.connect(ours, "w2", "eve", confirm=False)

    assert second.is_new
    assert second.connected.workspace == "w2"
    assert await ours.companies("w1") == ()


async def test_a_link_works_in_the_first_browser_only(
    far: Far, ours: Connection
) -> None:
    invitation = await ours.invite("w1", "alex")
    begun = await ours.begin(invitation.token)

    with pytest.raises(UsedLink):
        await ours.begin(invitation.token)
    with pytest.raises(UsedLink):
        await ours.begin(invitation.token, "another cookie")
    again = await ours.begin(invitation.token, begun.cookie)

    assert again.cookie == begun.cookie
    with pytest.raises(UnknownState):
        await ours.complete(await far.consent(begun.url), begun.cookie)
    await ours.complete(await far.consent(again.url), again.cookie)


async def test_two_browsers_at_once_cannot_both_open_a_link(ours: Connection) -> None:
    invitation = await ours.invite("w1", "alex")

    results = await asyncio.gather(
        *(ours.begin(invitation.token) for _ in range(8)), return_exceptions=True
    )

    begun = [each for each in results if isinstance(each, oauth.Start)]
    assert len(begun) == 1
    assert sum(isinstance(each, UsedLink) for each in results) == 7


async def test_a_state_is_taken_once(far: Far, ours: Connection) -> None:
    begun = await ours.begin((await ours.invite("w1", "alex")).token)
    params = await far.consent(begun.url)

    results = await asyncio.gather(
        *(ours.complete(params, begun.cookie) for _ in range(4)),
        return_exceptions=True,
    )

    assert sum(isinstance(each, connections.Completed) for each in results) == 1
    assert sum(isinstance(each, UsedLink) for each in results) == 3
    with pytest.raises(UsedLink):
        await ours.complete(params, begun.cookie)
    assert refreshes(await far.journal()) == 1


async def test_the_way_back_needs_the_cookie(far: Far, ours: Connection) -> None:
    begun = await ours.begin((await ours.invite("w1", "alex", origin="dm")).token)
    params = await far.consent(begun.url)

    for cookie in (None, "", "another browser's"):
        with pytest.raises(OtherBrowser) as caught:
            await ours.complete(params, cookie)
        assert caught.value.origin is None

    assert refreshes(await far.journal()) == 0
    # A stranger's try uses nothing up.
    await ours.complete(params, begun.cookie)


async def test_a_link_is_too_old_after_ten_minutes(
    ours: Connection, clock: Clock
) -> None:
    invitation = await ours.invite("w1", "alex")

    clock.advance(minutes=10)

    with pytest.raises(ExpiredLink):
        await ours.begin(invitation.token)


async def test_a_consent_that_takes_too_long_connects_nothing(
    far: Far, ours: Connection, clock: Clock
) -> None:
    begun = await ours.begin((await ours.invite("w1", "alex")).token)
    params = await far.consent(begun.url)

    clock.advance(minutes=16)

    with pytest.raises(ExpiredLink):
        await ours.complete(params, begun.cookie)
    assert await ours.all() == ()


async def test_a_cancelled_consent_gets_a_plain_sentence(
    far: Far, ours: Connection
) -> None:
    begun = await ours.begin((await ours.invite("w1", "alex", origin="dm")).token)
    params = await far.consent(begun.url, decision="cancel")

    with pytest.raises(ConsentCancelled, match="You cancelled") as caught:
        await ours.complete(params, begun.cookie)

    assert caught.value.origin == "dm"
    assert await ours.all() == ()


CROOKED: tuple[tuple[dict[str, str], type[ConsentFault]], ...] = (
    ({"code": ""}, ConsentHalfFinished),
    ({"realmId": ""}, ConsentHalfFinished),
    ({"realmId": "../../etc"}, ConsentHalfFinished),
    ({"realmId": "999"}, ExchangeRefused),
    ({"code": "made up"}, ExchangeRefused),
    ({"state": "made up"}, UnknownState),
    ({"state": ""}, UnknownState),
    ({"error": "server_error"}, ExchangeRefused),
)


async def test_a_crooked_way_back_connects_nothing(far: Far, ours: Connection) -> None:
    for change, kind in CROOKED:
        begun = await ours.begin((await ours.invite("w1", "alex")).token)
        params = await far.consent(begun.url)

        with pytest.raises(kind) as caught:
            await ours.complete({**params, **change}, begun.cookie)

        assert "nothing was connected" in caught.value.sentence, change
        assert await ours.all() == ()


async def test_a_link_that_was_never_given_is_unknown(ours: Connection) -> None:
    with pytest.raises(UnknownLink):
        await ours.begin("made up")
    with pytest.raises(UnknownLink):
        await ours.begin("\ud800")


async def test_without_keys_nobody_is_invited(ours: Connection) -> None:
    with pytest.raises(NotConfigured):
        await ours.invite("w1", "alex", Environment.PRODUCTION)


async def test_a_lost_answer_in_the_middle_of_a_consent_says_so(
    far: Far, ours: Connection
) -> None:
    begun = await ours.begin((await ours.invite("w1", "alex")).token)
    params = await far.consent(begun.url)
    await far.order(TOKENS, drop="after")

    with pytest.raises(ConsentUnreachable):
        await ours.complete(params, begun.cookie)

    assert await ours.all() == ()


async def test_a_company_that_cannot_be_read_is_not_connected(
    far: Far, ours: Connection
) -> None:
    begun = await ours.begin((await ours.invite("w1", "alex")).token)
    params = await far.consent(begun.url)
    await far.order("/companyinfo/", status=403)

    with pytest.raises(ExchangeRefused, match="no access"):
        await ours.complete(params, begun.cookie)

    assert await ours.all() == ()
    assert len(await far.journal("/tokens/revoke")) == 1


# --- tokens


async def connected(far: Far, ours: Connection) -> str:
    """A confirmed company; the journal begins anew."""
    completed = await far.connect(ours)
    await far.http.delete(f"{far.url}/_simulator/requests")
    return completed.connected.company.id


async def test_a_token_is_used_until_it_is_near_its_end(
    far: Far, ours: Connection, clock: Clock
) -> None:
    company = await connected(far, ours)

    first = await ours.token(company)
    clock.advance(minutes=30)
    same = await ours.token(company)
    clock.advance(minutes=29)
    fresh = await ours.token(company)

    assert first == same != fresh
    assert refreshes(await far.journal()) == 1
    assert (await ours.company(company)).last_renewed_at == clock()


async def test_twenty_tasks_renew_once(
    far: Far, ours: Connection, clock: Clock
) -> None:
    company = await connected(far, ours)
    clock.advance(**NEAR_THE_END)

    tokens = await asyncio.gather(*(ours.token(company) for _ in range(20)))

    assert len(set(tokens)) == 1
    assert refreshes(await far.journal()) == 1


@pytest.mark.parametrize("grace", [0, 86_400])
async def test_two_processes_renew_once(
    far: Far, ours: Connection, engine: AsyncEngine, clock: Clock, grace: int
) -> None:
    await far.switch(previous_refresh_grace_seconds=grace)
    company = await connected(far, ours)
    theirs = far.connection(engine, clock)
    await far.order(TOKENS, delay_after_seconds=0.3)
    clock.advance(hours=2)

    tokens = await asyncio.gather(
        *(each.token(company) for each in (ours, theirs) for _ in range(10))
    )

    assert len(set(tokens)) == 1
    assert refreshes(await far.journal()) == 1


async def test_a_token_that_got_a_401_is_replaced_once(
    far: Far, ours: Connection
) -> None:
    company = await connected(far, ours)
    stale = await ours.token(company)

    tokens = await asyncio.gather(*(ours.token(company, stale=stale) for _ in range(5)))

    assert stale not in tokens
    assert len(set(tokens)) == 1
    # Whoever was late with the same stale token gets the new one as it is.
    assert await ours.token(company, stale=stale) == tokens[0]
    assert refreshes(await far.journal()) == 1


@pytest.mark.parametrize("grace", [0, 86_400])
async def test_rotation_goes_on_for_days(
    far: Far, ours: Connection, clock: Clock, grace: int
) -> None:
    await far.switch(previous_refresh_grace_seconds=grace)
    company = await connected(far, ours)

    tokens = set()
    for _ in range(6):
        clock.advance(**NEAR_THE_END)
        tokens.add(await ours.token(company))

    assert len(tokens) == 6
    assert await ours.take_endings() == ()
    await ours.test(company)


async def test_a_reply_lost_after_rotation_is_survived_with_grace(
    far: Far, ours: Connection, clock: Clock
) -> None:
    company = await connected(far, ours)
    await far.order(TOKENS, drop="after")
    clock.advance(**NEAR_THE_END)

    await ours.token(company)

    assert refreshes(await far.journal()) == 2
    assert (await ours.company(company)).state is State.CONNECTED
    await ours.test(company)


async def test_a_reply_lost_under_strict_rotation_ends_in_one_message(
    far: Far, ours: Connection, engine: AsyncEngine, clock: Clock
) -> None:
    await far.switch(previous_refresh_grace_seconds=0)
    company = await connected(far, ours)
    theirs = far.connection(engine, clock)
    await far.order(TOKENS, drop="after")
    clock.advance(hours=2)

    results = await asyncio.gather(
        *(each.token(company) for each in (ours, theirs) for _ in range(5)),
        return_exceptions=True,
    )

    assert all(isinstance(each, Disconnected) for each in results)
    assert (await ours.company(company)).state is State.ENDED
    assert not await ours.may_post(company)
    told = await asyncio.gather(
        *(each.take_endings() for each in (ours, theirs) for _ in range(3))
    )
    assert sum(len(each) for each in told) == 1
    assert await ours.take_endings() == ()


async def test_reconnecting_restores_everything(
    far: Far, ours: Connection, clock: Clock
) -> None:
    company = await connected(far, ours)
    await far.revoke_all()
    clock.advance(**NEAR_THE_END)
    with pytest.raises(Disconnected, match="has ended"):
        await ours.token(company)

    again = await far.connect(ours, confirm=False)

    assert not again.is_new
    assert await ours.may_post(company)
    assert again.connected.ended_reason is None
    # The ending was overtaken: nobody needs to hear of it any more.
    assert await ours.take_endings() == ()
    await ours.test(company)


async def killed_between_refresh_and_save(
    far: Far, ours: Connection, company: str
) -> None:
    """Leave the rows as a process does that dies in the middle of a renewal.

    It holds the lease, QuickBooks has rotated, and nothing was saved.
    """
    row = await ours._vault._row(company)
    assert row.refresh_token is not None
    assert await ours._vault._lease(row, "dead")
    refresh_token = ours._vault._clear(company, row.refresh_token)
    await ours._authority.refresh(far.app(), refresh_token)


async def test_a_stop_between_refresh_and_save_loses_nothing_with_grace(
    far: Far, ours: Connection, engine: AsyncEngine, clock: Clock
) -> None:
    company = await connected(far, ours)
    await killed_between_refresh_and_save(far, ours, company)

    restarted = far.connection(engine, clock)
    clock.advance(hours=2)
    await restarted.token(company)

    assert await restarted.may_post(company)
    await restarted.test(company)


async def test_a_stop_between_refresh_and_save_ends_plainly_when_strict(
    far: Far, ours: Connection, engine: AsyncEngine, clock: Clock
) -> None:
    await far.switch(previous_refresh_grace_seconds=0)
    company = await connected(far, ours)
    await killed_between_refresh_and_save(far, ours, company)

    restarted = far.connection(engine, clock)
    clock.advance(hours=2)
    with pytest.raises(Disconnected):
        await restarted.token(company)

    assert len(await restarted.take_endings()) == 1
    assert await restarted.take_endings() == ()


async def test_a_good_token_is_given_while_another_process_renews(
    far: Far, ours: Connection, engine: AsyncEngine, clock: Clock
) -> None:
    company = await connected(far, ours)
    token = await ours.token(company)
    await killed_between_refresh_and_save(far, ours, company)
    clock.advance(**NEAR_THE_END)
    row = await ours._vault._row(company)
    await ours._vault._lease(row, "alive")

    async with asyncio.timeout(2):
        assert await far.connection(engine, clock).token(company) == token


async def test_the_token_before_is_tried_when_the_last_is_not_taken(
    far: Far, ours: Connection, engine: AsyncEngine, clock: Clock
) -> None:
    company = await connected(far, ours)
    clock.advance(**NEAR_THE_END)
    await ours.token(company)
    # What was saved last never worked; the one before is still honoured.
    sealed = ours._vault._sealed(company, "AB11-never-worked")
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE quickbooks_connection SET refresh_token = :sealed"),
            {"sealed": sealed},
        )

    clock.advance(**NEAR_THE_END)
    await ours.token(company)

    assert await ours.may_post(company)
    await ours.test(company)


async def test_a_renewal_is_saved_although_nobody_waits_any_more(
    far: Far, ours: Connection, clock: Clock
) -> None:
    await far.switch(previous_refresh_grace_seconds=0)
    company = await connected(far, ours)
    before = await ours.token(company)
    await far.order(TOKENS, delay_after_seconds=0.5)
    clock.advance(**NEAR_THE_END)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await ours.token(company)
    await ours.settle()

    assert await ours.token(company) != before
    assert refreshes(await far.journal()) == 1


async def test_a_disconnect_during_a_renewal_wins(
    far: Far, ours: Connection, clock: Clock
) -> None:
    company = await connected(far, ours)
    await far.order(TOKENS, delay_after_seconds=0.6)
    clock.advance(**NEAR_THE_END)
    renewing = asyncio.create_task(ours.token(company))
    await asyncio.sleep(0.2)

    await ours.disconnect(company, "alex")

    with pytest.raises(Disconnected):
        await renewing
    assert (await ours.company(company)).state is State.DISCONNECTED


async def test_quickbooks_being_down_ends_nothing(
    far: Far, ours: Connection, clock: Clock
) -> None:
    company = await connected(far, ours)
    await far.order(TOKENS, times=4, status=503)
    clock.advance(hours=2)

    with pytest.raises(Unreachable, match="cannot be reached"):
        await ours.token(company)
    with pytest.raises(Unreachable):
        await ours.token(company)

    await ours.token(company)
    assert await ours.may_post(company)


async def test_a_token_near_its_end_still_serves_while_quickbooks_is_down(
    far: Far, ours: Connection, clock: Clock
) -> None:
    company = await connected(far, ours)
    token = await ours.token(company)
    await far.order(TOKENS, times=2, status=503)
    clock.advance(**NEAR_THE_END)

    assert await ours.token(company) == token


async def test_a_wrong_secret_ends_nothing(
    far: Far, ours: Connection, engine: AsyncEngine, clock: Clock
) -> None:
    company = await connected(far, ours)
    theirs = far.connection(engine, clock, client_secret="wrong")
    clock.advance(hours=2)

    with pytest.raises(Forbidden, match="countersign check"):
        await theirs.token(company)

    await ours.token(company)


async def test_the_timetable_renews_what_is_near_its_end(
    far: Far, ours: Connection, clock: Clock
) -> None:
    company = await connected(far, ours)
    assert await ours.renew_due() == ()

    clock.advance(minutes=51)
    (renewal,) = await ours.renew_due()

    assert renewal.connected.company.id == company
    assert renewal.connected.last_renewed_at == clock()
    assert (renewal.has_ended, renewal.problem) == (False, None)
    assert await ours.renew_due() == ()


async def test_the_timetable_says_what_ended(
    far: Far, ours: Connection, clock: Clock
) -> None:
    await connected(far, ours)
    await far.revoke_all()
    clock.advance(minutes=51)

    (renewal,) = await ours.renew_due()

    assert renewal.has_ended
    assert renewal.problem is not None
    assert renewal.connected.ended_reason is not None
    assert await ours.renew_due() == ()


async def test_the_timetable_says_what_could_not_be_renewed(
    far: Far, ours: Connection, clock: Clock
) -> None:
    await connected(far, ours)
    await far.order(TOKENS, times=2, status=500)
    clock.advance(minutes=51)

    (renewal,) = await ours.renew_due()

    assert not renewal.has_ended
    assert renewal.problem is not None
    (renewal,) = await ours.renew_due()
    assert renewal.problem is None


async def test_an_ending_is_taken_within_the_tellers_own_transaction(
    far: Far, ours: Connection, engine: AsyncEngine, clock: Clock
) -> None:
    await connected(far, ours)
    await far.revoke_all()
    clock.advance(minutes=51)
    await ours.renew_due()

    async with engine.connect() as connection:
        assert len(await ours.take_endings(connection)) == 1
        await connection.rollback()

    assert len(await ours.take_endings()) == 1


# --- secrets


async def test_keys_are_rotated(far: Far, engine: AsyncEngine, clock: Clock) -> None:
    old, new = Fernet(KEY), Fernet(Fernet.generate_key())
    company = await connected(far, far.connection(engine, clock, MultiFernet([old])))

    both = far.connection(engine, clock, MultiFernet([new, old]))
    await both.token(company)
    clock.advance(**NEAR_THE_END)
    await both.token(company)
    clock.advance(**NEAR_THE_END)
    token = await both.token(company)

    assert await far.connection(engine, clock, MultiFernet([new])).token(company) == (
        token
    )
    with pytest.raises(Disconnected, match="secret keys"):
        await far.connection(engine, clock, MultiFernet([old])).token(company)


async def test_a_key_may_be_dropped_after_one_renewal(
    far: Far, engine: AsyncEngine, clock: Clock
) -> None:
    old, new = Fernet(KEY), Fernet(Fernet.generate_key())
    company = await connected(far, far.connection(engine, clock, MultiFernet([old])))
    clock.advance(**NEAR_THE_END)
    await far.connection(engine, clock, MultiFernet([new, old])).token(company)
    # The last refresh token is sealed with the new key; so is the one before. What
    # an older key sealed may be left over, and stands in nobody's way.
    leftover = far.connection(engine, clock, MultiFernet([old]))._vault._sealed(
        company, "AB11-before"
    )
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE quickbooks_connection SET previous_refresh_token = :sealed"),
            {"sealed": leftover},
        )

    clock.advance(**NEAR_THE_END)
    only_new = far.connection(engine, clock, MultiFernet([new]))

    await only_new.token(company)
    await only_new.test(company)


async def test_a_sealed_token_opens_for_its_own_company_only(ours: Connection) -> None:
    sealed = ours._vault._sealed("simulator:1", "secret")

    assert ours._vault._clear("simulator:1", sealed) == "secret"
    with pytest.raises(Disconnected):
        ours._vault._clear("simulator:2", sealed)


async def test_no_secret_is_in_rows_reprs_errors_or_logs(
    far: Far,
    ours: Connection,
    engine: AsyncEngine,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    invitation = await ours.invite("w1", "alex")
    begun = await ours.begin(invitation.token)
    params = await far.consent(begun.url)
    # The consent page's own address holds the state; a browser's log is its own.
    caplog.clear()
    completed = await ours.complete(params, begun.cookie)
    company = completed.connected.company.id
    row = await ours._vault._row(company)
    assert row.access_token is not None
    assert row.refresh_token is not None
    secrets = [
        invitation.token,
        begun.cookie,
        params["state"],
        params["code"],
        far.app().client_secret,
        ours._vault._clear(company, row.access_token),
        ours._vault._clear(company, row.refresh_token),
    ]
    said = [await rows(engine)]
    await ours.test(company)
    await far.order(TOKENS, times=2, drop="after")
    clock.advance(hours=2)
    with pytest.raises(Unreachable) as unreachable:
        await ours.token(company)
    await far.revoke_all()
    with pytest.raises(Disconnected) as ended:
        await ours.token(company)
    grant = oauth.Grant("access-1", "refresh-1", clock(), clock(), None)

    said += [repr(each) for each in (invitation, begun, completed, row, far.app())]
    said += [repr(grant), repr(ours), caplog.text]
    said += [repr(error.value.__dict__) for error in (unreachable, ended)]
    said += [str(error.getrepr(style="short")) for error in (unreachable, ended)]
    secrets += ["access-1", "refresh-1"]

    assert not [(secret, text) for secret in secrets for text in said if secret in text]


# --- the end, and the operator


async def test_disconnecting_revokes_and_forgets(
    far: Far, ours: Connection, engine: AsyncEngine
) -> None:
    company = await connected(far, ours)
    token = await ours.token(company)

    gone = await ours.disconnect(company, "alex")

    assert gone.is_revoked
    assert gone.connected.state is State.DISCONNECTED
    assert gone.sentence == "Harbour & Pine Landscaping [SIMULATED] is disconnected."
    with pytest.raises(Disconnected, match="not connected"):
        await ours.token(company)
    assert not await ours.may_post(company)
    row = await _tokens(engine)
    assert row == (None, None, None)
    answer = await far.http.get(
        f"{ours.company_url(company)}/preferences",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 401


async def _tokens(engine: AsyncEngine) -> tuple[Any, ...]:
    async with engine.connect() as connection:
        found = await connection.execute(
            text(
                "SELECT access_token, refresh_token, previous_refresh_token"
                " FROM quickbooks_connection"
            )
        )
        return tuple(found.one())


async def test_disconnecting_works_while_quickbooks_is_down_and_says_so(
    far: Far, ours: Connection, engine: AsyncEngine
) -> None:
    company = await connected(far, ours)
    await far.order("/tokens/revoke", drop="before")

    gone = await ours.disconnect(company, "alex")

    assert not gone.is_revoked
    assert "did not confirm" in gone.sentence
    assert gone.connected.state is State.DISCONNECTED
    assert await _tokens(engine) == (None, None, None)


async def test_a_live_test_learns_what_quickbooks_says(
    far: Far, ours: Connection, engine: AsyncEngine
) -> None:
    company = await connected(far, ours)
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE quickbooks_connection SET name = 'Old name'")
        )
    await far.expire_tokens()

    tested = await ours.test(company)

    assert tested.name == "Harbour & Pine Landscaping"
    assert (await ours.company(company)).company == tested


async def test_a_live_test_of_an_ended_connection_says_so(
    far: Far, ours: Connection
) -> None:
    company = await connected(far, ours)
    await far.revoke_all()

    with pytest.raises(Disconnected):
        await ours.test(company)

    assert len(await ours.take_endings()) == 1


async def test_good_keys_are_told_from_wrong_ones_and_from_a_wrong_address(
    far: Far, engine: AsyncEngine, clock: Clock
) -> None:
    async def check(**app: Any) -> connections.AppCheck:
        return await far.connection(engine, clock, **app).check_app(
            Environment.SIMULATOR
        )

    good = await check()
    wrong = await check(client_secret="wrong")
    lost = await check(discovery_url=f"{nowhere()}/.well-known/openid_configuration")
    no_document = await check(discovery_url=f"{far.url}/nothing")

    assert (good.works, good.keys, good.redirect_uri) == (True, Keys.GOOD, REDIRECT)
    assert (wrong.discovery_works, wrong.keys) == (True, Keys.WRONG)
    assert "does not know this client id" in wrong.sentences[1]
    assert (lost.discovery_works, lost.keys) == (False, Keys.UNTRIED)
    assert (no_document.discovery_works, no_document.works) == (False, False)


async def test_a_wrong_address_leaves_the_link_unused(
    far: Far, engine: AsyncEngine, clock: Clock, ours: Connection
) -> None:
    lost = far.connection(engine, clock, discovery_url=f"{nowhere()}/x")
    invitation = await lost.invite("w1", "alex", origin="dm")

    with pytest.raises(ConsentUnreachable) as caught:
        await lost.begin(invitation.token)

    assert caught.value.origin == "dm"
    await ours.begin(invitation.token)


async def test_the_discovery_document_is_kept_for_a_day(
    far: Far, ours: Connection, clock: Clock
) -> None:
    authority = Authority(far.http, clock)
    for _ in range(3):
        await authority.endpoints(far.app())
    assert len(await far.journal("/.well-known/")) == 1

    clock.advance(days=1)
    await far.order("/.well-known/", status=500)
    found = await authority.endpoints(far.app())

    # What was known goes on being used while the document cannot be read.
    assert found.token == f"{far.url}{TOKENS}"
    assert len(await far.journal("/.well-known/")) == 2


def test_intuits_keys_go_to_intuits_addresses_only() -> None:
    app = oauth.QuickBooksApp(
        Environment.PRODUCTION,
        "id",
        "secret",
        REDIRECT,
        *oauth.INTUIT[Environment.PRODUCTION],
    )
    document = {
        "authorization_endpoint": "https://appcenter.intuit.com/connect/oauth2",
        "token_endpoint": "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
        "revocation_endpoint": "https://developer.api.intuit.com/v2/oauth2/revoke",
    }
    found = oauth.endpoints(document, app)

    assert found is not None
    assert found.token == document["token_endpoint"]
    for crooked in (
        "https://intuit.com.evil.example/",
        "http://oauth.platform.intuit.com/",
        "https://evilintuit.com/",
        "",
        None,
        7,
    ):
        assert oauth.endpoints({**document, "token_endpoint": crooked}, app) is None


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"access_token": "a"},
        {"access_token": "a", "refresh_token": ""},
        {"access_token": "a b", "refresh_token": "r"},
        {"access_token": "a\r\nX-Evil: 1", "refresh_token": "r"},
        {"access_token": "a" * 9000, "refresh_token": "r"},
        {"access_token": 1, "refresh_token": "r"},
    ],
)
def test_a_crooked_grant_is_none(answer: dict[str, Any], clock: Clock) -> None:
    assert oauth.grant(answer, clock()) is None


@pytest.mark.parametrize("value", ["soon", -1, True, None, 1.5, 10**30])
def test_a_crooked_lifetime_does_no_harm(value: Any, clock: Clock) -> None:
    grant = oauth.grant(
        {"access_token": "a", "refresh_token": "r", "expires_in": value}, clock()
    )

    assert grant is not None
    assert grant.access_expires_at > clock()


def test_a_company_is_read_from_what_quickbooks_says() -> None:
    company = connections.company_of(
        Environment.PRODUCTION,
        "42",
        {
            "CompanyInfo": {
                "CompanyName": "Pennine\u202e\nTools",
                "Country": "GB",
                "FiscalYearStartMonth": "April",
            }
        },
        {
            "Preferences": {
                "SalesFormsPrefs": {"CustomTxnNumbers": True},
                "AccountingInfoPrefs": {"BookCloseDate": "2026-03-31"},
                "CurrencyPrefs": {"HomeCurrency": {"value": "GBP"}},
            }
        },
    )

    assert (company.name, company.country, company.currency) == (
        "Pennine Tools",
        "GB",
        "GBP",
    )
    assert company.fiscal_year_start_month == 4
    assert company.custom_txn_numbers
    assert company.book_close_date == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("info", "preferences"),
    [
        ({}, {}),
        ({"CompanyInfo": []}, {"Preferences": {"CurrencyPrefs": 1}}),
        (
            {"CompanyInfo": {"FiscalYearStartMonth": 7}},
            {"Preferences": {"AccountingInfoPrefs": {"BookCloseDate": "soon"}}},
        ),
    ],
)
def test_a_company_that_says_little_has_the_usual(
    info: dict[str, Any], preferences: dict[str, Any]
) -> None:
    company = connections.company_of(Environment.PRODUCTION, "42", info, preferences)

    assert (company.name, company.currency) == ("Company 42", "USD")
    assert company.fiscal_year_start_month == 1
    assert company.book_close_date is None


def test_a_state_of_connection_has_no_room_for_tokens() -> None:
    assert not [name for name in Connected.__dataclass_fields__ if "token" in name]

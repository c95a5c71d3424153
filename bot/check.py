"""What an operator wants to know before the first day: is it set up, does it work?"""

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from approvals import policy
from bot import app as program
from bot import database
from bot.settings import Settings, Unfit
from qbo.books import Environment
from qbo.connection import State
from qbo.faults import BooksFault

Say = Callable[[str], None]

GOOD, BAD, OFF = "ok  ", "FAIL", "off "


class _Report:
    """Lines for the operator, and whether all was well."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self.is_fine = True

    def good(self, what: str) -> None:
        self._say(f"{GOOD} {what}")

    def off(self, what: str) -> None:
        self._say(f"{OFF} {what}")

    def bad(self, what: str) -> None:
        self.is_fine = False
        self._say(f"{BAD} {what}")

    def note(self, what: str) -> None:
        self._say(f"     {what}")


async def run(environ: Mapping[str, str], say: Say) -> bool:
    """Say what is configured and what is not; True when nothing failed."""
    report = _Report(say)
    try:
        settings = Settings.read(environ)
    except Unfit as unfit:
        for problem in unfit.problems:
            report.bad(problem)
        return False
    report.good(f"settings; our address is {settings.base_url}")
    if not settings.public_url:
        report.note(
            "COUNTERSIGN_PUBLIC_URL is not set: Slack, Teams and Intuit cannot reach"
            " this address from outside."
        )
    if not await _database(settings, report):
        return False
    _policy(settings.policy, report)
    parts = program.assemble(settings, program.utc_now)
    try:
        await _quickbooks(parts, report)
        await _slack(parts, report)
        await _teams(parts, report)
        await _models(parts, report)
    finally:
        await parts.reader.close()
        await parts.http.aclose()
        await parts.engine.dispose()
    _people(settings, report)
    return report.is_fine


async def _database(settings: Settings, report: _Report) -> bool:
    is_sqlite = settings.database_url.startswith("sqlite")
    kind = "SQLite" if is_sqlite else "PostgreSQL"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = database.engine(settings.database_url)
    try:
        is_migrated = await database.is_migrated(engine)
    except (SQLAlchemyError, OSError) as failed:
        cause = getattr(failed, "orig", None) or failed
        report.bad(
            f"database ({kind}) cannot be used: {str(cause).splitlines()[0][:200]}"
        )
        return False
    finally:
        await engine.dispose()
    if is_migrated:
        report.good(f"database ({kind})")
    else:
        report.good(f"database ({kind}); its tables are made at the first start")
    return True


def _policy(path: Path | None, report: _Report) -> None:
    found = policy.load(path)
    if isinstance(found, policy.Broken):
        for each in found.mistakes:
            where = f" line {each.line}" if each.line else ""
            report.bad(f"policy{where}: {each.sentence}")
        report.note("until the policy is mended nothing is proposed, approved, posted")
    elif path is None:
        report.good("policy: any approver but the requester (no COUNTERSIGN_POLICY)")
    else:
        rules = "1 rule" if len(found.matches) == 1 else f"{len(found.matches)} rules"
        report.good(f"policy: {path} ({rules})")


async def _quickbooks(parts: program.Countersign, report: _Report) -> None:
    apps = program.quickbooks_apps(parts.settings)
    if not apps:
        report.off("QuickBooks: QUICKBOOKS_CLIENT_ID and _SECRET are not set")
        return
    for environment in apps:
        await _keys(parts, environment, report)
    report.note(f"redirect URI to register:    {parts.settings.redirect_uri}")
    report.note(f"webhook address to register: {parts.settings.webhook_url}")
    hostname = urlsplit(parts.settings.redirect_uri).hostname
    if Environment.PRODUCTION not in apps and hostname in {"127.0.0.1", "localhost"}:
        report.note(
            "this redirect URI works with Intuit's development keys only; production"
            " takes a public https address"
        )
    try:
        known = await parts.connection.all()
    except SQLAlchemyError:
        known = ()
    for connected in known:
        company = connected.company
        if connected.state not in {State.CONNECTED, State.CONFIRMING}:
            report.bad(f"company {company.title}: {connected.state.value}")
            continue
        try:
            await parts.connection.test(company.id)
        except BooksFault as fault:
            report.bad(f"company {company.title}: {fault.sentence}")
        else:
            report.good(f"company {company.title}: {connected.state.value}")
    if not known:
        report.note("no company is connected: an administrator says `connect` in chat")


async def _keys(
    parts: program.Countersign, environment: Environment, report: _Report
) -> None:
    tried = await parts.connection.check_app(environment)
    for sentence in tried.sentences:
        report.note(sentence)
    (report.good if tried.works else report.bad)(
        f"QuickBooks {environment.value}: keys {tried.keys.value}, address"
        f" {'reached' if tried.discovery_works else 'not reached'}"
    )


async def _slack(parts: program.Countersign, report: _Report) -> None:
    if parts.slack is None:
        report.off("Slack: SLACK_BOT_TOKEN is not set")
        return
    is_fine, sentence = await parts.slack.check()
    (report.good if is_fine else report.bad)(f"Slack: {sentence}")
    if parts.settings.slack_app_token is None:
        report.note(f"request URL to register: {parts.settings.base_url}/slack/events")


async def _teams(parts: program.Countersign, report: _Report) -> None:
    if parts.teams is None:
        report.off("Teams: MicrosoftAppId is not set")
        return
    is_fine, sentence = await parts.teams.check()
    (report.good if is_fine else report.bad)(f"Teams: {sentence}")
    report.note(
        f"messaging endpoint to register: {parts.settings.base_url}/api/messages"
    )


async def _models(parts: program.Countersign, report: _Report) -> None:
    if not parts.reader.is_on:
        report.off("language model: COUNTERSIGN_MODEL is not set, the grammar does it")
        return
    if not await database.is_migrated(parts.engine):
        report.note("a language model is tried once the tables are made")
        return
    for allowed, is_fine, sentence in await parts.reader.try_out(program.WORKSPACE):
        line = f"language model {allowed.title}: {sentence}"
        (report.good if is_fine else report.bad)(line)


def _people(settings: Settings, report: _Report) -> None:
    if settings.admins:
        report.good(f"first administrators: {', '.join(settings.admins)}")
    else:
        report.bad(
            "COUNTERSIGN_ADMINS is not set: nobody can connect a company or give access"
        )
    if settings.support:
        report.good(f"support: {settings.support}")
    else:
        report.off(
            "COUNTERSIGN_SUPPORT is not set: the administrators are named instead"
        )

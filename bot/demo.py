"""The demo: a simulated QuickBooks company beside Countersign, joined for real.

The simulator is a process of its own, spoken to over HTTP only. At the first
start the company is connected through the very consent that an admin goes
through: link, QuickBooks' page, code, "Yes, this company".
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import httpx
from cryptography.fernet import Fernet

from bot import app as program
from bot.settings import Settings, Unfit
from qbo.books import Environment
from qbo.connection import State

log = logging.getLogger(__name__)

COMPANY = "harbour-pine-us"
# The simulator's own app: known to everybody, and good for nothing else.
CLIENT_ID, CLIENT_SECRET = "simulator-client", "simulator-secret"
ADMIN = "demo-alex"
SIMULATOR_PORT = 8791
_READY = re.compile(r"http://[\w.:]+")


class DemoFailed(Exception):
    """The demo could not start; the text is a plain sentence."""


def folder(environ: Mapping[str, str]) -> Path:
    """Where the demo keeps its data."""
    return Path(environ.get("COUNTERSIGN_DATA_DIR") or "var") / "demo"


@contextlib.contextmanager
def alone(data: Path) -> Iterator[None]:
    """Hold the demo's data folder: two demos on one would spoil each other's books.

    Raises:
        DemoFailed: another demo holds it.
    """
    data.parent.mkdir(parents=True, exist_ok=True)
    with (data.parent / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            where = lock.read().strip()
            at = f" at {where}" if where else ""
            raise DemoFailed(
                f"A demo is running already{at}, with its data in {data}. End it with"
                " Ctrl-C first, or set COUNTERSIGN_DATA_DIR to another folder."
                " Nothing was changed."
            ) from None
        lock.truncate(0)
        yield


def tell_where(data: Path, address: str) -> None:
    """Leave our address for whoever finds the data folder held."""
    (data.parent / "demo.lock").write_text(f"{address}\n")


def reset(data: Path) -> None:
    """Forget everything the demo has kept."""
    shutil.rmtree(data, ignore_errors=True)


def check_books(environ: Mapping[str, str]) -> None:
    """Refuse to begin where real books are meant.

    Raises:
        Unfit: this is no place for a demo.
    """
    asked = environ.get("QUICKBOOKS_ENVIRONMENT", "simulator")
    if asked != Environment.SIMULATOR:
        sentence = (
            "The demo works with the simulated QuickBooks only, and"
            f" QUICKBOOKS_ENVIRONMENT is {asked}. Use `countersign serve`."
        )
        raise Unfit((sentence,))


def settings(environ: Mapping[str, str], data: Path, simulator: str) -> Settings:
    """The demo's settings: the simulator's address, own keys, Slack and Teams as set.

    Raises:
        Unfit: Slack or Teams are half configured.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("QUICKBOOKS_", "COUNTERSIGN_DATABASE"))
    }
    return Settings.read(
        {
            "COUNTERSIGN_PORT": str(free_port(8790)),
            **kept,
            "COUNTERSIGN_DATA_DIR": str(data),
            "COUNTERSIGN_SECRET_KEYS": _key(data),
            "QUICKBOOKS_ENVIRONMENT": "simulator",
            "QUICKBOOKS_CLIENT_ID": CLIENT_ID,
            "QUICKBOOKS_CLIENT_SECRET": CLIENT_SECRET,
            "QUICKBOOKS_API_URL": simulator,
            "QUICKBOOKS_DISCOVERY_URL": (
                f"{simulator}/.well-known/openid_sandbox_configuration"
            ),
        },
        demo=True,
    )


def free_port(wanted: int) -> int:
    """That port where nobody listens on it, else some other free one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise DemoFailed("No port is free on this machine.")


def _kept(path: Path, made: str) -> str:
    """A secret of the demo's own, made at the first start."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(made)
    return path.read_text().strip()


def _key(data: Path) -> str:
    return _kept(data / "secret-key", Fernet.generate_key().decode())


@contextlib.contextmanager
def simulator(data: Path, *more: str) -> Iterator[str]:
    """A QuickBooks simulator in its own process; yields its address.

    `more` are options of its command line.

    Raises:
        DemoFailed: it did not come up.
    """
    port = free_port(SIMULATOR_PORT)
    (data / "quickbooks").mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-m", "qbo.simulator", "--port", str(port)),
        *("--company", COMPANY, "--data", str(data / "quickbooks")),
        "--end-with-input",
        *more,
    ]
    # Its input is a pipe of ours: when we end, however we end, it reads the end
    # of it and ends too. A session of its own keeps the terminal's Ctrl-C for us.
    process = subprocess.Popen(  # noqa: S603 - our own program
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        first = process.stdout.readline()
        found = _READY.search(first)
        if found is None:
            raise DemoFailed(
                "The simulated QuickBooks did not start; it says above why. Its data"
                f" is in {data}. To forget all of the demo's data and begin anew, run"
                " `make demo RESET=1` (or `countersign demo --reset`)."
            )
        yield found[0]
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def run(chosen: Settings, *, announce: bool = True) -> None:
    """Serve until a signal comes; connects the company where it is not yet."""
    app = program.build(chosen)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    runner = await program.serve(app, chosen)
    try:
        await connect(app[program.PARTS])
        tell_where(chosen.data_dir, chosen.base_url)
        if announce:
            _announce(chosen)
        await stop.wait()
        if announce:
            print("\nStopping; the data is kept.", flush=True)  # noqa: T201
    finally:
        await runner.cleanup()


async def connect(parts: program.Countersign) -> None:
    """Connect the simulated company through the consent an admin goes through.

    Raises:
        DemoFailed: a step of it did not work.
    """
    for connected in await parts.connection.companies(program.WORKSPACE):
        if connected.state is State.CONNECTED:
            return
    invited = await parts.connection.invite(program.WORKSPACE, ADMIN)
    base = parts.settings.base_url
    async with httpx.AsyncClient(follow_redirects=True, timeout=60) as browser:
        page = await browser.post(
            f"{base}/oauth/quickbooks/start", data={"link": invited.token}
        )
        form = ConsentForm.of(page.text)
        back = await browser.post(
            urljoin(str(page.url), form.action), data=form.with_first_company()
        )
        if back.status_code >= httpx.codes.BAD_REQUEST:
            raise DemoFailed("The simulated company could not be connected.")
    for connected in await parts.connection.companies(program.WORKSPACE):
        if connected.state is State.CONFIRMING:
            await parts.connection.confirm(connected.company.id, ADMIN)
            await parts.ledger.load(connected.company.id)


class ConsentForm(HTMLParser):
    """What the consent page asks, as a browser would send it."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.choices: list[tuple[str, str]] = []
        self.accept: tuple[str, str] | None = None

    @staticmethod
    def of(page: str) -> "ConsentForm":
        """The form of a page."""
        form = ConsentForm()
        form.feed(page)
        return form

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the form's address and fields."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given.get("action", "")
        elif tag == "input" and given.get("type") == "hidden":
            self.fields[given.get("name", "")] = given.get("value", "")
        elif tag == "input" and given.get("type") == "radio":
            self.choices.append((given.get("name", ""), given.get("value", "")))
        elif tag == "button" and given.get("name") and self.accept is None:
            self.accept = (given["name"], given.get("value", ""))

    def with_first_company(self) -> dict[str, str]:
        """What choosing the first company and agreeing sends."""
        fields = dict(self.fields)
        if self.choices:
            name, value = self.choices[0]
            fields[name] = value
        if self.accept:
            fields[self.accept[0]] = self.accept[1]
        return fields


def _announce(chosen: Settings) -> None:
    chats = [
        name
        for name, is_on in (
            ("Slack", chosen.slack_is_on),
            ("Teams", chosen.teams_is_on),
        )
        if is_on
    ]
    also = f" {' and '.join(chats)} listen there too." if chats else ""
    print(  # noqa: T201 - this is what the person at the terminal waits for
        f"""
Countersign is ready. Open

    {chosen.base_url}/console/

and be Sam (staff), Priya (approver) or Alex (admin). Try, as Sam:

    who owes us money
    invoice Acme West for 10 hours consulting, net 30

then approve it as Priya. The simulated QuickBooks listens at
{chosen.quickbooks_api_url}.{also}
Ctrl-C ends both; the data stays in {chosen.data_dir} (RESET=1 starts afresh).
""",
        flush=True,
    )

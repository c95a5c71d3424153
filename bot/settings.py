"""Settings from the environment: typed, frozen, complete or refused.

Absence means off. Half a configuration is refused with every missing key named
at once. A secret may be given as a file: `X_FILE` holds the path of what `X`
would hold.
"""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot import model_settings
from qbo.books import Environment

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
CALLBACK_PATH = "/oauth/quickbooks/callback"


class Unfit(Exception):
    """The settings cannot be used. `problems` are sentences, all at once."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _parts(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _joining(value: Any) -> Any:
    parts = _parts(value)
    return () if parts == ("none",) else parts


class Settings(BaseModel):
    """Everything an operator can set; `docs/settings.md` is its page for people."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="ignore")

    data_dir: Path = Field(Path("var"), alias="COUNTERSIGN_DATA_DIR")
    database_address: str | None = Field(
        None, alias="COUNTERSIGN_DATABASE_URL", repr=False
    )
    host: str = Field("127.0.0.1", alias="COUNTERSIGN_HOST")
    port: int = Field(8790, alias="COUNTERSIGN_PORT", ge=0, le=65535)
    public_url: str | None = Field(None, alias="COUNTERSIGN_PUBLIC_URL")
    secret_keys: Annotated[tuple[SecretStr, ...], BeforeValidator(_parts)] = Field(
        (), alias="COUNTERSIGN_SECRET_KEYS"
    )
    admins: Annotated[tuple[str, ...], BeforeValidator(_parts)] = Field(
        (), alias="COUNTERSIGN_ADMINS"
    )
    join_by_email: Annotated[
        tuple[Literal["slack", "teams"], ...], BeforeValidator(_joining)
    ] = Field(("teams",), alias="COUNTERSIGN_JOIN_BY_EMAIL")
    policy: Path | None = Field(None, alias="COUNTERSIGN_POLICY")
    readonly: Annotated[tuple[str, ...], BeforeValidator(_parts)] = Field(
        (), alias="COUNTERSIGN_READONLY"
    )
    stale_after_hours: int = Field(
        24, alias="COUNTERSIGN_STALE_AFTER_HOURS", ge=1, le=24 * 14
    )
    late_after_minutes: int = Field(
        15, alias="COUNTERSIGN_LATE_AFTER_MINUTES", ge=1, le=24 * 60
    )
    support: str | None = Field(None, alias="COUNTERSIGN_SUPPORT")
    time_zone: str = Field("UTC", alias="COUNTERSIGN_TIME_ZONE")
    proxies: int = Field(0, alias="COUNTERSIGN_PROXIES", ge=0, le=9)
    watch_days: int = Field(400, alias="COUNTERSIGN_WATCH_DAYS", ge=1, le=4000)

    quickbooks_environment: Environment = Field(
        Environment.SANDBOX, alias="QUICKBOOKS_ENVIRONMENT"
    )
    quickbooks_client_id: str | None = Field(None, alias="QUICKBOOKS_CLIENT_ID")
    quickbooks_client_secret: SecretStr | None = Field(
        None, alias="QUICKBOOKS_CLIENT_SECRET"
    )
    quickbooks_redirect: str | None = Field(None, alias="QUICKBOOKS_REDIRECT_URI")
    quickbooks_webhook_token: SecretStr | None = Field(
        None, alias="QUICKBOOKS_WEBHOOK_VERIFIER_TOKEN"
    )
    quickbooks_sandbox_client_id: str | None = Field(
        None, alias="QUICKBOOKS_SANDBOX_CLIENT_ID"
    )
    quickbooks_sandbox_client_secret: SecretStr | None = Field(
        None, alias="QUICKBOOKS_SANDBOX_CLIENT_SECRET"
    )
    quickbooks_sandbox_webhook_token: SecretStr | None = Field(
        None, alias="QUICKBOOKS_SANDBOX_WEBHOOK_VERIFIER_TOKEN"
    )
    quickbooks_api_url: str | None = Field(None, alias="QUICKBOOKS_API_URL")
    quickbooks_discovery_url: str | None = Field(None, alias="QUICKBOOKS_DISCOVERY_URL")

    slack_bot_token: SecretStr | None = Field(None, alias="SLACK_BOT_TOKEN")
    slack_signing_secret: SecretStr | None = Field(None, alias="SLACK_SIGNING_SECRET")
    slack_app_token: SecretStr | None = Field(None, alias="SLACK_APP_TOKEN")
    slack_api_url: str = Field("https://slack.com/api/", alias="SLACK_API_URL")

    teams_app_type: Literal["SingleTenant", "UserAssignedMSI", "MultiTenant"] | None = (
        Field(None, alias="MicrosoftAppType")
    )
    teams_app_id: str | None = Field(None, alias="MicrosoftAppId")
    teams_tenant_id: str | None = Field(None, alias="MicrosoftAppTenantId")
    teams_password: SecretStr | None = Field(None, alias="MicrosoftAppPassword")
    teams_certificate: SecretStr | None = Field(None, alias="MicrosoftAppCertificate")
    teams_certificate_thumbprint: str | None = Field(
        None, alias="MicrosoftAppCertificateThumbprint"
    )

    model: Annotated[tuple[str, ...], BeforeValidator(_parts)] = Field(
        (), alias="COUNTERSIGN_MODEL"
    )
    model_url: str | None = Field(None, alias="COUNTERSIGN_MODEL_URL")
    model_tokens: int = Field(2_000_000, alias="COUNTERSIGN_MODEL_TOKENS", ge=1)
    anthropic_key: SecretStr | None = Field(None, alias="ANTHROPIC_API_KEY")
    anthropic_url: str | None = Field(None, alias="ANTHROPIC_BASE_URL")
    openai_key: SecretStr | None = Field(None, alias="OPENAI_API_KEY")
    gemini_key: SecretStr | None = Field(None, alias="GEMINI_API_KEY")
    gemini_url: str | None = Field(None, alias="GOOGLE_GEMINI_BASE_URL")

    demo: bool = False

    @staticmethod
    def read(environ: Mapping[str, str], **overrides: Any) -> "Settings":
        """The settings that an environment means.

        Raises:
            Unfit: something is malformed, half configured or unsafe.
        """
        values: dict[str, Any] = {}
        for spec in Settings.model_fields.values():
            name = spec.alias
            if name is None:
                continue
            if environ.get(name, "").strip():
                values[name] = environ[name].strip()
            elif path := environ.get(f"{name}_FILE", "").strip():
                values[name] = _file(name, path)
        try:
            settings = Settings.model_validate({**values, **overrides})
        except ValidationError as wrong:
            raise Unfit(
                tuple(
                    f"{fault['loc'][0]}: {fault['msg'].removeprefix('Value error, ')}."
                    for fault in wrong.errors()
                )
            ) from None
        if problems := settings.problems():
            raise Unfit(problems)
        return settings

    @property
    def database_url(self) -> str:
        """Where the rows are; a SQLite file in the data folder unless said."""
        return self.database_address or f"sqlite:///{self.data_dir / 'countersign.db'}"

    @property
    def base_url(self) -> str:
        """The address people and Intuit reach us at, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"

    @property
    def redirect_uri(self) -> str:
        """The consent callback, to be registered with Intuit byte for byte."""
        return self.quickbooks_redirect or f"{self.base_url}{CALLBACK_PATH}"

    @property
    def webhook_url(self) -> str:
        """Where Intuit sends its events, to be registered with Intuit."""
        return f"{self.base_url}/api/webhooks/quickbooks"

    @property
    def slack_is_on(self) -> bool:
        """Whether Slack is configured."""
        return self.slack_bot_token is not None

    @property
    def teams_is_on(self) -> bool:
        """Whether Teams is configured."""
        return self.teams_app_id is not None

    @property
    def quickbooks_is_on(self) -> bool:
        """Whether any QuickBooks keys are configured."""
        return bool(self.quickbooks_client_id or self.quickbooks_sandbox_client_id)

    @property
    def models(self) -> tuple[model_settings.Allowed, ...]:
        """The language models that may be asked, the first one first."""
        return model_settings.allowed(self.model, *self._model_ways())

    def _model_ways(
        self,
    ) -> tuple[dict[str, SecretStr | None], dict[str, str | None]]:
        keys = {
            "anthropic": self.anthropic_key,
            "openai": self.openai_key,
            "gemini": self.gemini_key,
        }
        urls = {
            "anthropic": self.anthropic_url,
            "openai": self.model_url,
            "gemini": self.gemini_url,
        }
        return keys, urls

    def problems(self) -> tuple[str, ...]:
        """What is missing, contradictory or unsafe, in sentences."""
        return (
            *self._base_problems(),
            *self._address_problems(),
            *self._quickbooks_problems(),
            *self._slack_problems(),
            *self._teams_problems(),
            *model_settings.problems(self.model, *self._model_ways()),
        )

    def _base_problems(self) -> list[str]:
        found = []
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):
            found.append(f"COUNTERSIGN_TIME_ZONE: {self.time_zone!r} is no time zone.")
        if not self.secret_keys:
            found.append(
                "COUNTERSIGN_SECRET_KEYS is missing: set the key that the server uses"
                " (of the demo: COUNTERSIGN_SECRET_KEYS_FILE=var/demo/secret-key), or,"
                " for a server that has none yet, one made with `countersign key`. A"
                " new key cannot read what another one has written."
            )
        for key in self.secret_keys:
            try:
                Fernet(key.get_secret_value())
            except ValueError:
                found.append(
                    "COUNTERSIGN_SECRET_KEYS holds something that is no Fernet key:"
                    " make one with `countersign key`."
                )
                break
        if self.demo and self.quickbooks_environment is not Environment.SIMULATOR:
            found.append("The demo works with the simulated QuickBooks only.")
        if self.demo and self.public_url:
            found.append(
                "The demo has no sign-in, so it does not run with"
                " COUNTERSIGN_PUBLIC_URL set."
            )
        return found

    def _address_problems(self) -> list[str]:
        found = []
        if self.public_url:
            parts = urlsplit(self.public_url)
            plain_is_fine = parts.hostname in _LOOPBACK
            if not parts.hostname or (parts.scheme != "https" and not plain_is_fine):
                found.append("COUNTERSIGN_PUBLIC_URL must be an https address.")
            elif parts.username or parts.query or parts.path.strip("/"):
                found.append(
                    "COUNTERSIGN_PUBLIC_URL must be a plain address, as in"
                    " https://countersign.example: no path, query or user in it."
                )
        if self.database_address:
            try:
                backend = make_url(self.database_address).get_backend_name()
            except (ArgumentError, ValueError):
                backend = ""
            if backend not in {"sqlite", "postgresql"}:
                found.append(
                    "COUNTERSIGN_DATABASE_URL must be sqlite:///path or"
                    " postgresql+psycopg://user:password@host/database."
                )
        return found

    def _quickbooks_problems(self) -> list[str]:
        found = _half(
            {
                "QUICKBOOKS_CLIENT_ID": self.quickbooks_client_id,
                "QUICKBOOKS_CLIENT_SECRET": self.quickbooks_client_secret,
            }
        ) + _half(
            {
                "QUICKBOOKS_SANDBOX_CLIENT_ID": self.quickbooks_sandbox_client_id,
                "QUICKBOOKS_SANDBOX_CLIENT_SECRET": (
                    self.quickbooks_sandbox_client_secret
                ),
            }
        )
        if self.quickbooks_client_id is None:
            return found
        if self.quickbooks_environment is Environment.SIMULATOR:
            found += [
                f"{name} is missing: where does the simulator listen?"
                for name, value in {
                    "QUICKBOOKS_API_URL": self.quickbooks_api_url,
                    "QUICKBOOKS_DISCOVERY_URL": self.quickbooks_discovery_url,
                }.items()
                if not value
            ]
        if self.quickbooks_environment.is_real:
            if not self.public_url:
                found.append(
                    "COUNTERSIGN_PUBLIC_URL is missing: production QuickBooks sends"
                    " people back to a public https address."
                )
            parts = urlsplit(self.redirect_uri)
            if parts.scheme != "https" or not _is_public(parts.hostname or ""):
                found.append(
                    f"The redirect URI {self.redirect_uri} will be refused by Intuit:"
                    " production takes https and a public host only."
                )
        if self.quickbooks_redirect and (
            urlsplit(self.quickbooks_redirect).path != CALLBACK_PATH
        ):
            found.append(
                f"QUICKBOOKS_REDIRECT_URI must end in {CALLBACK_PATH}: that is where"
                " we wait for people to come back."
            )
        return found

    def _slack_problems(self) -> list[str]:
        if not (
            self.slack_bot_token or self.slack_signing_secret or self.slack_app_token
        ):
            return []
        found = []
        if not self.slack_bot_token:
            found.append("SLACK_BOT_TOKEN is missing.")
        elif not self.slack_bot_token.get_secret_value().startswith("xoxb-"):
            found.append("SLACK_BOT_TOKEN must be a bot token (it starts with xoxb-).")
        if not (self.slack_signing_secret or self.slack_app_token):
            found.append(
                "SLACK_SIGNING_SECRET is missing (or SLACK_APP_TOKEN for Socket Mode)."
            )
        return found

    def _teams_problems(self) -> list[str]:
        given = {
            "MicrosoftAppType": self.teams_app_type,
            "MicrosoftAppId": self.teams_app_id,
            "MicrosoftAppTenantId": self.teams_tenant_id,
            "MicrosoftAppPassword": self.teams_password,
            "MicrosoftAppCertificate": self.teams_certificate,
        }
        if not any(given.values()):
            return []
        needed = ["MicrosoftAppType", "MicrosoftAppId", "MicrosoftAppTenantId"]
        if self.teams_certificate:
            if not self.teams_certificate_thumbprint:
                needed.append("MicrosoftAppCertificateThumbprint")
            given["MicrosoftAppCertificateThumbprint"] = (
                self.teams_certificate_thumbprint
            )
        elif self.teams_app_type != "UserAssignedMSI":
            needed.append("MicrosoftAppPassword")
        return [f"{name} is missing." for name in needed if not given[name]]


def _is_public(host: str) -> bool:
    """Whether Intuit would send people to that host: a real name, no address."""
    name = host.rstrip(".").lower()
    try:
        ipaddress.ip_address(name)
    except ValueError:
        private = (".local", ".localhost", ".internal", ".test", ".invalid")
        return "." in name and not name.endswith(private)
    return False


def _half(pair: Mapping[str, object]) -> list[str]:
    missing = [name for name, value in pair.items() if not value]
    return (
        [f"{name} is missing." for name in missing]
        if len(missing) not in {0, len(pair)}
        else []
    )


def _file(name: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError as wrong:
        raise Unfit(
            (f"{name}_FILE: {path} cannot be read ({wrong.strerror}).",)
        ) from None

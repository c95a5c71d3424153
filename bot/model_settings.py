"""Which language models the operator allows, read from the settings.

`COUNTERSIGN_MODEL=anthropic:NAME,openai:NAME` names one model a provider; the first
is the one that is asked unless a person chooses another. The libraries are an extra
of the package and are only looked for here, not imported.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import urlsplit

from pydantic import SecretStr

EXTRA = "countersign[model]"
_ALSO = {"google": "gemini", "claude": "anthropic"}


@dataclass(frozen=True, slots=True)
class Vendor:
    """One provider: whose it is, its key's setting, its library and its address."""

    title: str
    key: str
    library: str
    url: str


VENDORS: Mapping[str, Vendor] = {
    "anthropic": Vendor(
        "Anthropic", "ANTHROPIC_API_KEY", "anthropic", "https://api.anthropic.com"
    ),
    "openai": Vendor("OpenAI", "OPENAI_API_KEY", "openai", "https://api.openai.com/v1"),
    "gemini": Vendor(
        "Google",
        "GEMINI_API_KEY",
        "google.genai",
        "https://generativelanguage.googleapis.com",
    ),
}
URL_SETTINGS: Mapping[str, str] = {
    "anthropic": "ANTHROPIC_BASE_URL",
    "openai": "COUNTERSIGN_MODEL_URL",
    "gemini": "GOOGLE_GEMINI_BASE_URL",
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """One model that may be asked. `is_own`: at an address that the operator gave."""

    provider: str
    name: str
    key: SecretStr | None = None
    url: str = ""
    is_own: bool = False

    @property
    def title(self) -> str:
        """As people are told of it: "Anthropic (claude-haiku-4-5)"."""
        whose = VENDORS[self.provider].title
        if self.is_own and self.provider == "openai":
            whose = urlsplit(self.url).hostname or whose
        return f"{whose} ({self.name})"


def allowed(
    said: tuple[str, ...],
    keys: Mapping[str, SecretStr | None],
    urls: Mapping[str, str | None],
) -> tuple[Allowed, ...]:
    """The models that the settings name, the first one first."""
    made = []
    for each in said:
        provider, name = _parts(each)
        if provider in VENDORS and name:
            own = urls.get(provider)
            url = (own or VENDORS[provider].url).rstrip("/")
            made.append(
                Allowed(provider, name, keys.get(provider), url, is_own=bool(own))
            )
    return tuple(made)


def _parts(said: str) -> tuple[str, str]:
    provider, _, name = said.partition(":")
    word = provider.strip().lower()
    return _ALSO.get(word, word), name.strip()


def provider_called(word: str) -> str | None:
    """The provider that a person calls so."""
    word = word.strip().lower()
    word = _ALSO.get(word, word)
    return word if word in VENDORS else None


def problems(
    said: tuple[str, ...],
    keys: Mapping[str, SecretStr | None],
    urls: Mapping[str, str | None],
) -> list[str]:
    """What is wrong with these settings, in sentences."""
    if not said:
        if urls.get("openai"):
            return ["COUNTERSIGN_MODEL is missing: which model is at that address?"]
        return []
    found, seen = [], set()
    for each in said:
        provider, name = _parts(each)
        if provider not in VENDORS or not name:
            found.append(
                f"COUNTERSIGN_MODEL: {each!r} is no model. Write PROVIDER:NAME with"
                " anthropic, openai or gemini, as in openai:gpt-5-mini."
            )
        elif provider in seen:
            found.append(f"COUNTERSIGN_MODEL names {provider} twice; one is enough.")
        elif not keys.get(provider) and not (provider == "openai" and urls["openai"]):
            found.append(
                f"{VENDORS[provider].key} is missing: COUNTERSIGN_MODEL names"
                f" {provider}."
            )
        seen.add(provider)
    for provider, url in urls.items():
        if url and provider in seen and not _is_safe(url):
            found.append(
                f"{URL_SETTINGS[provider]} must be an https address, or one of your own"
                " network: what people write goes there."
            )
    if not found and (missing := _missing(seen)):
        found.append(
            f"COUNTERSIGN_MODEL needs the extra {EXTRA}, which is not installed"
            f" ({missing} is missing). `make setup` installs it; elsewhere, in a"
            " clone: pip install '.[model]'."
        )
    return found


def _missing(providers: set[str]) -> str | None:
    """The first library that is not there."""
    wanted = ["pydantic_ai", *(VENDORS[each].library for each in sorted(providers))]
    for name in wanted:
        try:
            if find_spec(name) is None:
                return name
        except ImportError:  # the package around it is not there
            return name
    return None


def _is_safe(url: str) -> bool:
    """Whether words may be sent there: encrypted, or not leaving the own network."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.username or parts.query:
        return False
    if parts.scheme == "https":
        return True
    if parts.scheme != "http":
        return False
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost"))

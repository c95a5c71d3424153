"""The one file that knows the library of language models, which is an extra.

One question, one request, one answer in the given form: no retries, no tools, no
conversation, no redirects, a bound on time and on size. What goes wrong is told as
one of a few words; what a provider wrote about it is neither kept nor logged, since
it may quote what was sent.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot import model_protocol
from bot.model_settings import Allowed

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai import Agent
    from pydantic_ai.models import Model
    from pydantic_ai.settings import ModelSettings

ANSWER_TOKENS_MAX = 1024
# An answer of a thousand tokens has a few thousand bytes; the rest is its envelope.
ANSWER_BYTES_MAX = 256 * 1024
_TOOL = "interpretation"


class Why(StrEnum):
    """Why there is no answer."""

    LATE = "late"
    LIMITED = "limited"
    REFUSED = "refused"
    UNREACHED = "unreached"
    FAILED = "failed"
    MALFORMED = "malformed"


class NoAnswer(Exception):
    """There is no answer that can be used. `is_billed`: it may cost something."""

    def __init__(self, why: Why, tokens: int = 0, *, is_billed: bool = True) -> None:
        super().__init__(why.value)
        self.why = why
        self.tokens = tokens
        self.is_billed = is_billed


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer in the right form, and the tokens that it cost (0: not said)."""

    reading: model_protocol.Reading
    tokens: int


class Calls:
    """The models that may be asked, made ready when the first question comes."""

    def __init__(self, allowed: tuple[Allowed, ...], seconds: float) -> None:
        self._allowed = {each.provider: each for each in allowed}
        self._seconds = seconds
        self._agents: dict[str, Agent[object, dict[str, Any]]] = {}
        self._lock = threading.Lock()
        self._http: httpx2.AsyncClient | None = None

    async def prepare(self) -> None:
        """Load the libraries now, and not when somebody waits for an answer."""
        for provider in self._allowed:
            await asyncio.to_thread(self._agent, provider)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._http is not None:
            await self._http.aclose()

    async def ask(self, provider: str, question: str) -> Answered:
        """One answer to one question.

        Raises:
            NoAnswer: for whatever reason.
        """
        try:
            async with asyncio.timeout(self._seconds):
                return await self._ask(provider, question)
        except TimeoutError:
            raise NoAnswer(Why.LATE) from None

    async def _ask(self, provider: str, question: str) -> Answered:
        from pydantic_ai import exceptions  # noqa: PLC0415 - an extra
        from pydantic_ai.usage import RunUsage  # noqa: PLC0415

        agent = await asyncio.to_thread(self._agent, provider)
        usage = RunUsage()
        try:
            ran = await agent.run(question, usage=usage)
            reading = model_protocol.Reading.model_validate(dict(ran.output))
        except (exceptions.ModelTimeoutError, exceptions.ModelRequestTimeout):
            raise NoAnswer(Why.LATE) from None
        except (exceptions.ModelRateLimitError, exceptions.ModelQuotaExceededError):
            raise NoAnswer(Why.LIMITED, is_billed=False) from None
        except exceptions.ModelConnectionError as failed:
            sent = failed.phase not in {"pool", "connect"}
            raise NoAnswer(Why.UNREACHED, is_billed=sent) from None
        except exceptions.ModelHTTPError as failed:
            own = failed.status_code < 500  # noqa: PLR2004 - HTTP's own classes
            why = Why.REFUSED if own else Why.FAILED
            raise NoAnswer(why, is_billed=False) from None
        except TimeoutError:
            raise
        except exceptions.ModelAPIError:
            raise NoAnswer(Why.FAILED, is_billed=False) from None
        except Exception:  # noqa: BLE001 - whatever a library makes of a hostile answer
            raise NoAnswer(Why.MALFORMED, _tokens(usage)) from None
        return Answered(reading, _tokens(usage))

    def _agent(self, provider: str) -> "Agent[object, dict[str, Any]]":
        with self._lock:
            if provider not in self._agents:
                self._agents[provider] = self._made(self._allowed[provider])
            return self._agents[provider]

    def _made(self, allowed: Allowed) -> "Agent[object, dict[str, Any]]":
        from pydantic_ai import Agent, StructuredDict, ToolOutput  # noqa: PLC0415

        answer = StructuredDict(model_protocol.form(), name=_TOOL)
        return Agent(
            self._model(allowed),
            output_type=ToolOutput(
                answer, name=_TOOL, description="What the message means."
            ),
            instructions=model_protocol.INSTRUCTIONS,
            retries=0,
            name="countersign",
            model_settings=_settings(allowed),
        )

    def _model(self, allowed: Allowed) -> "Model":
        """The library's way to one model, with our own bounds on the connection."""
        http = self._client()
        key = allowed.key.get_secret_value() if allowed.key else "none"
        # The addresses are always given: the libraries would take theirs from the
        # environment.
        if allowed.provider == "anthropic":
            from pydantic_ai.models.anthropic import AnthropicModel  # noqa: PLC0415
            from pydantic_ai.providers.anthropic import (  # noqa: PLC0415
                AnthropicProvider,
            )

            return AnthropicModel(
                allowed.name,
                provider=AnthropicProvider(
                    api_key=key, base_url=allowed.url, http_client=http
                ),
            )
        if allowed.provider == "gemini":
            from pydantic_ai.models.google import GoogleModel  # noqa: PLC0415
            from pydantic_ai.providers.google import GoogleProvider  # noqa: PLC0415

            return GoogleModel(
                allowed.name,
                provider=GoogleProvider(
                    api_key=key, base_url=allowed.url, http_client=http
                ),
            )
        return _openai(allowed, key, http)

    def _client(self) -> "httpx2.AsyncClient":
        if self._http is None:
            import httpx2  # noqa: PLC0415 - an extra

            self._http = httpx2.AsyncClient(
                timeout=httpx2.Timeout(self._seconds, connect=self._seconds / 2),
                follow_redirects=False,
                headers={"Accept-Encoding": "identity"},
                event_hooks={"response": [_bounded]},
            )
        return self._http


def _openai(allowed: Allowed, key: str, http: "httpx2.AsyncClient") -> "Model":
    """OpenAI itself by its newer protocol; anybody else by the one all speak."""
    from pydantic_ai.models.openai import (  # noqa: PLC0415 - an extra
        OpenAIChatModel,
        OpenAIResponsesModel,
    )
    from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415
    from pydantic_ai.providers.openai_compatible import (  # noqa: PLC0415
        OpenAICompatibleProvider,
    )

    if allowed.is_own:
        own = OpenAICompatibleProvider(
            "own", base_url=allowed.url, api_key=key, http_client=http
        )
        return OpenAIChatModel(allowed.name, provider=own)
    provider = OpenAIProvider(base_url=allowed.url, api_key=key, http_client=http)
    return OpenAIResponsesModel(allowed.name, provider=provider)


def _settings(allowed: Allowed) -> "ModelSettings":
    from pydantic_ai.models.openai import (  # noqa: PLC0415 - an extra
        OpenAIResponsesModelSettings,
    )
    from pydantic_ai.settings import ModelSettings  # noqa: PLC0415

    # Reading one message takes no thinking, and nobody waits that long.
    if allowed.provider == "openai" and not allowed.is_own:
        return OpenAIResponsesModelSettings(
            max_tokens=ANSWER_TOKENS_MAX,
            max_retries=0,
            thinking=False,
            # Answers are kept by OpenAI unless told otherwise.
            openai_store=False,
        )
    return ModelSettings(max_tokens=ANSWER_TOKENS_MAX, max_retries=0, thinking=False)


def _tokens(usage: Any) -> int:
    said = usage.input_tokens + usage.output_tokens
    return said if isinstance(said, int) and said > 0 else 0


async def _bounded(response: "httpx2.Response") -> None:
    """Let an answer be read no further than it can be long."""
    import httpx2  # noqa: PLC0415 - an extra

    class Bounded(httpx2.AsyncByteStream):
        """The bytes of one answer, as long as there are not too many."""

        def __init__(self, stream: Any, most: int) -> None:
            self._stream = stream
            self._left = most

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for chunk in self._stream:
                self._left -= len(chunk)
                if self._left < 0:
                    raise httpx2.ReadError("the answer is too long")
                yield chunk

        async def aclose(self) -> None:
            await self._stream.aclose()

    # Packed bytes may unfold to a thousand times as many.
    packed = response.headers.get("content-encoding", "identity") != "identity"
    most = ANSWER_BYTES_MAX // 8 if packed else ANSWER_BYTES_MAX
    response.stream = Bounded(response.stream, most)

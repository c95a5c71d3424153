"""A provider of language models on loopback: it speaks the real protocols.

It answers with whatever the test wants said, in the form of the protocol that it was
spoken to in, and keeps every byte that came in.
"""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]
TOOL = "interpretation"


@dataclass
class Provider:
    """What it says, and what it was sent.

    `answer` is the interpretation it gives; `raw` a whole response in its place.
    """

    url: str = ""
    answer: Any = field(default_factory=lambda: {"kind": "unclear"})
    raw: Callable[[], web.StreamResponse] | None = None
    tokens: tuple[int, int] = (700, 40)
    gate: asyncio.Event | None = None
    arrived: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def forget(self) -> None:
        """Begin anew, at the same address."""
        fresh = Provider()
        self.answer, self.raw, self.tokens = fresh.answer, None, fresh.tokens
        self.gate, self.arrived = None, []

    def says(self, action: str | None, kind: str = "write", **arguments: Any) -> None:
        """Let it answer with an action and its arguments."""
        self.answer = {"kind": kind, "action": action, "arguments": arguments}

    def fails(self, status: int, body: Json | None = None, **headers: str) -> None:
        """Let it answer with an error."""
        text = json.dumps(body or {"error": {"message": "no", "type": "error"}})
        self.raw = lambda: web.Response(
            status=status, text=text, content_type="application/json", headers=headers
        )

    @property
    def sent(self) -> str:
        """All that it was sent, bodies and headers, as one text."""
        return "\n".join(
            f"{path}\n{headers}\n{body.decode()}"
            for path, headers, body in self.arrived
        )

    def question(self, at: int = -1) -> Json:
        """The question itself, out of whatever protocol it came in."""
        found: Json = json.loads(_text(json.loads(self.arrived[at][2])))
        return found

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.arrived.append((request.path_qs, dict(request.headers), body))
        if self.gate is not None:
            await self.gate.wait()
        if self.raw is not None:
            return self.raw()
        said = self.answer if isinstance(self.answer, str) else json.dumps(self.answer)
        make = {
            "/v1/chat/completions": _chat,
            "/v1/responses": _responses,
            "/v1/messages": _messages,
        }.get(request.path, _gemini)
        return web.json_response(make(json.loads(body), said, self.tokens))


def packed(size: int) -> web.Response:
    """Few bytes that unfold to many."""
    return web.Response(
        body=gzip.compress(b" " * size),
        headers={"Content-Encoding": "gzip", "Content-Type": "application/json"},
    )


@asynccontextmanager
async def provider() -> AsyncIterator[Provider]:
    """A provider that listens."""
    made = Provider()
    app = web.Application(client_max_size=1024**2)
    app.router.add_route("*", "/{rest:.*}", made.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        if made.gate is not None:
            made.gate.set()
        await runner.cleanup()


def _text(body: Json) -> str:
    """The words of the user's turn."""
    if "contents" in body:
        return str(body["contents"][-1]["parts"][0]["text"])
    turns = body.get("messages") or body["input"]
    content = turns[-1]["content"]
    return content if isinstance(content, str) else str(content[0]["text"])


# https://platform.openai.com/docs/api-reference/chat/object
def _chat(body: Json, said: str, tokens: tuple[int, int]) -> Json:
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": TOOL, "arguments": said},
    }
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": {
            "prompt_tokens": tokens[0],
            "completion_tokens": tokens[1],
            "total_tokens": sum(tokens),
        },
    }


# https://platform.openai.com/docs/api-reference/responses/object
def _responses(body: Json, said: str, tokens: tuple[int, int]) -> Json:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_790_000_000,
        "status": "completed",
        "model": body["model"],
        "parallel_tool_calls": True,
        "tool_choice": "required",
        "tools": [],
        "output": [
            {
                "type": "function_call",
                "id": "fc_1",
                "call_id": "call_1",
                "name": TOOL,
                "arguments": said,
                "status": "completed",
            }
        ],
        "usage": {
            "input_tokens": tokens[0],
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": tokens[1],
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": sum(tokens),
        },
    }


# https://docs.anthropic.com/en/api/messages
def _messages(body: Json, said: str, tokens: tuple[int, int]) -> Json:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [
            {"type": "tool_use", "id": "tu_1", "name": TOOL, "input": json.loads(said)}
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": tokens[0], "output_tokens": tokens[1]},
    }


# https://ai.google.dev/api/generate-content
def _gemini(body: Json, said: str, tokens: tuple[int, int]) -> Json:
    del body
    call = {"functionCall": {"name": TOOL, "args": json.loads(said)}}
    return {
        "candidates": [
            {
                "content": {"role": "model", "parts": [call]},
                "finishReason": "STOP",
                "index": 0,
            }
        ],
        "usageMetadata": {
            "promptTokenCount": tokens[0],
            "candidatesTokenCount": tokens[1],
            "totalTokenCount": sum(tokens),
        },
        "modelVersion": "gemini",
    }

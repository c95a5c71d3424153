"""One turn of the Bot Framework; the only file that imports botbuilder.

botbuilder-core dispatches: an activity goes through its pipeline to the method
for its kind. Its CloudAdapter is not used: that serialises the answer of every
invoke twice and so fails all of them. Nothing is sent from within a turn.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from botbuilder.core import ActivityHandler, BotAdapter, InvokeResponse, TurnContext
from botbuilder.schema import (
    Activity,
    ActivityTypes,
    ChannelAccount,
    ConversationAccount,
    ResourceResponse,
)

_RAW = "countersign.activity"
_ANSWER = "countersign.answer"

Json = Mapping[str, Any]


class Turns(ActivityHandler):  # type: ignore[misc]
    """Dispatches activities to what they do."""

    def __init__(
        self,
        heard: Callable[[Json], Awaitable[None]],
        pressed: Callable[[Json], Awaitable[Json]],
        met: Callable[[Json], Awaitable[None]],
    ) -> None:
        """Each is given the activity's own JSON; `pressed` returns the answer."""
        self._heard = heard
        self._pressed = pressed
        self._met = met
        self._adapter = _Adapter()

    async def run(self, found: Json) -> tuple[int, Json | None]:
        """Run a turn: the HTTP status and body to answer with."""
        context = TurnContext(self._adapter, _model(found))
        context.turn_state[_RAW] = found
        await self._adapter.run_pipeline(context, self.on_turn)
        answer = context.turn_state.get(_ANSWER)
        if answer is None:
            return 200, None
        return int(answer.status), answer.body

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """A message to us."""
        await self._heard(turn_context.turn_state[_RAW])

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        """Somebody came or went, perhaps we."""
        await self._met(turn_context.turn_state[_RAW])

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        """We were installed or removed."""
        await self._met(turn_context.turn_state[_RAW])

    async def on_invoke_activity(self, turn_context: TurnContext) -> InvokeResponse:
        """A button; other invokes are not ours."""
        if turn_context.activity.name != "adaptiveCard/action":
            return InvokeResponse(status=501)
        body = await self._pressed(turn_context.turn_state[_RAW])
        return InvokeResponse(status=200, body=body)


class _Adapter(BotAdapter):  # type: ignore[misc]
    """Keeps what a turn answers, for the request that it came with."""

    async def send_activities(
        self, context: TurnContext, activities: list[Activity]
    ) -> list[ResourceResponse]:
        """Keep the answer of an invoke."""
        for each in activities:
            assert each.type == ActivityTypes.invoke_response, "a turn sends nothing"
            context.turn_state[_ANSWER] = each.value
        return [ResourceResponse() for _ in activities]

    async def update_activity(self, context: TurnContext, activity: Activity) -> None:
        """Nothing is edited from within a turn."""
        raise AssertionError(f"a turn edits nothing: {context}, {activity.type}")

    async def delete_activity(self, context: TurnContext, reference: Any) -> None:
        """Nothing is deleted from within a turn."""
        raise AssertionError(f"a turn deletes nothing: {context}, {type(reference)}")


def _model(found: Json) -> Activity:
    """As much of an activity as the SDK needs for dispatching it."""

    def id_of(name: str) -> Any:
        value = found.get(name)
        return value.get("id") if isinstance(value, Mapping) else None

    return Activity(
        type=found["type"],
        name=found.get("name"),
        id=found.get("id"),
        channel_id=found.get("channelId"),
        service_url=found.get("serviceUrl"),
        conversation=ConversationAccount(id=id_of("conversation")),
        from_property=ChannelAccount(id=id_of("from")),
        recipient=ChannelAccount(id=id_of("recipient")),
    )

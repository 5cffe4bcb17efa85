"""Fifth step, once the reply was heard or cut: keep of it what was heard, and carry out what the user wants of memory.

What long-term memory does not take now is tried again with the next turn.
"""

import anyio
import structlog
from langgraph.runtime import Runtime

from graph.context import GraphContext
from graph.state import Said, State, Update, placed
from memory.types import MemoryId
from resilience.errors import EngineError

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 30.0


async def remember(state: State, runtime: Runtime[GraphContext]) -> Update:
    context = runtime.context
    heard = state.heard.strip()
    messages = state.messages
    if heard:
        messages = placed(messages, Said(state.turn, "assistant", heard, cut=not state.complete))
    news = state.candidates
    if state.intent in {"confirm", "forget-last"}:
        news = [each for each in news if each.source.turn == state.turn]
    gone = [*state.to_forget, *(each for each in state.forgets if each not in state.to_forget)]
    troubles = [*state.troubles]
    try:
        with anyio.fail_after(PATIENCE_SECONDS):
            if gone:
                await context.memory.forget(context.user, [MemoryId(each) for each in gone])
                gone = []
            if news:
                await context.memory.remember(context.user, news)
                news = []
    except (EngineError, TimeoutError) as exc:
        code = exc.code if isinstance(exc, EngineError) else "engine-timeout"
        log.warning("memories not kept", code=code)
        troubles.append(f"memory:{code}")
    return {
        "messages": messages,
        "last_answer": state.answer if heard and state.answer and state.intent != "repeat" else state.last_answer,
        # A question that was not heard cannot be answered with yes.
        "confirming": state.asks if state.complete or len(heard) > len(state.answer) // 2 else "",
        "candidates": news,
        "to_forget": gone,
        "asks": "",
        "forgets": [],
        "troubles": troubles,
    }

"""Second step: decide what kind of turn this is. No model is asked."""

from graph.intents import wish_of
from graph.state import State, Update


async def route(state: State) -> Update:
    wish = wish_of(state.question, confirming=state.confirming == "forget-everything")
    return {"intent": wish.intent, "about": wish.about}

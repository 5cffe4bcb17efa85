"""Second step: decide what kind of turn this is. No model is asked."""

from graph.intents import Wish, wish_of
from graph.record import is_aside
from graph.state import State, Update


async def route(state: State) -> Update:
    wish = wish_of(state.question, confirming=state.confirming)
    if wish.intent == "forget" and is_aside(state.question):
        wish = Wish("chat")  # "don't remember this, but …" tells something, and asks for nothing to be erased
    update: Update = {"intent": wish.intent, "about": wish.about}
    if wish.intent == "off-record" and not state.off_the_record:
        update |= {"off_the_record": state.turn, "unnoted": True}
    return update

"""Second step: decide what kind of turn this is. No model is asked."""

from langgraph.runtime import Runtime

from graph.context import GraphContext
from graph.intent_words import CONTROLS
from graph.intents import Wish, wish_of
from graph.record import is_aside
from graph.state import State, Update


async def route(state: State, runtime: Runtime[GraphContext]) -> Update:
    desk = runtime.context.desk
    wish = wish_of(state.question, confirming=state.confirming, language=desk.language if desk else "en")
    if wish.intent == "forget" and is_aside(state.question):
        wish = Wish("chat")  # "don't remember this, but …" tells something, and asks for nothing to be erased
    if wish.intent == "meant" and desk is None:
        wish = Wish("chat")  # nobody can take the last turn back, so it is one more thing that is said
    update: Update = {"intent": wish.intent, "about": wish.about}
    if wish.intent in CONTROLS:
        update["candidates"] = [each for each in state.candidates if each.source.turn != state.turn]
        update["withheld"] = []
    if wish.intent == "off-record" and not state.off_the_record:
        update |= {"off_the_record": state.turn, "unnoted": True}
    return update

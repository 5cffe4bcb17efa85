"""The workflow: extract → route → retrieve → generate, and, once it is known what was heard, remember → summarise."""

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graph.context import GraphContext
from graph.nodes.extract import extract
from graph.nodes.generate import generate
from graph.nodes.remember import remember
from graph.nodes.retrieve import retrieve
from graph.nodes.route import route
from graph.nodes.summarise import summarise
from graph.state import Asked, State

Graph = CompiledStateGraph[State, GraphContext, Asked, State]

ANSWERED, SETTLED = "generate", "summarise"
"""The nodes after which a run rests: the answer is given; the turn is over."""


def build(checkpoints: BaseCheckpointSaver[str]) -> Graph:
    graph = StateGraph(State, context_schema=GraphContext, input_schema=Asked)
    graph.add_node("extract", extract)
    graph.add_node("route", route)
    graph.add_node("retrieve", retrieve)
    graph.add_node("generate", generate)
    graph.add_node("remember", remember)
    graph.add_node("summarise", summarise)
    graph.add_edge(START, "extract")
    graph.add_edge("extract", "route")
    graph.add_edge("route", "retrieve")
    graph.add_edge("retrieve", "generate")
    graph.add_edge("generate", "remember")
    graph.add_edge("remember", "summarise")
    graph.add_edge("summarise", END)
    return graph.compile(checkpointer=checkpoints)

"""Whose turn it is at a model."""

import anyio
import pytest
from anyio import wait_all_tasks_blocked
from anyio.lowlevel import checkpoint

from graph.models.turns import Turns

pytestmark = pytest.mark.anyio


async def test_answers_go_before_asides_each_in_the_order_they_came() -> None:
    turns, went = Turns(), list[str]()

    async def go(name: str) -> None:
        with turns.turn(aside=name.startswith("aside")) as turn:
            await turn.take()
            went.append(name)
            await checkpoint()

    async with anyio.create_task_group() as tasks:
        with turns.turn(aside=False) as turn:
            await turn.take()
            for name in ("aside 1", "answer 1", "aside 2", "answer 2"):
                tasks.start_soon(go, name)
                await wait_all_tasks_blocked()
    assert went == ["answer 1", "answer 2", "aside 1", "aside 2"]
    assert turns.free


async def test_who_passes_the_turn_on_has_it_again_after_those_who_waited() -> None:
    turns, went = Turns(), list[str]()

    async def go() -> None:
        with turns.turn(aside=False) as turn:
            await turn.take()
            went.append("other")

    async with anyio.create_task_group() as tasks:
        with turns.turn(aside=True) as turn:
            await turn.take()
            tasks.start_soon(go)
            await wait_all_tasks_blocked()
            assert turns.wanted
            await turn.pass_on()
            went.append("first")
    assert went == ["other", "first"]


async def test_who_leaves_the_queue_is_not_called() -> None:
    turns = Turns()
    with turns.turn(aside=False) as turn:
        await turn.take()
        with anyio.move_on_after(0.01), turns.turn(aside=False) as other:
            await other.take()
        assert not turns.wanted
    assert turns.free


async def test_who_is_cancelled_in_the_moment_of_being_called_gives_the_turn_back() -> None:
    turns = Turns()

    async def go() -> None:
        with turns.turn(aside=False) as turn:
            await turn.take()

    async with anyio.create_task_group() as tasks:
        with turns.turn(aside=False) as turn:
            await turn.take()
            tasks.start_soon(go)
            await wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    assert turns.free

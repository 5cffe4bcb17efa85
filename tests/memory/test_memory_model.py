"""What a store does in any order of calls, against the plainest model of it: lists of texts."""

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from qdrant_client import QdrantClient

from memory.edge_shard import open_edge_shelf
from memory.indexing import Embedded, Model
from memory.qdrant_server import ServerPoints
from memory.shelf import Shelf
from memory.types import USER, Memory, MemoryId, NewMemory, Source, UserId

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MODEL = Model("dice/1", 4)
QUESTIONS = {"home": "where do I live in place{}", "likes": "do I like place{}", "": "what happened in place{}"}

users = st.sampled_from([UserId("sarah"), UserId("tom")])
others = {UserId("sarah"): UserId("tom"), UserId("tom"): UserId("sarah")}
tellings = st.tuples(
    st.sampled_from(sorted(QUESTIONS)), st.integers(0, 5), st.sampled_from([USER, "Anna"]), st.sampled_from("tu")
)


@dataclass
class Known:
    """What the model knows of a memory: of what it takes the place, and whether it stands."""

    new: NewMemory
    by: MemoryId | None = None


class AnyOrder(RuleBasedStateMachine):
    shelf: Shelf

    def __init__(self) -> None:
        super().__init__()
        self.minutes = 0
        self.known: dict[UserId, dict[MemoryId, Known]] = {UserId("sarah"): {}, UserId("tom"): {}}

    def telling(self, topic: str, place: int, subject: str, thread: str) -> NewMemory:
        self.minutes += 1
        who = "The user" if subject == USER else subject
        verb = {"home": "lives in", "likes": "likes", "": "was happy in"}[topic]
        said_at, source = NOON + timedelta(minutes=self.minutes), Source(thread, f"turn-{self.minutes}")
        text = f"{who} {verb} place{place}."
        return NewMemory(text, "fact", said_at, source, topic, topic == "likes", subject=subject)

    def vectors(self, number: int) -> Embedded | None:
        """Now and then the embedder is away."""
        if self.minutes % 5 == 0:
            return None
        return Embedded(MODEL, np.random.default_rng(self.minutes).normal(size=(2 * number, 4)).astype(np.float32))

    def tell(self, user: UserId, new: NewMemory, id_: MemoryId) -> None:
        mine = self.known[user]
        if mine.get(id_) is None:
            for each in mine.values():
                one = (each.new.topic, each.new.subject) == (new.topic, new.subject) == ("home", new.subject)
                if one and each.by is None:
                    each.by = id_
            mine[id_] = Known(new)

    def same(self, user: UserId, new: NewMemory) -> MemoryId | None:
        return next((id_ for id_, each in self.known[user].items() if not each.by and each.new.text == new.text), None)

    @rule(user=users, told=st.lists(tellings, min_size=1, max_size=4))
    def remember(self, user: UserId, told: list[tuple[str, int, str, str]]) -> None:
        news = [self.telling(*each) for each in told]
        answers = self.shelf.remember(user, news, self.vectors(len(news)))
        for new, answer in zip(news, answers, strict=True):
            same = self.same(user, new)
            assert same in (None, answer.id)
            assert answer.text == new.text
            self.tell(user, new, answer.id)
        assert answers == tuple(self.memory(user, each.id, each) for each in answers)

    @rule(user=users, told=tellings, data=st.data())
    def correct(self, user: UserId, told: tuple[str, int, str, str], data: st.DataObject) -> None:
        wrong, new = self.one_of(user, data), self.telling(*told)
        right = self.shelf.correct(user, wrong, new, self.vectors(1))
        mine = self.known[user]
        if wrong not in mine or mine[wrong].by is not None:
            assert right is None
            return
        assert right is not None
        mine[wrong].by = right.id
        assert self.same(user, new) in (None, right.id)
        self.tell(user, new, right.id)

    @precondition(lambda self: max(map(len, self.known.values())) > 3)
    @rule(user=users, data=st.data())
    def forget(self, user: UserId, data: st.DataObject) -> None:
        id_, mine = self.one_of(user, data), self.known[user]
        going = {id_} & mine.keys()
        while more := {key for key, each in mine.items() if each.by in going} - going:
            going |= more
        assert self.shelf.forget(user, [id_]) == len(going)
        for key in going:
            del mine[key]

    @precondition(lambda self: max(map(len, self.known.values())) > 9)
    @rule(user=users)
    def forget_all(self, user: UserId) -> None:
        assert self.shelf.forget_all(user) == len(self.known[user])
        self.known[user].clear()

    @rule(user=users, told=tellings, with_meaning=st.booleans())
    def search(self, user: UserId, told: tuple[str, int, str, str], with_meaning: bool) -> None:
        topic, place, _, _ = told
        meaning = np.ones(4, np.float32) if with_meaning else None
        found = self.shelf.search(user, QUESTIONS[topic].format(place), 50, NOON, MODEL, meaning)
        standing = {id_ for id_, each in self.known[user].items() if each.by is None}
        assert {each.memory.id for each in found} <= standing
        asked = self.same(user, self.telling(topic, place, USER, "t"))
        assert asked is None or asked in {each.memory.id for each in found}

    @rule()
    def embed(self) -> None:
        ids = self.shelf.unembedded()[:3]
        texts = self.shelf.texts(ids)
        rows = np.random.default_rng(1).normal(size=(2 * len(texts), 4)).astype(np.float32)
        self.shelf.embed([each.id for each in texts], Embedded(MODEL, rows))
        assert not set(ids) & set(self.shelf.unembedded())

    @invariant()
    def everything_is_as_the_model_has_it(self) -> None:
        for user, mine in self.known.items():
            ever = self.shelf.everything(user, True)
            assert ever == tuple(self.memory(user, id_, mem) for id_, mem in zip(mine, ever, strict=True))
            assert self.shelf.everything(user, False) == tuple(each for each in ever if each.superseded_by is None)
        done, total = self.shelf.embedded(MODEL)
        assert total == sum(each.by is None for mine in self.known.values() for each in mine.values())
        assert total - done == len(self.shelf.unembedded())

    def memory(self, user: UserId, id_: MemoryId, like: Memory) -> Memory:
        known = self.known[user][id_]
        return replace(
            like,
            id=id_,
            text=known.new.text,
            said_at=known.new.said_at,
            source=known.new.source,
            superseded_by=known.by,
        )

    def one_of(self, user: UserId, data: st.DataObject) -> MemoryId:
        """One of theirs, mostly; or one of somebody else's."""
        mine, not_mine = [*self.known[user]], [*self.known[others[user]], MemoryId("nonsense")]
        return data.draw(st.sampled_from(not_mine if not mine or data.draw(st.integers(0, 4)) == 4 else mine))


class AnyOrderInEdge(AnyOrder):
    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.shelf = self.stack.enter_context(open_edge_shelf(Path(folder)))
        self.shelf.prepare(MODEL)

    def teardown(self) -> None:
        self.stack.close()


class AnyOrderOnServer(AnyOrder):
    def __init__(self) -> None:
        super().__init__()
        self.client = QdrantClient(":memory:")
        points = ServerPoints(self.client, "memories")
        points.lay_out(indexed=False)
        self.shelf = Shelf(points, alone=False)
        self.shelf.prepare(MODEL)

    def teardown(self) -> None:
        self.client.close()


EDGE_EXAMPLES, SERVER_EXAMPLES, STEPS = 2, 8, 30

TestAnyOrderInEdge = AnyOrderInEdge.TestCase
TestAnyOrderInEdge.settings = settings(max_examples=EDGE_EXAMPLES, stateful_step_count=STEPS, deadline=None)
TestAnyOrderOnServer = AnyOrderOnServer.TestCase
TestAnyOrderOnServer.settings = settings(max_examples=SERVER_EXAMPLES, stateful_step_count=STEPS, deadline=None)

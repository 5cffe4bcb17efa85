"""What every store of memories promises, asked of each."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from memory.in_process import open_in_process
from memory.protocols import LongTermMemory
from memory.qdrant_edge import open_qdrant_edge
from memory.qdrant_server import open_qdrant_local
from memory.types import EVERYTHING, Kind, Memory, MemoryId, NewMemory, Page, Part, Recalled, Source, UserId
from resilience.errors import InputRejected

pytestmark = pytest.mark.anyio

SARAH, TOM = UserId("sarah"), UserId("tom")
NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def told(
    text: str, topic: str = "", *, many: bool = False, minutes: float = 0, kind: Kind = "fact", turn: str = "turn-1"
) -> NewMemory:
    return NewMemory(text, kind, NOON + timedelta(minutes=minutes), Source("thread-1", turn), topic, many)


NAME = told("The user's name is Sarah.", "name")
HOME = told("The user lives in London.", "home")
DOG = told("The user's dog is called Rex.", "dog", kind="relation")
TEA = told("The user likes green tea.", "likes", many=True, kind="preference")


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """A real clock: one of the stores is a process. `test_qdrant_edge` has trio too."""
    return "asyncio"


@pytest.fixture(scope="module", params=["in process", "qdrant edge", "qdrant server"])
async def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[LongTermMemory]:
    match request.param:
        case "in process":
            async with open_in_process() as plain:
                yield plain
        case "qdrant edge":
            async with open_qdrant_edge(tmp_path_factory.mktemp("memories") / "memory") as edge:
                yield edge
        case _:
            async with open_qdrant_local() as server:
                yield server


class Apart:
    """A store that many tests share, each with users of its own."""

    def __init__(self, store: LongTermMemory, test: str) -> None:
        self._store = store
        self._test = test

    def _its(self, user: UserId) -> UserId:
        return UserId(f"{self._test}/{user}")

    async def remember(self, user: UserId, news: Sequence[NewMemory]) -> tuple[Memory, ...]:
        return await self._store.remember(self._its(user), news)

    async def correct(self, user: UserId, id_: MemoryId, new: NewMemory) -> Memory | None:
        return await self._store.correct(self._its(user), id_, new)

    async def search(
        self, user: UserId, query: str, *, limit: int = 5, now: datetime | None = None
    ) -> tuple[Recalled, ...]:
        return await self._store.search(self._its(user), query, limit=limit, now=now)

    async def everything(self, user: UserId, *, superseded: bool = False) -> tuple[Memory, ...]:
        return await self._store.everything(self._its(user), superseded=superseded)

    async def page(self, user: UserId, part: Part = EVERYTHING, *, after: int | None = None, limit: int = 100) -> Page:
        return await self._store.page(self._its(user), part, after=after, limit=limit)

    async def counts(self, user: UserId) -> Mapping[Kind, int]:
        return await self._store.counts(self._its(user))

    async def behind(self, user: UserId, ids: Sequence[MemoryId]) -> tuple[Memory, ...]:
        return await self._store.behind(self._its(user), ids)

    async def forget(self, user: UserId, ids: Sequence[MemoryId]) -> int:
        return await self._store.forget(self._its(user), ids)

    async def forget_all(self, user: UserId) -> int:
        return await self._store.forget_all(self._its(user))


@pytest.fixture
def memory(store: LongTermMemory, request: pytest.FixtureRequest) -> LongTermMemory:
    return Apart(store, request.node.name)


WHOLE = NewMemory(
    "Anna moves to Lyon.",
    "event",
    NOON,
    Source("thread-7", "turn-3"),
    "move",
    confidence=0.6,
    subject="Anna",
    context="What is new with your sister? Anna moves to Lyon in June.",
    valid_from=NOON + timedelta(days=30),
    valid_until=NOON + timedelta(days=31),
)


async def texts(memory: LongTermMemory, user: UserId = SARAH) -> list[str]:
    return [each.text for each in await memory.everything(user)]


async def found(memory: LongTermMemory, query: str, user: UserId = SARAH) -> list[str]:
    return [each.memory.text for each in await memory.search(user, query)]


async def test_what_was_told_is_kept_whole(memory: LongTermMemory) -> None:
    (kept,) = await memory.remember(SARAH, [WHOLE])
    assert await memory.everything(SARAH) == (kept,)
    assert kept.superseded_by is None
    assert asdict(kept) == {"id": kept.id, "superseded_by": None, **asdict(WHOLE)}


async def test_a_new_store_knows_nothing(memory: LongTermMemory) -> None:
    assert await memory.everything(SARAH) == ()
    assert await memory.search(SARAH, "what is my name") == ()
    assert await memory.forget(SARAH, [MemoryId("8d1b4f6e-0000-4000-8000-000000000000")]) == 0
    assert await memory.remember(SARAH, []) == ()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("what is my name", NAME),
        ("What's my name?", NAME),
        ("Who am I?", NAME),
        ("where do I live", HOME),
        ("what is my address", HOME),
        ("what's my dog's name", DOG),
        ("What is my dog called?", DOG),
        ("what do I like to drink, do I like tea", TEA),
        ("I am taking Rex to the park tomorrow since the weather is so nice", DOG),
    ],
)
async def test_a_question_finds_what_it_is_about(memory: LongTermMemory, question: str, answer: NewMemory) -> None:
    await memory.remember(SARAH, [NAME, HOME, DOG, TEA])
    assert (await found(memory, question))[0] == answer.text


@pytest.mark.parametrize(
    "question",
    [
        "what is the capital of France",
        "what is the name of the longest river in the world",
        "tell me a joke",
        "how old is the universe",
        "what is my cat's name",
        "how are you?",
        "what does the user want",
        "?!",
        "",
        "   ",
    ],
)
async def test_an_unrelated_question_finds_nothing(memory: LongTermMemory, question: str) -> None:
    await memory.remember(SARAH, [NAME, HOME, DOG, TEA])
    assert await found(memory, question) == []


async def test_the_best_answer_stands_first_and_there_are_no_more_than_asked_for(memory: LongTermMemory) -> None:
    bicycles = [told(f"The user owns a {colour} bicycle.", "bicycles", many=True) for colour in ("blue", "red", "grey")]
    await memory.remember(SARAH, bicycles)
    recalled = await memory.search(SARAH, "where is the red bicycle", limit=2)
    assert recalled[0].memory.text == "The user owns a red bicycle."
    assert [each.score for each in recalled] == sorted((each.score for each in recalled), reverse=True)
    assert len(recalled) == 2
    assert await memory.search(SARAH, "the red bicycle", limit=0) == ()


async def test_nobody_sees_what_another_user_told(memory: LongTermMemory) -> None:
    (hers,) = await memory.remember(SARAH, [NAME])
    (his,) = await memory.remember(TOM, [told("The user's name is Tom.", "name")])
    assert await texts(memory, TOM) == ["The user's name is Tom."]
    assert await found(memory, "what is my name", TOM) == ["The user's name is Tom."]
    assert await memory.forget(TOM, [hers.id]) == 0
    assert await memory.everything(SARAH) == (hers,)
    assert await memory.forget(TOM, [his.id]) == 1
    assert await memory.everything(TOM) == ()


async def test_what_others_told_does_not_change_a_score(memory: LongTermMemory) -> None:
    await memory.remember(SARAH, [NAME, HOME])
    before = await memory.search(SARAH, "what is my name")
    await memory.remember(TOM, [told(f"The user's name was {i}.", "names", many=True) for i in range(20)])
    assert await memory.search(SARAH, "what is my name") == before


async def test_a_new_fact_of_a_topic_supersedes_the_old_one(memory: LongTermMemory) -> None:
    await memory.remember(SARAH, [HOME, NAME])
    await memory.remember(SARAH, [told("The user lives in Paris.", "Home", minutes=1)])
    assert await texts(memory) == ["The user's name is Sarah.", "The user lives in Paris."]
    assert await found(memory, "where do I live") == ["The user lives in Paris."]
    assert await found(memory, "London") == []


async def test_a_fact_may_change_back(memory: LongTermMemory) -> None:
    for minute, place in enumerate(("London", "Paris", "London")):
        await memory.remember(SARAH, [told(f"The user lives in {place}.", "home", minutes=minute)])
    assert await texts(memory) == ["The user lives in London."]


async def test_of_two_values_in_one_breath_the_later_stands(memory: LongTermMemory) -> None:
    kept = await memory.remember(SARAH, [HOME, told("The user lives in Rome.", "home")])
    assert kept[0].superseded_by == kept[1].id
    assert await texts(memory) == ["The user lives in Rome."]


async def test_several_may_stand_side_by_side_where_that_makes_sense(memory: LongTermMemory) -> None:
    await memory.remember(SARAH, [TEA])
    await memory.remember(SARAH, [told("The user likes jazz.", "likes", many=True, minutes=1)])
    assert await texts(memory) == ["The user likes green tea.", "The user likes jazz."]


async def test_memories_without_a_topic_never_supersede_each_other(memory: LongTermMemory) -> None:
    await memory.remember(SARAH, [told("The user saw a fox."), told("The user heard an owl.")])
    assert len(await texts(memory)) == 2


async def test_what_is_known_is_not_kept_twice(memory: LongTermMemory) -> None:
    (first,) = await memory.remember(SARAH, [TEA])
    again = await memory.remember(SARAH, [told("the user likes  GREEN tea", "likes", many=True, minutes=9), TEA])
    assert again == (first, first)
    assert await memory.everything(SARAH) == (first,)


async def test_everything_comes_oldest_first(memory: LongTermMemory) -> None:
    for minute in (3, 1, 2):
        await memory.remember(SARAH, [told(f"The user ate {minute} eggs.", "eggs", many=True, minutes=minute)])
    await memory.remember(SARAH, [told("The user ate a pie.", "eggs", many=True, minutes=2)])
    eaten = ["The user ate 1 eggs.", "The user ate 2 eggs.", "The user ate a pie.", "The user ate 3 eggs."]
    assert await texts(memory) == eaten


async def pages(memory: LongTermMemory, part: Part = EVERYTHING, *, limit: int) -> list[list[str]]:
    """All there are, as texts."""
    found, after = [], None
    while True:
        page = await memory.page(SARAH, part, after=after, limit=limit)
        found.append([each.text for each in page.memories])
        if (after := page.after) is None:
            return found


async def test_pages_go_from_the_newest_to_the_oldest_and_leave_nothing_out(memory: LongTermMemory) -> None:
    eggs = [told(f"The user ate {number} eggs.", "eggs", many=True) for number in range(7)]
    await memory.remember(SARAH, eggs[:4])
    await memory.remember(SARAH, eggs[4:])
    assert await pages(memory, limit=3) == [
        ["The user ate 6 eggs.", "The user ate 5 eggs.", "The user ate 4 eggs."],
        ["The user ate 3 eggs.", "The user ate 2 eggs.", "The user ate 1 eggs."],
        ["The user ate 0 eggs."],
    ]
    assert await pages(memory, limit=7) == [[each.text for each in reversed(eggs)]]


async def test_what_is_kept_meanwhile_shifts_no_page(memory: LongTermMemory) -> None:
    await memory.remember(SARAH, [NAME, HOME, TEA])
    first = await memory.page(SARAH, limit=2)
    await memory.remember(SARAH, [DOG])
    await memory.forget(SARAH, [first.memories[0].id])
    second = await memory.page(SARAH, after=first.after, limit=2)
    assert [each.text for each in second.memories] == [NAME.text]
    assert second.after is None


async def test_a_page_may_be_of_a_part_only(memory: LongTermMemory) -> None:
    hers = replace(told("Anna lives in Lyon.", "home", turn="turn-2"), subject="Anna")
    kept = await memory.remember(SARAH, [NAME, HOME, DOG, TEA, hers])
    (moved,) = await memory.remember(SARAH, [told("The user lives in Paris.", "Home", turn="turn-2")])
    for part, expected in (
        (Part(kind="preference"), [TEA.text]),
        (Part(topics=("home",)), [moved.text]),
        (Part(topics=("home",), superseded=True), [moved.text, HOME.text]),
        (Part(ids=(kept[0].id, kept[1].id, MemoryId("nonsense"))), [NAME.text]),
        (Part(ids=()), []),
        (Part(turn=Source("thread-1", "turn-2")), [moved.text, hers.text]),
        (Part(words="GREEN tea"), [TEA.text]),
        (Part(words="user tea"), [TEA.text]),
        (Part(kind="fact", words="lives"), [moved.text, hers.text]),
        (Part(words="lilliput"), []),
    ):
        assert [text for page in await pages(memory, part, limit=9) for text in page] == expected, part


async def test_of_many_with_the_same_words_none_is_left_out(memory: LongTermMemory) -> None:
    await memory.remember(SARAH, [told(f"The user ate {number} eggs.", "eggs", many=True) for number in range(5)])
    await memory.remember(SARAH, [NAME])
    found = [text for page in await pages(memory, Part(words="eggs"), limit=2) for text in page]
    assert found == [f"The user ate {number} eggs." for number in (4, 3, 2, 1, 0)]


async def test_what_stands_is_counted_by_kind(memory: LongTermMemory) -> None:
    await memory.remember(SARAH, [NAME, HOME, TEA])
    await memory.remember(SARAH, [told("The user lives in Paris.", "home", minutes=1)])
    await memory.remember(TOM, [DOG])
    assert await memory.counts(SARAH) == {"fact": 2, "preference": 1}


async def test_behind_a_memory_stands_all_that_led_up_to_it(memory: LongTermMemory) -> None:
    for minute, place in enumerate(("London", "Paris", "Rome")):
        (last,) = await memory.remember(SARAH, [told(f"The user lives in {place}.", "home", minutes=minute)])
    (name,) = await memory.remember(SARAH, [NAME])
    behind = await memory.behind(SARAH, [last.id, name.id])
    assert [each.text for each in behind] == ["The user lives in London.", "The user lives in Paris."]
    assert await memory.behind(SARAH, [MemoryId("nonsense")]) == ()
    assert await memory.behind(TOM, [last.id]) == ()


async def test_to_forget_takes_along_all_that_led_up_to_it(memory: LongTermMemory) -> None:
    await memory.remember(SARAH, [NAME])
    for minute, place in enumerate(("London", "Paris", "Rome")):
        (last,) = await memory.remember(SARAH, [told(f"The user lives in {place}.", "home", minutes=minute)])
    assert await memory.forget(SARAH, [last.id]) == 3
    assert await texts(memory) == ["The user's name is Sarah."]
    assert await memory.forget(SARAH, [last.id]) == 0
    assert await found(memory, "where do I live") == []


async def test_what_is_forgotten_is_forgotten_from_what_was_said_next_to_it_too(memory: LongTermMemory) -> None:
    around = "I drink green tea, and I live in London."
    answered = "You live in London. And what do you drink?"
    home, tea, dog = await memory.remember(
        SARAH,
        [
            replace(HOME, context=around),
            replace(TEA, context=f"{answered} {around}"),
            replace(DOG, context="It is Rex."),
        ],
    )
    assert await memory.forget(SARAH, [home.id]) == 1
    kept = await memory.everything(SARAH)
    assert [(each.text, each.context) for each in kept] == [(TEA.text, ""), (DOG.text, "It is Rex.")]
    assert [each.id for each in kept] == [tea.id, dog.id]
    assert await found(memory, "which tea do I like") == [TEA.text]


async def test_what_was_superseded_is_kept_and_shown_on_request(memory: LongTermMemory) -> None:
    (old,) = await memory.remember(SARAH, [HOME])
    (new,) = await memory.remember(SARAH, [told("The user lives in Paris.", "home", minutes=1)])
    assert await memory.everything(SARAH) == (new,)
    assert await memory.everything(SARAH, superseded=True) == (replace(old, superseded_by=new.id), new)


async def test_the_same_topic_of_two_subjects_is_two_topics(memory: LongTermMemory) -> None:
    hers = replace(told("Anna lives in Lyon.", "home", minutes=1), subject="Anna")
    await memory.remember(SARAH, [HOME, hers])
    await memory.remember(SARAH, [replace(hers, text="Anna lives in Oslo.", subject="anna")])
    assert await texts(memory) == [HOME.text, "Anna lives in Oslo."]


async def test_what_was_wrong_is_superseded_by_what_it_should_have_been(memory: LongTermMemory) -> None:
    (wrong,) = await memory.remember(SARAH, [told("The user's dog is called Max.", "dog")])
    right = await memory.correct(SARAH, wrong.id, DOG)
    assert right is not None
    assert await memory.everything(SARAH, superseded=True) == (replace(wrong, superseded_by=right.id), right)
    assert await found(memory, "what is my dog called") == [DOG.text]
    assert await memory.forget(SARAH, [right.id]) == 2


async def test_a_correction_may_be_of_another_topic_and_supersedes_there(memory: LongTermMemory) -> None:
    (tea, _) = await memory.remember(SARAH, [TEA, HOME])
    assert await memory.correct(SARAH, tea.id, told("The user lives in Rome.", "home", minutes=1)) is not None
    assert await texts(memory) == ["The user lives in Rome."]


async def test_what_one_value_was_wrong_about_has_one_value_still(memory: LongTermMemory) -> None:
    await memory.remember(SARAH, [replace(HOME, many=True)])
    (wrong,) = await memory.remember(SARAH, [told("The user lives in Rome.", "home", minutes=1)])
    await memory.remember(SARAH, [told("The user's name is Sarah.", "name")])
    assert await memory.correct(SARAH, wrong.id, replace(HOME, text="The user lives in Bonn.", many=True)) is not None
    (again,) = await memory.remember(SARAH, [told("The user lives in Oslo.", "home", minutes=2)])
    assert set(await texts(memory)) == {HOME.text, NAME.text, again.text}


async def test_what_is_not_there_or_superseded_cannot_be_corrected(memory: LongTermMemory) -> None:
    (old,) = await memory.remember(SARAH, [HOME])
    await memory.remember(SARAH, [told("The user lives in Paris.", "home", minutes=1)])
    before = await memory.everything(SARAH, superseded=True)
    for id_ in (old.id, MemoryId("8d1b4f6e-0000-4000-8000-000000000000"), MemoryId("nonsense"), MemoryId("")):
        assert await memory.correct(SARAH, id_, NAME) is None
    assert await memory.everything(SARAH, superseded=True) == before


async def test_to_forget_all_takes_everything_of_one_user_and_nothing_of_another(memory: LongTermMemory) -> None:
    await memory.remember(SARAH, [HOME, TEA])
    await memory.remember(SARAH, [told("The user lives in Paris.", "home", minutes=1)])
    kept = await memory.remember(TOM, [NAME])
    assert await memory.forget_all(SARAH) == 3
    assert await memory.everything(SARAH, superseded=True) == ()
    assert await found(memory, "where do I live") == []
    assert await memory.forget_all(SARAH) == 0
    assert await memory.everything(TOM) == kept
    assert await texts(memory) == []


@pytest.mark.parametrize("name", ["tom", "*", "", " sarah", "sarah%", '"} OR 1=1', "SARAH", "sarah\x00"])
async def test_nobody_reaches_another_by_a_crafted_name_or_id(memory: LongTermMemory, name: str) -> None:
    mine = await memory.remember(SARAH, [HOME, TEA])
    stranger = UserId(name)
    crafted = [mine[0].id, MemoryId(mine[0].id.upper()), MemoryId(f"urn:uuid:{mine[1].id}"), MemoryId(SARAH)]
    assert await memory.forget(stranger, crafted) == 0
    for id_ in crafted:
        assert await memory.correct(stranger, id_, NAME) is None
    assert await memory.search(stranger, "where do I live, and what tea do I like") == ()
    assert await memory.everything(stranger, superseded=True) == ()
    parts = Part(ids=tuple(crafted), superseded=True), Part(turn=mine[0].source), Part(words="user"), Part(kind="fact")
    for part in parts:
        assert (await memory.page(stranger, part)).memories == ()
    assert await memory.counts(stranger) == {}
    assert await memory.behind(stranger, crafted) == ()
    assert await memory.forget_all(stranger) == 0
    assert await memory.everything(SARAH, superseded=True) == mine


async def test_an_unknown_or_senseless_id_forgets_nothing(memory: LongTermMemory) -> None:
    await memory.remember(SARAH, [NAME])
    assert await memory.forget(SARAH, [MemoryId("nonsense"), MemoryId("")]) == 0
    assert len(await texts(memory)) == 1


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Der Benutzer heißt Jürgen Müller.", "Jürgen"),
        ("The user drinks at the café.", "which cafe is it"),
        ("私の名前はサラです", "私の名前は何ですか"),
        ("The user's emoji is 🦊.", "what is my emoji"),
        ("Имя пользователя Анна.", "анна"),
    ],
)
async def test_every_script_is_kept_and_found(memory: LongTermMemory, text: str, question: str) -> None:
    await memory.remember(SARAH, [told(text)])
    assert await found(memory, question) == [text]


async def test_half_a_character_does_no_harm(memory: LongTermMemory) -> None:
    await memory.remember(SARAH, [told("The user said \ud83e.")])
    assert await texts(memory) == ["The user said ?."]
    assert await memory.search(SARAH, "\ud83e") == ()


async def test_a_very_long_text_is_kept_and_found(memory: LongTermMemory) -> None:
    long = "The user's story: " + " ".join(f"word{i}" for i in range(700)) + " and the lighthouse."
    assert len(long) > 5_000
    await memory.remember(SARAH, [told(long), NAME])
    assert await found(memory, "the lighthouse") == [long]
    assert await texts(memory) == [long, NAME.text]
    assert len(await memory.search(SARAH, long)) == 1


@pytest.mark.parametrize("nothing", ["", " \n\t"])
async def test_nothing_is_not_remembered(memory: LongTermMemory, nothing: str) -> None:
    with pytest.raises(InputRejected):
        await memory.remember(SARAH, [told(nothing)])


async def test_many_tasks_at_once_lose_nothing(memory: LongTermMemory) -> None:
    async def live(number: int) -> None:
        user = UserId(f"user-{number % 3}")
        for i in range(6):
            await memory.remember(user, [told(f"The user counted {number}-{i}.", "counts", many=True)])
            assert await memory.search(user, f"counted {number}-{i}")

    async with anyio.create_task_group() as tasks:
        for number in range(6):
            tasks.start_soon(live, number)
    assert sorted([len(await memory.everything(UserId(f"user-{n}"))) for n in range(3)]) == [12, 12, 12]


async def test_a_cancelled_call_leaves_the_store_in_order(memory: LongTermMemory) -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        await memory.remember(SARAH, [HOME])
    await memory.remember(SARAH, [NAME])
    assert NAME.text in await texts(memory)
    assert await found(memory, "what is my name") == [NAME.text]


async def test_all_stores_give_the_same_scores(tmp_path: Path) -> None:
    async with open_in_process() as plain, open_qdrant_edge(tmp_path / "memory") as edge, open_qdrant_local() as server:
        for memory in (plain, edge, server):
            await memory.remember(SARAH, [NAME, HOME, DOG, TEA])
            await memory.remember(SARAH, [told("The user lives in Paris.", "home", minutes=1)])
        for question in ("what is my name", "what's my dog called", "tea in Paris", "Rex"):
            expected = await plain.search(SARAH, question, now=NOON)
            for memory in (edge, server):
                answer = await memory.search(SARAH, question, now=NOON)
                assert [each.memory.text for each in answer] == [each.memory.text for each in expected]
                assert [each.score for each in answer] == pytest.approx([each.score for each in expected], rel=1e-3)

"""What a house remembers with: there at once, and by meaning as soon as the model is."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from app.health import Health, open_health
from app.remembering import Remembering, open_remembering
from app.settings import Settings
from memory.embedding.settings import EmbeddingSettings, FastembedSpec, MiniLmSpec
from memory.types import NewMemory, Source, UserId
from resilience.breakers import Breakers

pytestmark = pytest.mark.anyio

ADA = UserId("ada")


@pytest.fixture
def anyio_backend() -> str:
    """A real store in a process of its own."""
    return "asyncio"


@asynccontextmanager
async def remembering(folder: Path, embedding: EmbeddingSettings) -> AsyncGenerator[tuple[Remembering, Health]]:
    settings = Settings(data_dir=folder, embedding=embedding, _env_file=None)  # type: ignore[call-arg]  # pydantic-settings' own
    breakers = Breakers()
    async with open_health(60, breakers, look_at_gpus=list) as health:
        async with open_remembering(settings, breakers, health) as opened:
            yield opened, health


def told(text: str) -> NewMemory:
    return NewMemory(
        text=text, kind="fact", said_at=datetime(2026, 5, 1, tzinfo=UTC), source=Source("t", text), topic=text
    )


def has_embeddings(health: Health) -> bool:
    return any(each.kind == "embeddings" for each in health.parts())


async def test_memories_are_found_by_words_at_once_and_by_meaning_when_the_model_is_there(tmp_path: Path) -> None:
    async with remembering(tmp_path, MiniLmSpec()) as (opened, health):
        await opened.memory.remember(ADA, [told("The user's dog is called Rex.")])
        assert await opened.memory.search(ADA, "dog")
        with anyio.fail_after(90):
            while not await opened.memory.search(ADA, "Do I have a pet?"):
                await anyio.sleep(0.05)
        assert has_embeddings(health)


async def test_without_embeddings_it_goes_by_words(tmp_path: Path) -> None:
    async with remembering(tmp_path, FastembedSpec(model="nobody/has-it")) as (opened, health):
        await opened.memory.remember(ADA, [told("The user's dog is called Rex.")])
        assert await opened.memory.search(ADA, "dog")
        assert not has_embeddings(health)

import pytest
from trio.testing import MockClock


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> object:
    """Trio's clock jumps whenever everyone is asleep: thirty-second stories run in no time."""
    if request.param == "trio":
        return "trio", {"clock": MockClock(autojump_threshold=0)}
    return "asyncio", {}


@pytest.fixture
def virtual_time(anyio_backend_name: str) -> None:
    if anyio_backend_name != "trio":
        pytest.skip("needs the jumping clock")

import os
import tempfile

import pytest
from trio.testing import MockClock

# Chainlit writes into its root as soon as it is imported; the tests give it one that is not the checkout.
os.environ["CHAINLIT_APP_ROOT"] = tempfile.mkdtemp(prefix="nightingale-tests-")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> object:
    """Trio's clock jumps whenever everyone is asleep: thirty-second stories run in no time."""
    if request.param == "trio":
        return "trio", {"clock": MockClock(autojump_threshold=0)}
    return "asyncio", {}


@pytest.fixture
def virtual_time() -> None:
    """Says that a test needs the jumping clock; such tests run on trio only."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    def is_out_of_time(item: pytest.Item) -> bool:
        fixtures = getattr(item, "fixturenames", ())
        return "virtual_time" in fixtures and "[asyncio" in item.name

    out = [item for item in items if is_out_of_time(item)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]

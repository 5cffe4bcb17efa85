import hashlib
import json
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest
from pydantic import HttpUrl

from app.hub.pull import pull
from app.hub.remote import Hub, open_hub
from app.hub.store import ModelStore
from app.hub.types import (
    AlreadyPulling,
    ChecksumMismatch,
    HubFailed,
    HubRefused,
    HubSettings,
    Installed,
    Interrupted,
    Model,
    NoNetwork,
    NoSuchModel,
    NotEnoughDisk,
    Progress,
    UnsafeName,
    WantedFile,
)
from tests.made.hub import COMMIT, MadeHub, a_model, made_hub
from tests.made.servers import serving

pytestmark = pytest.mark.anyio

BIG = os.urandom(3_000_000)
CONFIG = b'{"made": true}'


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Real servers and threads: no jumping clock."""
    return str(request.param)


@dataclass
class Bench:
    made: MadeHub
    store: ModelStore
    hub: Hub
    settings: HubSettings

    async def pull(self, model: Model, seen: list[Progress] | None = None) -> Installed:
        seen = [] if seen is None else seen
        return await pull(self.store, self.hub, self.settings, model, seen.append)

    def left(self) -> list[str]:
        root = self.store.root
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


@asynccontextmanager
async def a_bench(root: Path, **settings: int) -> AsyncGenerator[Bench]:
    made = MadeHub()
    async with serving(made_hub(made)) as url:
        own = HubSettings(url=HttpUrl(url), retry_seconds=0, **{"keep_free_bytes": 0, **settings})
        async with open_hub(own) as hub:
            yield Bench(made, ModelStore(root / "models", ()), hub, own)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncGenerator[Bench]:
    async with a_bench(tmp_path) as bench:
        yield bench


async def test_a_model_is_installed_whole_with_a_manifest_of_what_the_hub_said(bench: Bench) -> None:
    installed = await bench.pull(a_model(bench.made, model_bin=BIG, config_json=CONFIG))

    assert (installed.folder / "model.bin").read_bytes() == BIG
    assert (installed.folder / "config.json").read_bytes() == CONFIG
    manifest = json.loads((installed.folder / "manifest.json").read_text())
    assert manifest["revision"] == COMMIT
    assert manifest["files"][0] == {"name": "model.bin", "size": len(BIG), "sha256": hashlib.sha256(BIG).hexdigest()}
    assert bench.left() == ["made/config.json", "made/manifest.json", "made/model.bin"]
    assert not (bench.store.root / ".partial").exists()


async def test_progress_counts_every_byte_of_all_files(bench: Bench) -> None:
    seen: list[Progress] = []
    await bench.pull(a_model(bench.made, model_bin=BIG, config_json=CONFIG), seen)

    total = len(BIG) + len(CONFIG)
    assert seen[-1] == Progress(total, total)
    assert [each.received_bytes for each in seen] == sorted(each.received_bytes for each in seen)
    assert len(seen) >= 4


async def test_a_model_that_is_there_is_not_fetched_again(bench: Bench) -> None:
    model = a_model(bench.made, model_bin=BIG)
    await bench.pull(model)
    asked = bench.made.asked

    await bench.pull(model)
    assert bench.made.asked == asked


async def test_a_dropped_connection_is_taken_up_where_it_broke(bench: Bench) -> None:
    bench.made.cuts = [1_200_000]
    installed = await bench.pull(a_model(bench.made, model_bin=BIG))

    assert (installed.folder / "model.bin").read_bytes() == BIG
    begun, resumed = bench.made.downloads
    assert begun[1] is None
    assert resumed[1] is not None
    assert resumed[1] != "bytes=0-"


async def test_a_hub_that_keeps_dropping_the_line_leaves_what_came_for_the_next_pull(bench: Bench) -> None:
    model = a_model(bench.made, model_bin=BIG)
    bench.made.cuts = [1_500_000, 0, 0, 0, 0]
    with pytest.raises(Interrupted, match="are kept"):
        await bench.pull(model)
    kept = bench.store.partial_bytes(model)
    assert kept > 1_000_000
    assert bench.store.find(model) is None

    await bench.pull(model)
    assert bench.made.downloads[-1][1] == f"bytes={kept}-"
    assert bench.store.verify(model)


async def test_what_is_kept_counts_as_progress_from_the_start(bench: Bench) -> None:
    model = a_model(bench.made, model_bin=BIG)
    bench.made.cuts = [1_500_000, 0, 0, 0, 0]
    with pytest.raises(Interrupted):
        await bench.pull(model)
    kept = bench.store.partial_bytes(model)

    seen: list[Progress] = []
    await bench.pull(model, seen)
    assert seen[0].received_bytes == kept


async def test_a_hub_that_ignores_ranges_is_read_again_from_the_start(bench: Bench) -> None:
    bench.made.ranges = False
    bench.made.cuts = [1_200_000]
    installed = await bench.pull(a_model(bench.made, model_bin=BIG))
    assert (installed.folder / "model.bin").read_bytes() == BIG


async def test_a_file_that_changed_since_is_not_glued_to_its_old_beginning(bench: Bench) -> None:
    model = a_model(bench.made, model_bin=BIG)
    bench.made.cuts = [1_500_000, 0, 0, 0, 0]
    with pytest.raises(Interrupted):
        await bench.pull(model)
    newer = os.urandom(len(BIG))
    bench.made.files["made/made"]["sub/model.bin"] = newer
    bench.made.downloads.clear()

    installed = await bench.pull(model)
    assert (installed.folder / "model.bin").read_bytes() == newer
    assert bench.made.downloads == [("sub/model.bin", None)]


async def test_a_kept_beginning_that_rotted_is_fetched_anew(bench: Bench) -> None:
    model = a_model(bench.made, model_bin=BIG)
    bench.made.cuts = [1_500_000, 0, 0, 0, 0]
    with pytest.raises(Interrupted):
        await bench.pull(model)
    with (bench.store.staging(model) / "model.bin").open("r+b") as file:
        file.write(b"rot")

    installed = await bench.pull(model)
    assert (installed.folder / "model.bin").read_bytes() == BIG


@pytest.mark.parametrize("name", ["model_bin", "config_json"])
async def test_content_that_is_not_what_was_announced_is_refused_and_not_kept(bench: Bench, name: str) -> None:
    model = a_model(bench.made, **{name: BIG})
    bench.made.lies[f"sub/{name.replace('_', '.')}"] = os.urandom(len(BIG))
    with pytest.raises(ChecksumMismatch):
        await bench.pull(model)
    assert bench.left() == []


async def test_more_than_was_announced_is_refused(bench: Bench) -> None:
    model = a_model(bench.made, model_bin=BIG)
    bench.made.lies["sub/model.bin"] = BIG + b"more"
    with pytest.raises(ChecksumMismatch):
        await bench.pull(model)
    assert bench.left() == []


async def test_without_network_nothing_is_left(tmp_path: Path) -> None:
    settings = HubSettings(url=HttpUrl("http://127.0.0.1:9"), retry_seconds=0)
    store = ModelStore(tmp_path / "models", ())
    async with open_hub(settings) as hub:
        with pytest.raises(NoNetwork, match=r"cannot reach 127\.0\.0\.1"):
            await pull(store, hub, settings, a_model(MadeHub(), model_bin=BIG))
    assert list((tmp_path / "models").iterdir()) == []


async def test_a_full_disk_is_noticed_before_anything_is_fetched(tmp_path: Path) -> None:
    async with a_bench(tmp_path, keep_free_bytes=1 << 60) as bench:
        with pytest.raises(NotEnoughDisk, match=r"needs 3 MB, and there are 0 kB to use") as refusal:
            await bench.pull(a_model(bench.made, model_bin=BIG))
        assert (refusal.value.needs_bytes, refusal.value.has_bytes) == (len(BIG), 0)
        assert bench.made.downloads == []
        assert bench.left() == []


async def test_a_hub_that_stumbles_is_asked_again(bench: Bench) -> None:
    bench.made.statuses = [503, 429, 500]
    assert await bench.pull(a_model(bench.made, model_bin=BIG))


async def test_a_hub_that_stays_down_is_given_up_after_three_repetitions(bench: Bench) -> None:
    bench.made.statuses = [503] * 10
    with pytest.raises(HubFailed, match="status 503"):
        await bench.pull(a_model(bench.made, model_bin=BIG))
    assert bench.made.asked == 4


@pytest.mark.parametrize(
    ("status", "header", "error"),
    [
        (401, "", HubRefused),
        (403, "GatedRepo", HubRefused),
        (404, "", NoSuchModel),
        (401, "RepoNotFound", NoSuchModel),
        (400, "", HubFailed),
    ],
)
async def test_a_refusal_is_named_and_not_repeated(
    bench: Bench, status: int, header: str, error: type[Exception]
) -> None:
    bench.made.refuses = (status, header)
    with pytest.raises(error):
        await bench.pull(a_model(bench.made, model_bin=BIG))
    assert bench.made.asked == 1


async def test_a_file_the_hub_does_not_have_is_named(bench: Bench) -> None:
    model = a_model(bench.made, model_bin=BIG, config_json=CONFIG)
    del bench.made.files["made/made"]["sub/config.json"]
    with pytest.raises(NoSuchModel, match=r"sub/config\.json"):
        await bench.pull(model)


async def test_a_hub_that_names_files_outside_is_refused(bench: Bench) -> None:
    model = a_model(bench.made, model_bin=BIG)
    bench.made.files["made/made"]["../../escaped"] = b"!"
    bench.made.named = ["../../escaped"]
    with pytest.raises(UnsafeName):
        await bench.pull(model)
    assert bench.left() == []


@pytest.mark.parametrize("name", ["../escaped", "/etc/escaped", ".hidden", "a/b", ""])
async def test_a_name_that_leaves_the_folder_is_refused(bench: Bench, name: str) -> None:
    model = a_model(bench.made, model_bin=BIG)
    outside = Model(**{field: getattr(model, field) for field in model.__slots__} | {"files": (WantedFile("x", name),)})
    with pytest.raises(UnsafeName):
        await bench.pull(outside)


async def test_a_cancelled_pull_keeps_what_came_and_goes_on_later(bench: Bench) -> None:
    model = a_model(bench.made, model_bin=BIG)

    def stop(at: Progress) -> None:
        if at.received_bytes > 1_000_000:
            scope.cancel()

    with anyio.CancelScope() as scope:
        await pull(bench.store, bench.hub, bench.settings, model, stop)
    assert scope.cancelled_caught
    kept = bench.store.partial_bytes(model)
    assert 1_000_000 < kept < len(BIG)

    assert await bench.pull(model)
    assert bench.made.downloads[-1][1] == f"bytes={kept}-"


async def test_two_pulls_of_one_model_do_not_mix(bench: Bench) -> None:
    model = a_model(bench.made, model_bin=BIG)
    refused = 0

    async def one() -> None:
        nonlocal refused
        try:
            await bench.pull(model)
        except AlreadyPulling:
            refused += 1

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(one)
        tasks.start_soon(one)
    assert refused == 1
    assert bench.store.verify(model)


async def test_a_damaged_model_is_replaced(bench: Bench) -> None:
    model = a_model(bench.made, model_bin=BIG)
    installed = await bench.pull(model)
    (installed.folder / "model.bin").write_bytes(b"short")

    await bench.pull(model)
    assert bench.store.verify(model)


async def test_an_empty_file_is_a_file(bench: Bench) -> None:
    installed = await bench.pull(a_model(bench.made, model_bin=b"", config_json=CONFIG))
    assert (installed.folder / "model.bin").read_bytes() == b""

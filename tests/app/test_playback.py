"""What sounds in the user's room, as far as it can be known from here."""

import anyio
import numpy as np
import pytest

from app.playback import LEAD_SECONDS, Playback
from app.wire import PLAYBACK_RATE
from voice.own_voice import Floats

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual_time")]

SECOND = np.arange(PLAYBACK_RATE, dtype="<i2").tobytes()
"""Each sample says where it stands."""
WINDOW = 512


def place(played: Floats | None) -> float:
    """In seconds."""
    assert played is not None
    return float(played[0]) * 32768 / PLAYBACK_RATE


async def test_it_follows_the_pages_reports_and_goes_on_between_them() -> None:
    playback = Playback()
    playback.sent("a", SECOND)
    await anyio.sleep(0.3)
    playback.at("a", PLAYBACK_RATE // 4)
    assert place(playback.played(WINDOW)) == pytest.approx(0.25 + LEAD_SECONDS, abs=0.001)
    await anyio.sleep(0.032)
    assert place(playback.played(WINDOW)) == pytest.approx(0.282 + LEAD_SECONDS, abs=0.001)


async def test_windows_that_come_at_once_are_one_after_the_other() -> None:
    playback = Playback()
    playback.sent("a", SECOND)
    playback.at("a", 6000)
    places = [place(playback.played(WINDOW)) for _ in range(3)]
    assert np.diff(places) == pytest.approx([0.032, 0.032], abs=0.001)


async def test_a_second_track_follows_the_first() -> None:
    playback = Playback()
    playback.sent("a", SECOND)
    playback.sent("b", SECOND)
    playback.at("b", 2400)
    assert place(playback.played(WINDOW)) == pytest.approx(0.1 + LEAD_SECONDS, abs=0.001)


async def test_nothing_sounds_before_a_reply_while_it_is_paused_and_after_it() -> None:
    playback = Playback()
    assert playback.played(WINDOW) is None
    playback.sent("a", SECOND)
    playback.at("a", 2400)
    playback.pause()
    await anyio.sleep(10)
    assert playback.played(WINDOW) is None
    playback.resume()
    assert place(playback.played(WINDOW)) == pytest.approx(0.1 + LEAD_SECONDS, abs=0.001)
    playback.clear()
    assert playback.played(WINDOW) is None


async def test_what_has_sounded_is_not_kept() -> None:
    playback = Playback()
    for second in range(1, 20):
        playback.sent("a", SECOND)
        playback.at("a", second * PLAYBACK_RATE - 4800)
        assert place(playback.played(WINDOW)) == pytest.approx(0.8 + LEAD_SECONDS, abs=0.001)
        await anyio.sleep(1)
    assert playback.seconds_kept < 6

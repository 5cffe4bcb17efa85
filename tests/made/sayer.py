"""A process that uses the turn log and may be killed: it says on a line of its own what it was told is kept."""

import random
import resource
import sys
from pathlib import Path

import anyio

from app.recordings import RecordingSettings
from app.turn import SayingId, new_saying
from app.turns import ThreadLog, open_turns
from resilience.errors import EngineFailed, OutOfRoom
from voice.types import AudioFrame, Utterance

PATIENCE_SECONDS = 30.0
"""How long a busy machine may take to write something down; a bound, not an expectation."""
KEEP_ALL = RecordingSettings(keep="all")


def what_is_said(saying: SayingId) -> str | Utterance:
    """Known from its id: to the process that says it, and to the one that looks for it."""
    dice = random.Random(saying)
    if dice.random() < 0.3:
        return f"typed {saying}"
    audio = AudioFrame(dice.randbytes(2 * dice.randrange(1, 40_000)))
    return Utterance(audio, 0.0, audio.seconds)


async def say(log: ThreadLog, saying: SayingId) -> None:
    content = what_is_said(saying)
    await (log.typed(saying, content) if isinstance(content, str) else log.recorded(saying, content))


async def talk(log: ThreadLog) -> None:
    """Say things and have them settled, without end."""
    while True:
        saying, anew = new_saying(), new_saying()
        await say(log, saying)
        tell("said", saying)
        match random.randrange(4):
            case 0:
                await log.settle([saying], "answered")
                tell("answered", saying)
            case 1:
                await log.settle([saying], "offered")
                await log.take_up(saying, anew)
                tell("taken-up", saying, anew)
            case _:
                pass  # left in hand


async def talk_until_refused(log: ThreadLog) -> None:
    """No file may grow beyond a size that recordings have, and soon the log itself."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (70_000, 70_000))
    refused: set[type] = set()
    while len(refused) < 2:
        saying = new_saying()
        try:
            await say(log, saying)
        except (EngineFailed, OutOfRoom) as exc:
            refused.add(type(what_is_said(saying)))
            tell("refused", exc.reason)
        else:
            tell("said", saying)


async def settle_what_is_named(log: ThreadLog) -> None:
    tell("ready")
    for saying in sys.stdin.readline().split():
        tell(str(await log.settle([SayingId(saying)], "cut")))


def tell(*words: str) -> None:
    print(*words, flush=True)


async def main(*arguments: str) -> None:
    does, folder, thread = arguments
    async with open_turns(Path(folder), KEEP_ALL, answer_seconds=PATIENCE_SECONDS, pause_seconds=0) as turns:
        deeds = {each.__name__: each for each in (talk, talk_until_refused, settle_what_is_named)}
        await deeds[does](turns.of(thread, "local"))


if __name__ == "__main__":
    anyio.run(main, *sys.argv[1:])

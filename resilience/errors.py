"""How an engine can fail, told apart by what the caller should do about it.

EngineError            one engine failed; the next rung may be tried
  EngineUnavailable    it is not there: not installed, no model, refused the connection
  EngineTimeout        it is there and too slow
  EngineFailed         it answered, badly
  InputRejected        the input is at fault; never counted against the engine
  CircuitOpen          not tried at all: its breaker is open
  EngineBusy           not tried at all: as many calls as it can take are at it, or before it
  OutOfRoom            the disk is full; it works as before as soon as there is room, so it need not be left alone
AllRungsFailed         nothing left to try; keeps every cause

`code` is stable and goes to logs, pages and JSON; the message is for people.
"""

from typing import ClassVar


class EngineError(Exception):
    code: ClassVar[str] = "engine-error"
    blames_engine: ClassVar[bool] = True

    def __init__(self, engine: str, reason: str) -> None:
        super().__init__(f"{engine}: {reason}")
        self.engine = engine
        self.reason = reason


class EngineUnavailable(EngineError):
    code = "engine-unavailable"


class EngineTimeout(EngineError):
    code = "engine-timeout"


class EngineFailed(EngineError):
    code = "engine-failed"


class InputRejected(EngineError):
    code = "input-rejected"
    blames_engine = False


class CircuitOpen(EngineError):
    code = "circuit-open"
    blames_engine = False


class EngineBusy(EngineError):
    code = "engine-busy"
    blames_engine = False


class OutOfRoom(EngineError):
    code = "out-of-room"
    blames_engine = False


class AllRungsFailed(Exception):
    code: ClassVar[str] = "all-rungs-failed"

    def __init__(self, job: str, attempts: tuple[EngineError, ...]) -> None:
        super().__init__(f"{job}: " + ("; ".join(str(each) for each in attempts) or "no rung at all"))
        self.job = job
        self.attempts = attempts

"""The graphics cards, through NVIDIA's own library (NVML) where a driver is there; nothing where none is.

`python -m app.gpu` prints what it sees.
"""

from contextlib import suppress

import pynvml

from app.standing import Standing

GIGABYTE = 1_000_000_000
NEARLY_FULL = 0.95


def gpus() -> list[Standing]:
    """Blocks while the driver answers, the first time for up to a second: to be called from a thread."""
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:  # no driver, no library, or no right to use it: then no engine uses it either
        return []
    try:
        return [_standing(number) for number in range(pynvml.nvmlDeviceGetCount())]
    except pynvml.NVMLError as exc:
        return [Standing("gpu", "GPU", "failed", f"Its driver gives no answer: {exc}.", "Look at `nvidia-smi`.")]
    finally:
        with suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()


def _standing(number: int) -> Standing:
    name = f"GPU {number}"
    try:
        card = pynvml.nvmlDeviceGetHandleByIndex(number)
        name = f"{name}: {_text(pynvml.nvmlDeviceGetName(card))}"
        memory = pynvml.nvmlDeviceGetMemoryInfo(card)
    except pynvml.NVMLError as exc:
        return Standing("gpu", name, "failed", f"Its driver gives no answer: {exc}.", "Look at `nvidia-smi`.")
    return described(name, int(memory.used), int(memory.total))


def described(name: str, used_bytes: int, total_bytes: int) -> Standing:
    detail = f"{used_bytes / GIGABYTE:.1f} of {total_bytes / GIGABYTE:.1f} GB of its memory are in use."
    full = used_bytes > NEARLY_FULL * total_bytes
    remedy = "Close what else uses it, or choose smaller models, before an engine runs out of memory." if full else ""
    return Standing("gpu", name, "in-use", detail, remedy)


def _text(name: str | bytes) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name


if __name__ == "__main__":
    for gpu in gpus():
        print(f"{gpu.name}: {gpu.detail} {gpu.remedy}".strip())  # noqa: T201 - what it is for

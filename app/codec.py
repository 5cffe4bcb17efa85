"""Recordings made smaller, and sound again. Blocking.

FLAC takes a millisecond of a core for a second of speech, gives every sample back, and is played by every browser;
what is left is about three fifths. Opus leaves a tenth, and takes twelve times as long; what it leaves out is gone.
The libraries are imported where they are used: settings name the formats, and are read by every command.
"""

import errno
import io
from typing import Final, Literal, TypeAlias

from voice.types import SAMPLE_RATE, AudioFrame

Format: TypeAlias = Literal["wav", "flac", "opus"]

LOSSLESS: Final = ("wav", "flac")
CODECS: Final = {"flac": "flac", "opus": "libopus"}
CONTAINERS: Final = {"flac": "flac", "opus": "ogg"}
OPUS_BITS_PER_SECOND: Final = 24_000


def packed(audio: AudioFrame, form: Format) -> bytes:
    """Raises `OSError` for what cannot be packed."""
    import av
    import numpy as np
    from av.error import FFmpegError

    samples = np.frombuffer(audio.pcm, np.int16)[None, :]
    content = io.BytesIO()
    try:
        with av.open(content, "w", format=CONTAINERS[form]) as container:
            stream = container.add_stream(CODECS[form], rate=audio.sample_rate, layout="mono")
            if form == "opus":
                stream.bit_rate = OPUS_BITS_PER_SECOND
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate = audio.sample_rate
            for each in (frame, None):
                container.mux(stream.encode(each))
    except FFmpegError as exc:
        raise OSError(errno.EIO, f"it cannot be packed ({exc})") from exc
    return content.getvalue()


def unpacked(content: bytes) -> AudioFrame:
    """At the rate it was recorded with, or, where its codec has one of its own, ours. Raises `OSError`."""
    import av
    from av.error import FFmpegError

    try:
        with av.open(io.BytesIO(content)) as container:
            stream = container.streams.audio[0]
            rate = stream.rate if stream.codec_context.name == "flac" else SAMPLE_RATE
            resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
            frames = [resampled for frame in container.decode(stream) for resampled in resampler.resample(frame)]
            frames += resampler.resample(None)
    except (FFmpegError, IndexError) as exc:
        raise OSError(errno.EIO, "not a whole recording") from exc
    return AudioFrame(b"".join(frame.to_ndarray().tobytes() for frame in frames), rate)

"""Is somebody speaking? webrtcvad as the cheap gate, Silero to confirm."""

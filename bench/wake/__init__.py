"""How well the wake words are heard, and what is mistaken for them: `make bench-wake`."""

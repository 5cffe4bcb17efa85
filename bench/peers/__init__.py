"""Nightingale beside its peers: the same clips and the same stub engines through every system, in real time.

What differs is only what is compared: turn detection, scheduling, buffering, interruption. `make bench-peers` makes an
environment for each peer, runs the suites, prints a table for each, and keeps the figures (`bench/results/peers.json`).

Each job is a process of its own, `worker`, run by the interpreter of its system; the users of a crowd speak from
another, `mouths`. So `clips`, `captured`, `engines`, `speaker`, `host`, `driving`, `mouths`, `seen`, `systems`, `job`,
`worker` and `adapters` import nothing but numpy, AnyIO and each other (an adapter also its system); the rest runs in
our own environment.
"""

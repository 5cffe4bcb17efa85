"""Language models: a prompt in, pieces of text out. One engine a file; imported only when chosen."""

import os

# Read by OpenMP's library as it is loaded, so it stands before every engine. A thread that waits for the others of its
# matrix spins; by default for some 14 ms, which on busy cores takes the time from the one that it waits for.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

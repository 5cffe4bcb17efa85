"""How long things take on this machine. `make bench` prints it, and keeps it in `bench/results/`."""

"""Models for the engines: what there is, what is installed, how to fetch and check it."""

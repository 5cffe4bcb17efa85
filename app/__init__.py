"""The front door: wiring, the page, the command line."""

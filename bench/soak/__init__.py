"""Hours of use in a few minutes: real-time conversation with the real server, and whether anything of it grows."""

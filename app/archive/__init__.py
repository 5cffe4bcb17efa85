"""What the session history is written in: a file, or a server's database; who may read it; how it is listed."""

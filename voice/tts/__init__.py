"""Voices: a sentence in, audio out. One engine a file; imported only when chosen."""

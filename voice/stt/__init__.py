"""Recognisers: an utterance in, a transcript out. One engine a file; imported only when chosen."""

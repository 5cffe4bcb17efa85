"""Has the speaker finished? From the words so far, and from how they sound."""

"""What the user gave to read: documents, cut into passages that can be found, quoted and taken away again."""

"""What is kept: long-term memories, and the checkpoints of conversations."""

"""The word that wakes: which there are, who hears them, and the watch in front of a sleeping ear."""

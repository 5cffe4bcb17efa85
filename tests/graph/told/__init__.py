"""What people tell of themselves in German, French and Spanish, and what they do not."""

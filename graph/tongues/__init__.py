"""What people tell about themselves in German, French and Spanish: one way to find it, and a room for each tongue."""

"""How people word what they want: a language and a subject a room."""

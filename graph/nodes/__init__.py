"""The steps of a turn, one a file: extract, route, retrieve, generate; then remember, summarise."""

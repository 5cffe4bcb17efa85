"""One file for each system, imported only by the interpreter that has the system: `open_system(settings)` yields it."""

"""Reading off a memory what will be weighed of it, whatever is asked."""

from memory.asking import answers_in
from memory.ranking import terms_of
from memory.types import Marks, Memory


def marks_of(memory: Memory) -> Marks:
    return Marks(terms=tuple(terms_of(f"{memory.text} {memory.topic}")), tells=answers_in(memory.text))

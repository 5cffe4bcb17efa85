"""What a llama.cpp model has read, conversation by conversation.

Its context holds one. What was read of the others is put aside as bytes, 12 KiB a token for a small model, and given
back in milliseconds when its conversation goes on: then only what is new has to be read. What beginning two prompts
share is found by comparing tokens, so that nothing is ever taken for read that was not.
"""

import ctypes
from array import array
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import llama_cpp
import numpy as np
import numpy.typing as npt

Tokens = npt.NDArray[np.intc]


@dataclass(frozen=True, slots=True)
class _Read:
    tokens: Tokens
    state: Any
    """A ctypes array, filled as far as `size`."""
    size: int


class Reading:
    """For one thread at a time."""

    def __init__(self, llm: llama_cpp.Llama, most_bytes: int) -> None:
        """`most_bytes`: of all that is put aside together; beyond it what was longest untouched is dropped."""
        self._llm = llm
        self._most_bytes = most_bytes
        self._present: Hashable = None
        self._aside: OrderedDict[Hashable, _Read] = OrderedDict()

    @property
    def bytes_aside(self) -> int:
        return sum(each.size for each in self._aside.values())

    def turn_to(self, conversation: Hashable, tokens: "array[int]") -> list[int]:
        """Put another conversation aside, and return what of this one is still to be read: one token at least."""
        wanted: Tokens = np.frombuffer(tokens, np.intc)
        shared, source = _shared(self._present_tokens(), wanted), None
        for each in self._aside.values():
            if (beginning := _shared(each.tokens, wanted)) > shared:
                shared, source = beginning, each
        if conversation != self._present:
            self._put_aside()
            self._present = conversation
        self._aside.pop(conversation, None)
        if source is not None and not self._give_back(source):
            shared = 0
        shared = min(shared, len(tokens) - 1)
        if not self._cut(shared):
            shared = 0
        return list(tokens[shared:])

    def forget(self, conversation: Hashable) -> None:
        """It will not be gone on with. In the context it stays until something else is read."""
        self._aside.pop(conversation, None)
        if conversation == self._present:
            self._present = None

    def erase(self, conversation: Hashable) -> None:
        """In the context, too, nothing of it stays."""
        if conversation == self._present:
            self._clear()
        self.forget(conversation)

    def _present_tokens(self) -> Tokens:
        tokens: Tokens = self._llm.input_ids[: self._llm.n_tokens]
        return tokens

    def _put_aside(self) -> None:
        count = self._llm.n_tokens
        if self._present is None or not count or not self._cut(count):
            return
        size = llama_cpp.llama_state_seq_get_size(self._llm.ctx, 0)
        if size > self._most_bytes:
            return
        state = (ctypes.c_uint8 * size)()
        size = llama_cpp.llama_state_seq_get_data(self._llm.ctx, state, size, 0)
        self._aside[self._present] = _Read(self._present_tokens().copy(), state, size)
        while self.bytes_aside > self._most_bytes:
            self._aside.popitem(last=False)

    def _give_back(self, read: _Read) -> bool:
        if not llama_cpp.llama_state_seq_set_data(self._llm.ctx, read.state, read.size, 0):
            self._clear()
            return False
        count = len(read.tokens)
        self._llm.input_ids[:count] = read.tokens
        self._llm.n_tokens = count
        return True

    def _cut(self, count: int) -> bool:
        """Leave the first so many tokens in the context, and nothing of a reading that was broken off after them.
        False where this kind of model cannot forget a part, and so has forgotten all.
        """
        if not llama_cpp.llama_memory_seq_rm(llama_cpp.llama_get_memory(self._llm.ctx), 0, count, -1):
            self._clear()
            return False
        self._llm.n_tokens = count
        return True

    def _clear(self) -> None:
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self._llm.ctx), True)
        self._llm.n_tokens = 0


def _shared(read: Tokens, wanted: Tokens) -> int:
    """How many tokens they have in common at their beginning."""
    length = min(len(read), len(wanted))
    different = np.flatnonzero(read[:length] != wanted[:length])
    return int(different[0]) if len(different) else length

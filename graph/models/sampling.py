"""How the next token is picked from what llama.cpp holds likely."""

import json
import random
from collections.abc import Mapping
from typing import Any

import llama_cpp
from llama_cpp.llama_grammar import json_schema_to_gbnf

_LIKELIEST = 40
_SHARE = 0.95
_LEAST = 0.05
"""Of the likeliest one's probability."""


class Sampler:
    """Belongs to one answer: a grammar knows how far that has come."""

    def __init__(self, llm: llama_cpp.Llama, *, temperature: float, schema: Mapping[str, Any] | None) -> None:
        """What fits a schema is picked without any chance. Raises `ValueError`: the schema cannot be met."""
        self._llm = llm
        self._chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
        if schema is not None:
            grammar = json_schema_to_gbnf(json.dumps(schema)).encode()
            vocabulary = llama_cpp.llama_model_get_vocab(llm.model)
            self._add(llama_cpp.llama_sampler_init_grammar(vocabulary, grammar, b"root"))
        if schema is not None or temperature == 0:
            self._add(llama_cpp.llama_sampler_init_greedy())
            return
        self._add(llama_cpp.llama_sampler_init_top_k(_LIKELIEST))
        self._add(llama_cpp.llama_sampler_init_top_p(_SHARE, 1))
        self._add(llama_cpp.llama_sampler_init_min_p(_LEAST, 1))
        self._add(llama_cpp.llama_sampler_init_temp(temperature))
        self._add(llama_cpp.llama_sampler_init_dist(random.getrandbits(32)))

    def pick(self) -> int:
        """After the token that was read last."""
        return int(llama_cpp.llama_sampler_sample(self._chain, self._llm.ctx, -1))

    def close(self) -> None:
        if self._chain is not None:
            llama_cpp.llama_sampler_free(self._chain)
            self._chain = None

    def _add(self, sampler: Any) -> None:
        if not sampler:
            self.close()
            raise ValueError("llama.cpp refuses the grammar of the schema")
        llama_cpp.llama_sampler_chain_add(self._chain, sampler)

"""A model's own way of writing down a conversation, by the template that its file brings.

Tokens that steer a model (the end of a message, the beginning of the system's) come from the template alone: whoever
says or quotes their names gets them written out as plain letters.
"""

import re
from typing import Any

import llama_cpp
from jinja2 import TemplateError
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from graph.models.thinking import left_open
from graph.prompts import ChatMessage
from resilience.errors import EngineUnavailable

_PLAIN_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""ChatML, for a model that brings no template of its own."""


class Chat:
    def __init__(self, llm: llama_cpp.Llama, engine: str) -> None:
        """Raises `EngineUnavailable`: the template is broken."""
        self._llm = llm
        self._steering = _steering(llm)
        bos, eos = llm.token_bos(), llm.token_eos()
        try:
            self._formatter = Jinja2ChatFormatter(
                template=llm.metadata.get("tokenizer.chat_template", _PLAIN_TEMPLATE),
                bos_token=llm.detokenize([bos], special=True).decode("utf-8", "replace") if bos >= 0 else "",
                eos_token=llm.detokenize([eos], special=True).decode("utf-8", "replace") if eos >= 0 else "",
            )
        except TemplateError as exc:
            raise EngineUnavailable(engine, f"the model's chat template is broken: {exc}") from exc

    def tokens(self, messages: list[ChatMessage]) -> tuple[list[int], bool]:
        """The rendered conversation, up to where the answer begins; and whether that is in the middle of thinking.
        Raises `TemplateError` or `ValueError`: the template refuses the conversation.
        """
        plain: list[ChatMessage] = [
            {"role": each["role"], "content": self._plain(each["content"])} for each in messages
        ]
        try:
            written = self._render(plain)
        except (TemplateError, ValueError):
            written = self._render(_without_system(plain))  # some templates know no system role
        text = written.prompt.encode("utf-8", "replace")
        return self._llm.tokenize(text, add_bos=not written.added_special, special=True), left_open(written.prompt)

    def _plain(self, text: str) -> str:
        """A space behind its first letter, and the name of a token is none."""
        return self._steering.sub(lambda name: f"{name[0][0]} {name[0][1:]}", text)

    def _render(self, messages: list[ChatMessage]) -> Any:
        return self._formatter(messages=messages, enable_thinking=False)


def _steering(llm: llama_cpp.Llama) -> re.Pattern[str]:
    """The names of all tokens that llama.cpp reads as more than letters, the longest first."""
    vocabulary = llama_cpp.llama_model_get_vocab(llm.model)
    names = {
        llm.detokenize([token], special=True).decode("utf-8", "replace")
        for token in range(llm.n_vocab())
        if llama_cpp.llama_vocab_is_control(vocabulary, token) or llama_cpp.llama_vocab_is_eog(vocabulary, token)
    }
    told = sorted((name for name in names if len(name) > 1 and name.strip()), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, told)) or r"(?!)")


def _without_system(messages: list[ChatMessage]) -> list[ChatMessage]:
    system, first, *others = messages
    return [{"role": "user", "content": f"{system['content']}\n\n{first['content']}"}, *others]

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import wire

PAGE = {"nightingale": 1, "sender": "page"}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            {"type": "hello", "secure": True, "microphone": "prompt", "output": "unknown"},
            wire.Hello(sender="page", type="hello", secure=True, microphone="prompt", output="unknown"),
        ),
        ({"type": "microphone", "state": "on", "rate": 16000}, None),
        ({"type": "playing", "track": "a.1", "samples": 5, "state": "ended"}, None),
        ({"type": "playing", "track": "a.1", "samples": 128, "state": "playing", "ago": -0.02}, None),
        ({"type": "output", "state": "blocked"}, None),
        ({"type": "command", "name": "stop"}, None),
        ({"type": "choose", "manner": {"tier": "stt-only"}}, None),
        ({"type": "choose", "manner": {"patience": "unhurried", "ending": "hold", "barge_in": "keyword"}}, None),
        ({"type": "talk", "state": "ended"}, None),
        ({"type": "on-offer", "saying": "s", "do": "answer"}, None),
    ],
)
def test_messages_of_the_page_are_understood(raw: dict[str, object], message: object) -> None:
    read = wire.read({**PAGE, **raw})
    assert message is None or read == message
    assert read.type == raw["type"]


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "text",
        [],
        {},
        {"type": "hello"},
        {**PAGE, "type": "unheard-of"},
        {**PAGE, "nightingale": 2, "type": "command", "name": "stop"},
        {**PAGE, "sender": "server", "type": "command", "name": "stop"},
        {**PAGE, "type": "command", "name": "erase-everything"},
        {**PAGE, "type": "choose", "manner": {"tier": "telepathy"}},
        {**PAGE, "type": "choose", "manner": {"ending": "push-to-talk"}},
        {**PAGE, "type": "talk", "state": "held"},
        {**PAGE, "type": "on-offer", "saying": "s", "do": "burn"},
        {**PAGE, "type": "playing", "track": "x" * 81, "samples": 1, "state": "ended"},
        {**PAGE, "type": "playing", "track": "x", "samples": -1, "state": "ended"},
        {**PAGE, "type": "playing", "track": "x", "samples": 1, "state": "playing", "ago": 1e9},
        {**PAGE, "type": "playing", "track": "x", "samples": 1, "state": "playing", "ago": float("nan")},
        {**PAGE, "type": "command", "name": "stop", "more": 1},
        wire.Status(state="ready").model_dump(),  # our own words, echoed back by the page
    ],
)
def test_everything_else_is_not_for_us(raw: object) -> None:
    with pytest.raises(wire.NotForUs):
        wire.read(raw)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_no_junk_is_an_accident(raw: object) -> None:
    with pytest.raises(wire.NotForUs):
        wire.read(raw)

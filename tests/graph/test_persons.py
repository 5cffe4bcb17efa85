import pytest

from graph.persons import inside, second_person, third_person


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("i am left handed", "The user is left handed."),
        ("i have my keys with me", "The user has their keys with them."),
        ("i need milk", "The user needs milk."),
        ("i parked on level 3", "The user parked on level 3."),
        ("i do not smoke", "The user does not smoke."),
        ("my car is red", "The user's car is red."),
        ("the bin is full", "The bin is full."),
    ],
)
def test_a_memory_is_kept_in_the_third_person(said: str, kept: str) -> None:
    assert third_person(said) == kept


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("The user's name is Sarah.", "Your name is Sarah."),
        ("The user is 34 years old.", "You are 34 years old."),
        ("The user lives in Leeds.", "You live in Leeds."),
        ("The user watches birds.", "You watch birds."),
        ("The user studies law.", "You study law."),
        ("The user goes to their mum's.", "You go to your mum's."),
        ("The user does not like mushrooms.", "You do not like mushrooms."),
        ("The user wants to be called Jo.", "You want to be called Jo."),
        ("The bin is full.", "The bin is full."),
    ],
)
def test_a_memory_is_told_in_the_second_person(kept: str, told: str) -> None:
    assert second_person(kept) == told


def test_inside_a_sentence_names_keep_their_capital() -> None:
    assert inside("Your name is Sarah.") == "your name is Sarah"
    assert inside("Rex is old.") == "Rex is old"

"""The four tiers, by example and against a model of them."""

from itertools import permutations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from voice.tiers import Ability, Means, Tier, TierChange, VoiceFallback, tier_of
from voice.types import Reason

STEADY = 3.0
NO = Ability(False, Reason("broken"))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("hears", "speaks", "tier"),
    [(True, True, Tier.FULL), (True, False, Tier.STT_ONLY), (False, True, Tier.TTS_ONLY), (False, False, Tier.TEXT)],
)
def test_a_tier_is_what_works(hears: bool, speaks: bool, tier: Tier) -> None:
    assert tier_of(hears=hears, speaks=speaks) is tier
    assert (tier.hears, tier.speaks) == (hears, speaks)


def test_the_way_down_is_told_at_once_and_says_why() -> None:
    fallback = VoiceFallback(clock=Clock())
    change = fallback.update(ladders=Means(speaks=Ability(False, Reason("no-voice"))))
    assert change == TierChange(Tier.FULL, Tier.STT_ONLY, (Reason("no-voice"),))
    assert change.news == ("voice-lost",)


def test_the_way_up_is_told_when_it_has_held() -> None:
    clock = Clock()
    fallback = VoiceFallback(steady_seconds=STEADY, clock=clock)
    fallback.update(ladders=Means(hears=NO))
    assert fallback.update(ladders=Means()) is None
    assert fallback.seconds_to_tick == STEADY
    clock.now = 2.9
    assert fallback.tick() is None
    clock.now = 3.0
    change = fallback.tick()
    assert change is not None
    assert change.is_recovery
    assert change.news == ("hearing-back",)
    assert fallback.seconds_to_tick is None


def test_what_comes_and_goes_is_not_told_at_all() -> None:
    clock = Clock()
    fallback = VoiceFallback(steady_seconds=STEADY, clock=clock)
    fallback.update(ladders=Means(hears=NO))
    for _ in range(20):
        clock.now += 2
        assert fallback.update(ladders=Means()) is None
        clock.now += 2
        assert fallback.update(ladders=Means(hears=NO)) is None


def test_what_is_lost_is_told_at_once_also_while_something_else_comes_back() -> None:
    fallback = VoiceFallback(steady_seconds=STEADY, clock=Clock())
    fallback.update(ladders=Means(hears=NO))
    change = fallback.update(ladders=Means(speaks=NO))
    assert change is not None
    assert change.after is Tier.TEXT
    assert not change.is_recovery


@pytest.mark.parametrize(("before", "after"), permutations(Tier, 2))
def test_from_each_tier_to_each_other_what_is_lost_is_told_at_once_and_what_is_gained_when_it_has_held(
    before: Tier, after: Tier
) -> None:
    clock = Clock()
    fallback = VoiceFallback(means(before), steady_seconds=STEADY, clock=clock)
    at_once = tier_of(hears=before.hears and after.hears, speaks=before.speaks and after.speaks)
    fallback.update(ladders=means(after))
    assert (fallback.tier, fallback.shown) == (after, at_once)
    clock.now += STEADY
    fallback.tick()
    assert fallback.shown is after


def means(tier: Tier) -> Means:
    return Means(Ability(tier.hears, Reason("-")), Ability(tier.speaks, Reason("-")))


def test_with_a_choice_what_has_just_come_back_is_told_as_well() -> None:
    fallback = VoiceFallback(steady_seconds=STEADY, clock=Clock())
    fallback.update(ladders=Means(hears=NO))
    assert fallback.update(ladders=Means()) is None
    change = fallback.update(choice=Tier.STT_ONLY)
    assert change is not None
    assert (change.after, change.news) == (
        Tier.STT_ONLY,
        ("voice-lost", "hearing-back"),
    )
    assert fallback.seconds_to_tick is None


def test_a_choice_is_followed_at_once_in_both_directions() -> None:
    fallback = VoiceFallback(steady_seconds=STEADY, clock=Clock())
    for choice in (Tier.TEXT, Tier.TTS_ONLY, Tier.FULL):
        change = fallback.update(choice=choice)
        assert change is not None
        assert change.chosen
        assert not change.is_recovery
        assert fallback.shown is choice


def test_the_reason_leaves_out_what_the_user_does_not_want_anyway() -> None:
    fallback = VoiceFallback(clock=Clock())
    fallback.update(
        ladders=Means(hears=Ability(False, Reason("no-recogniser")), speaks=Ability(False, Reason("no-voice")))
    )
    fallback.browser_can(hears=Ability(False, Reason("no-microphone")))
    assert [each.code for each in fallback.why] == ["no-recogniser", "no-microphone", "no-voice"]
    fallback.update(choice=Tier.TTS_ONLY)
    assert fallback.why == (Reason("no-voice"),)


class TierMachine(RuleBasedStateMachine):
    """Whatever happens: the tier is a function of the three; what was told is never better than what had held."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.fallback = VoiceFallback(steady_seconds=STEADY, clock=self.clock)
        self.ladders = self.browser = (True, True)
        self.choice = Tier.FULL
        self.told = Tier.FULL
        self.best_since = {"hears": 0.0, "speaks": 0.0}
        """When each direction began to work without a break."""

    def expected(self) -> Tier:
        hears, speaks = (
            own and ladder and browser
            for own, ladder, browser in zip(
                (self.choice.hears, self.choice.speaks), self.ladders, self.browser, strict=True
            )
        )
        return tier_of(hears=hears, speaks=speaks)

    def after(self, change: TierChange | None, *, chosen: bool = False) -> None:
        expected = self.expected()
        for name, works in (("hears", expected.hears), ("speaks", expected.speaks)):
            if not works:
                self.best_since[name] = float("inf")
            elif self.best_since[name] == float("inf"):
                self.best_since[name] = self.clock.now
        if change is not None:
            assert change.before is self.told
            assert change.after is not change.before
            assert change.news
            for name in ("hears", "speaks"):
                if getattr(change.after, name) and not getattr(change.before, name) and not chosen:
                    assert self.clock.now - self.best_since[name] >= STEADY
            self.told = change.after

    @rule(hears=st.booleans(), speaks=st.booleans())
    def ladders_change(self, hears: bool, speaks: bool) -> None:
        self.ladders = (hears, speaks)
        self.after(self.fallback.update(ladders=Means(Ability(hears, Reason("-")), Ability(speaks, Reason("-")))))

    @rule(hears=st.booleans(), speaks=st.booleans())
    def browser_changes(self, hears: bool, speaks: bool) -> None:
        self.browser = (hears, speaks)
        self.after(self.fallback.browser_can(hears=Ability(hears, Reason("-")), speaks=Ability(speaks, Reason("-"))))

    @rule(choice=st.sampled_from(Tier))
    def user_chooses(self, choice: Tier) -> None:
        chosen = choice is not self.choice
        self.choice = choice
        self.after(self.fallback.update(choice=choice), chosen=chosen)

    @rule(seconds=st.floats(0, 5))
    def time_passes(self, seconds: float) -> None:
        self.clock.now += seconds
        self.after(self.fallback.tick())

    @invariant()
    def the_tier_is_a_function_of_the_three(self) -> None:
        assert self.fallback.tier is self.expected()

    @invariant()
    def what_was_told_never_promises_more_than_there_is(self) -> None:
        told, tier = self.fallback.shown, self.fallback.tier
        assert told is self.told
        assert tier.hears or not told.hears
        assert tier.speaks or not told.speaks

    @invariant()
    def what_holds_is_told_in_the_end(self) -> None:
        pending = self.fallback.seconds_to_tick
        if self.fallback.tier is not self.fallback.shown:
            assert pending is not None
            assert pending <= STEADY + 1e-9


TestTierMachine = TierMachine.TestCase
TestTierMachine.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)

"""The same world driven by Hypothesis, which shrinks what it finds to a short story."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.reliability.interleaving import Run
from tests.reliability.stepping import fresh_memory, wipe
from tests.reliability.world import APPROVERS, OUTSIDER, World

CONNECTION: list[Any] = []


class DrawnWorld(World):
    """A world in which every choice is drawn by Hypothesis."""

    drawn: Any = None

    def choose(self, options: tuple[str, ...]) -> str:
        if self.drawn is None:
            return options[0]
        choice: str = self.drawn.draw(st.sampled_from(options))
        return choice


class Kill(RuleBasedStateMachine):
    """Steps of two replicas and of the world around them, in any order."""

    @initialize(seed=st.integers(0, 7), applications=st.integers(1, 2))
    def begin(self, seed: int, applications: int) -> None:
        if not CONNECTION:
            CONNECTION.append(fresh_memory())
        wipe(CONNECTION[0])
        self.world = DrawnWorld(CONNECTION[0], seed)
        self.run_ = Run(self.world, applications)

    @rule(data=st.data(), steps=st.integers(1, 12))
    def go_on(self, data: Any, steps: int) -> None:
        self.world.drawn = data
        for _ in range(steps):
            ready = self.world.runnable()
            if not ready:
                self.world.time.pass_(1)
                return
            data.draw(st.sampled_from(ready)).step()
            self.world.platform.catch_up()

    @rule(
        user=st.sampled_from((*APPROVERS, OUTSIDER)),
        number=st.integers(0, 1),
        approve=st.booleans(),
    )
    def click(self, user: str, number: int, approve: bool) -> None:
        self.world.press(user, number, approve=approve)

    @rule(number=st.integers(0, 1), index=st.integers(0, 5))
    def click_again(self, number: int, index: int) -> None:
        keys = list(self.world.known)
        if keys:
            self.world.press("", number, approve=True, key=keys[index % len(keys)])

    @rule(number=st.integers(0, 1))
    def sweep(self, number: int) -> None:
        self.world.spawn("sweep", number, self.world.sweep(self.world.replicas[number]))

    @rule(number=st.integers(0, 1))
    def send(self, number: int) -> None:
        self.world.spawn("send", number, self.world.send(self.world.replicas[number]))

    @rule(number=st.integers(0, 1))
    def crash(self, number: int) -> None:
        self.world.crash(number)

    @rule(seconds=st.sampled_from((0.5, 6, 31, 130, 901)))
    def time_passes(self, seconds: float) -> None:
        self.world.time.pass_(seconds)

    @rule(what=st.sampled_from(("finish", "attempt", "reuse")))
    def application_changes(self, what: str) -> None:
        self.world.happen(what)

    @rule(fault=st.sampled_from(("_cluster", "_slack", "_disk")))
    def something_fails_or_heals(self, fault: str) -> None:
        getattr(self.run_, fault)()

    @invariant()
    def nothing_is_broken(self) -> None:
        if hasattr(self, "run_"):
            self.run_.watch.step()
            assert not self.run_.watch.found

    def teardown(self) -> None:
        if hasattr(self, "run_"):
            self.world.drawn = None
            self.run_.heal()
            self.run_.watch.end()
            assert not self.run_.watch.found


def _drive(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Kill,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            derandomize=True,
        ),
    )


def test_no_story_of_100_breaks_an_invariant() -> None:
    """Hypothesis draws every order and every fault, and finds nothing."""
    _drive(100, 15)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_story_of_2000_breaks_an_invariant() -> None:
    """The long tier: 2,000 stories of 40 steps."""
    _drive(2000, 40)

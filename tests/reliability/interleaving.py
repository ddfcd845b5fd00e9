"""One random run: two replicas, clicks in Slack and at the console, crashes, faults; then everything heals and is checked."""

from sqlalchemy.engine import Connection

from tests.reliability.invariants import Watch
from tests.reliability.stepping import wipe
from tests.reliability.world import APPROVERS, OUTSIDER, World

STEPS = 70
CLICKERS = (*APPROVERS, *APPROVERS, OUTSIDER)
EVENTS = (
    ("run", 90),
    ("click", 5),
    ("page", 3),
    ("again", 3),
    ("pass", 6),
    ("sweep", 4),
    ("send", 4),
    ("crash", 1.5),
    ("long", 1),
    ("application", 1),
    ("swap", 1),
    ("cluster", 0.7),
    ("slack", 1),
    ("disk", 0.5),
    ("clock", 0.7),
)
NAMES = [name for name, _ in EVENTS]
WEIGHTS = [weight for _, weight in EVENTS]


class Run:
    """Plays one seed in a world; `violations` is empty when all went well."""

    def __init__(self, world: World, targets: int) -> None:
        self.world = world
        self.steady = True
        proposal = world.propose(targets)
        self.watch = Watch(world, proposal)

    def play(self) -> list[str]:
        world = self.world
        self._click(first=True)
        for _ in range(STEPS):
            self.event(world.random.choices(NAMES, WEIGHTS)[0])
        self.heal()
        self.watch.end()
        return self.watch.found

    def event(self, name: str) -> None:
        getattr(self, f"_{name}")()
        self.watch.step()

    def heal(self) -> None:
        """End every fault and let sweeps, workers and senders finish what is left."""
        world = self.world
        world.slack_down = world.platform.down = world.disk_full = False
        for _ in range(60):
            for number, replica in enumerate(world.replicas):
                world.spawn("sweep", number, world.sweep(replica))
                world.spawn("send", number, world.send(replica))
            self._drain()
            self.watch.step()
            if self._quiet():
                break
            world.time.pass_(75 if self.steady else 400)

    def _drain(self) -> None:
        world = self.world
        while world.threads:
            world.platform.catch_up()
            ready = world.runnable()
            if not ready:
                if not world.threads:
                    return
                until = min(thread.waiting.until for thread in world.threads)
                world.time.pass_(until - world.time.ticks)
                continue
            world.random.choice(ready).step()

    def _quiet(self) -> bool:
        rows = self.world.database.run(
            lambda c: c.exec_driver_sql(
                "SELECT (SELECT count(*) FROM inbox WHERE state <> 'done')"
                " + (SELECT count(*) FROM outbox WHERE open = 1)"
                " + (SELECT count(*) FROM proposals WHERE state IN ('pending', 'claimed')"
                " OR watching = 1)"
            ).scalar_one()
        )
        return bool(rows == 0)

    def _run(self) -> None:
        world = self.world
        ready = world.runnable()
        if ready:
            world.random.choice(ready).step()
            world.platform.catch_up()
        else:
            self._pass()

    def _click(self, *, first: bool = False) -> None:
        world = self.world
        user = world.random.choice(APPROVERS if first else CLICKERS)
        approve = first or world.random.random() < 0.9
        world.press(user, world.random.randrange(2), approve=approve)

    def _page(self) -> None:
        world = self.world
        user, approve = world.random.choice(CLICKERS), world.random.random() < 0.9
        world.decide_at_page(user, world.random.randrange(2), approve=approve)

    def _again(self) -> None:
        world = self.world
        key = world.random.choice(list(world.known))
        world.press("", world.random.randrange(2), approve=True, key=key)

    def _pass(self) -> None:
        self.world.time.pass_(self.world.random.choice((0.3, 1.0, 3.0)))

    def _long(self) -> None:
        self.world.time.pass_(self.world.random.choice((6, 31, 31, 31, 130, 901)))

    def _sweep(self) -> None:
        world = self.world
        number = world.random.randrange(2)
        world.spawn("sweep", number, world.sweep(world.replicas[number]))

    def _send(self) -> None:
        world = self.world
        number = world.random.randrange(2)
        world.spawn("send", number, world.send(world.replicas[number]))

    def _crash(self) -> None:
        self.world.crash(self.world.random.randrange(2))

    def _application(self) -> None:
        self.world.happen(self.world.random.choice(("finish", "attempt", "reuse")))

    def _swap(self) -> None:
        """Stop everything for a while, during which an id changes hands."""
        self.world.time.pass_(6)
        self.world.happen("reuse")

    def _cluster(self) -> None:
        self.world.platform.down = not self.world.platform.down

    def _slack(self) -> None:
        self.world.slack_down = not self.world.slack_down

    def _disk(self) -> None:
        self.world.disk_full = not self.world.disk_full

    def _clock(self) -> None:
        self.steady = False
        hours = self.world.random.choice((-1, 1, -0.001, 0.001))
        self.world.time.step(hours * 3600)


def play(world_class: type[World], connection: Connection, seed: int) -> tuple[list[str], int]:
    """Play one seed; return the violations and the number of kill requests."""
    wipe(connection)
    world = world_class(connection, seed)
    run = Run(world, world.random.choice((1, 1, 2)))
    return run.play(), len(world.platform.calls)

"""What holds for every test."""

import os

from hypothesis import settings

# A case that takes long on a busy machine is no failure: speed is measured in `make bench`.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_xdist_auto_num_workers() -> int:
    """Return the number of workers for `-n auto`: flows of messages wait as often as they compute."""
    return (os.cpu_count() or 1) + 1

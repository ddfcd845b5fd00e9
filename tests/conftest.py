"""What holds for every test."""

from hypothesis import settings

# A case that takes long on a busy machine is no failure: speed is measured in `make bench`.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

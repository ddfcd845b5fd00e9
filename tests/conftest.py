"""What holds for every test."""

import os
from pathlib import Path

import certifi
import pytest
from hypothesis import settings

# A case that takes long on a busy machine is no failure: speed is measured in `make bench`.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_xdist_auto_num_workers() -> int:
    """Return the number of workers for `-n auto`: flows of messages wait as often as they compute."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    first, end, _ = (
        Path(certifi.where()).read_text("ascii").partition("-----END CERTIFICATE-----\n")
    )
    file = tmp_path_factory.mktemp("trust") / "one.pem"
    file.write_text(first + end, encoding="ascii")
    return file


@pytest.fixture(autouse=True)
def trusting_one_authority(
    request: pytest.FixtureRequest, one_authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Load one authority for each HTTP client: all of them cost more than the rest of a start.

    Only the long tier asks servers of the internet.
    """
    if request.node.get_closest_marker("long") is None:
        monkeypatch.setenv("SSL_CERT_FILE", str(one_authority))

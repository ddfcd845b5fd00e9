"""The image's root, made once for all tests that run something in it."""

from collections.abc import Iterator

import pytest

from tests.image.container import Container, replayed, why_not


@pytest.fixture(scope="session")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    if reason := why_not():
        pytest.skip(reason)
    with replayed(tmp_path_factory.mktemp("image") / "roots") as made:
        yield made

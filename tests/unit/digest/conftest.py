"""Both databases of the storage contract, for the slots of the digest."""

from tests.contract.conftest import database_address, postgres_url

__all__ = ["database_address", "postgres_url"]

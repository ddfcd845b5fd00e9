"""Base addresses of systems: what counts as one, and what of it may be shown."""

import httpx


def with_scheme(address: str) -> str:
    """Return a base address with a scheme and without a slash at its end."""
    whole = address if "://" in address else f"http://{address}"
    return whole.rstrip("/")


def is_address(address: str) -> bool:
    """Tell whether it is an http or https address with a host and without parameters."""
    try:
        url = httpx.URL(with_scheme(address))
    except httpx.InvalidURL:
        return False
    return url.scheme in {"http", "https"} and bool(url.host) and not url.query


def shown(address: str) -> str:
    """Return host and port of an address, which is all that may be shown of it."""
    url = httpx.URL(with_scheme(address))
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{host}:{url.port}" if url.port else host

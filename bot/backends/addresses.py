"""Base addresses of systems: what counts as one, and what of it may be shown."""

from ipaddress import ip_address

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


def is_numeric(address: str) -> bool:
    """Tell whether an address names its host by number."""
    try:
        ip_address(httpx.URL(with_scheme(address)).host)
    except ValueError:
        return False
    return True


def place(location: str) -> str:
    """Return where a redirect leads, without user name, password and parameters."""
    try:
        url = httpx.URL(location)
    except httpx.InvalidURL:
        return "?"
    return f"{shown(location)}{url.path}" if url.host else url.path


def shown(address: str) -> str:
    """Return host and port of an address: user names and passwords may not be shown."""
    url = httpx.URL(with_scheme(address))
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{host}:{url.port}" if url.port else host

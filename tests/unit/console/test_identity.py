"""Who a reverse proxy says it is: believed from its address alone, mapped by the file, else read-only."""

from pathlib import Path

import httpx
import pytest

from bot.api.client import GatewayClient, GatewayError
from bot.console.door import GUESTS, Door, MemberBook, PeopleError, add_member, behind_door

HEADER = "X-Forwarded-User"
PROXY, ELSEWHERE = "127.0.0.1", "10.0.0.9"


def book(folder: Path, *lines: str) -> MemberBook:
    file = folder / "users"
    file.write_text("\n".join(lines))
    file.chmod(0o600)
    return MemberBook(file)


async def status(door: Door, peer: str, *names: str, **more: str) -> int:
    """Ask for the page as a peer whose request carries the header once for each name."""
    transport = httpx.ASGITransport(app=behind_door(door, ("console",)), client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://console") as client:
        headers = [*((HEADER, each) for each in names), *more.items()]
        return (await client.get("/", headers=headers)).status_code


@pytest.mark.parametrize(
    ("peer", "names", "expected"),
    [
        (PROXY, ["minji"], 303),
        (PROXY, ["somebody"], 401),
        (PROXY, [], 401),
        (PROXY, [""], 401),
        (PROXY, ["minji", "minji"], 401),
        (PROXY, [GUESTS], 401),
        (ELSEWHERE, ["minji"], 401),
        ("unix", ["minji"], 401),
    ],
)
async def test_a_name_is_believed_from_the_proxy_alone(
    tmp_path: Path, peer: str, names: list[str], expected: int
) -> None:
    """Once, and only a name of the file; nothing that the request says moves its sender."""
    door = Door(book(tmp_path, "minji:-:dj_minji"), HEADER)
    assert await status(door, peer, *names) == expected
    if peer == ELSEWHERE:
        assert await status(door, peer, *names, **{"X-Forwarded-For": PROXY}) == 401


async def test_without_a_header_no_header_signs_in(tmp_path: Path) -> None:
    """The form does."""
    assert await status(Door(book(tmp_path, "minji:-:dj_minji")), PROXY, "minji") == 401


async def test_whoever_is_not_in_the_file_may_look_where_guests_may(tmp_path: Path) -> None:
    """As nobody in particular: no word, no decision."""
    members = book(tmp_path, "minji:-:dj_minji", f"{GUESTS}:-:dj_guest")
    assert await status(Door(members, HEADER), PROXY, "somebody") == 303
    guest = members.named("somebody")
    assert guest is not None
    assert (guest.name, guest.token) == (GUESTS, "dj_guest")
    assert members.checked(GUESTS, "") is None
    client = GatewayClient("http://127.0.0.1:9", guest.token, reads_only=True)
    for act in (
        client.decide("0" * 32, "0" * 64, approve=True),
        client.undo("t", "x"),
        anext(client.say("t", "x", "ko")),
    ):
        with pytest.raises(GatewayError, match="only read"):
            await act
    await client.close()


def test_a_guest_is_made_by_hand_alone(tmp_path: Path) -> None:
    """No password makes one."""
    with pytest.raises(PeopleError):
        add_member(tmp_path / "users", GUESTS, "a long enough one", "dj_guest")

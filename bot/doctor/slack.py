"""What the operator is told of Slack: tokens, scopes, clock, channels, approvers. Changes nothing."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.approvals.model import KILL_WINDOW, KILLS_WITHOUT_SECOND, ApprovalPolicy
from bot.approvals.policy import Approvers
from bot.doctor.findings import Check, finding
from bot.domain.alerts import AlertStatus
from bot.errors import BackendError
from bot.handlers.alerts.reading import read, sender_of
from bot.handlers.people import SlackPeople
from bot.handlers.socket import REQUIRED_SCOPES
from bot.ports import Clock

# Which bots posted in the alert channels lately, and how each one's posts would be read.


MOST_SENDERS = 10
KINDS = {AlertStatus.FIRING: "firing", AlertStatus.RESOLVED: "over"}


def senders_in(
    messages: Iterable[Mapping[str, Any]],
    ours: str,
    speaks_of: Callable[[str], bool] | None = None,
) -> list[Check]:
    """Return a line per sender: how many posts are alerts, ends, and nothing to us."""
    counts: dict[str, Counter[str]] = {}
    for each in messages:
        if not each.get("bot_id") or each.get("bot_id") == ours:
            continue
        message = dict(each)
        status = read(message, speaks_of).status
        kind = KINDS.get(status, "none") if status else "none"
        counts.setdefault(sender_of(message)[:80], Counter())[kind] += 1
    busiest = sorted(counts.items(), key=lambda item: -item[1].total())[:MOST_SENDERS]
    return [
        finding(
            "sender_read", sender=name, **{kind: found[kind] for kind in (*KINDS.values(), "none")}
        )
        for name, found in busiest
    ]


MANIFEST_SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "usergroups:read",
        "users:read",
    }
)
SKEW_SECONDS = 60.0
MEMBERS_ASKED = 50  # Slack allows 100 users.info a minute
LATEST = 100  # messages of a channel
UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which tokens, channels and approvers to check."""

    bot_token: str
    app_token: str
    channels: tuple[str, ...]
    policy: ApprovalPolicy
    alert_channels: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class _Reply:
    data: Mapping[str, Any]
    headers: Mapping[str, Any]
    code: str = ""  # Slack's error, or `unreachable`; empty when all is well


async def check_slack(
    client: AsyncWebClient, asked: Asked, clock: Clock, limit: float = 30.0
) -> tuple[Check, ...]:
    """Check everything about Slack that can be looked up; never raises for what is wrong there."""
    wrong = tuple(_kinds(asked.bot_token, asked.app_token))
    if wrong:
        return wrong
    try:
        async with asyncio.timeout(limit):
            return await _checked(client, asked, clock)
    except TimeoutError:
        return (_unreachable(client, f"no answer in {limit:.0f} s"),)


async def _checked(client: AsyncWebClient, asked: Asked, clock: Clock) -> tuple[Check, ...]:
    me = await _tried(client.auth_test())
    if me.code == UNREACHABLE:
        return (_unreachable(client, str(me.data["reason"])),)
    if me.code:
        return (finding("slack_refused", variable="SLACK_BOT_TOKEN", code=me.code),)
    name, team = str(me.data.get("user", "")), str(me.data.get("team_id", ""))
    found = {"bot": name, "team": str(me.data.get("team", ""))}
    parts = await asyncio.gather(
        _app_token(client, asked.app_token),
        _channels(client, asked.channels, name),
        _approvers(client, asked.policy, team, clock),
        _senders(client, asked, str(me.data.get("bot_id", ""))),
    )
    return (
        finding("slack_found", **found),
        parts[0],
        *_scopes(me.headers),
        *_skew(me.headers, clock()),
        *parts[1],
        *parts[2],
        *parts[3],
    )


def _kinds(bot_token: str, app_token: str) -> Iterator[Check]:
    if bot_token.startswith("xapp-") and app_token.startswith("xoxb-"):
        yield finding("slack_swapped")
        return
    for variable, token, prefix in (
        ("SLACK_BOT_TOKEN", bot_token, "xoxb-"),
        ("SLACK_APP_TOKEN", app_token, "xapp-"),
    ):
        if not token:
            yield finding("slack_no_token", variable=variable)
        elif not token.startswith(prefix):
            yield finding("slack_kind", variable=variable, prefix=prefix)


async def _app_token(client: AsyncWebClient, app_token: str) -> Check:
    opened = await _tried(client.apps_connections_open(app_token=app_token))
    if opened.code:
        return finding("slack_refused", variable="SLACK_APP_TOKEN", code=opened.code)
    return finding("slack_app_token")


def _scopes(headers: Mapping[str, Any]) -> Iterator[Check]:
    told = _header(headers, "x-oauth-scopes")
    if told is None:
        return
    lacking = MANIFEST_SCOPES - {scope.strip() for scope in told.split(",")}
    if not lacking:
        yield finding("scopes_whole")
    for key, some in (
        ("scopes_missing", lacking & REQUIRED_SCOPES),
        ("scopes_fewer", lacking - REQUIRED_SCOPES),
    ):
        if some:
            yield finding(key, scopes=", ".join(sorted(some)))


def _skew(headers: Mapping[str, Any], now: datetime) -> Iterator[Check]:
    told = _header(headers, "date")
    if told is None:
        return
    try:
        apart = (now - parsedate_to_datetime(told)).total_seconds()
    except (ValueError, TypeError):  # no date, or one without a time zone
        return
    if abs(apart) <= SKEW_SECONDS:
        yield finding("clock_right")
    else:
        yield finding("clock_wrong", seconds=f"{apart:+.0f}")


async def _channels(client: AsyncWebClient, channels: tuple[str, ...], name: str) -> list[Check]:
    named = tuple(dict.fromkeys(channels))
    if named:
        return list(await asyncio.gather(*(_channel(client, each, name) for each in named)))
    if await _in_any(client):
        return []
    return [finding("channel_none", bot=name)]


async def _channel(client: AsyncWebClient, channel: str, name: str) -> Check:
    reply = await _tried(client.conversations_info(channel=channel))
    if reply.code == "channel_not_found":
        return finding("channel_unknown", channel=channel)
    if reply.code:
        return finding("channel_failed", channel=channel, code=reply.code)
    body = reply.data.get("channel") or {}
    shown = f"#{body['name']} ({channel})" if body.get("name") else channel
    if body.get("is_archived"):
        return finding("channel_archived", channel=shown)
    if not body.get("is_member") and not body.get("is_im"):
        return finding("channel_foreign", channel=shown, bot=name)
    return finding("channel_fine", channel=shown)


async def _senders(client: AsyncWebClient, asked: Asked, ours: str) -> list[Check]:
    """Say how each bot's latest posts in the alert channels would be read."""
    pages = [
        await _tried(client.conversations_history(channel=each, limit=LATEST))
        for each in asked.alert_channels
    ]
    messages = [each for page in pages for each in page.data.get("messages") or []]
    pattern = asked.pattern
    return senders_in(messages, ours, pattern and (lambda text: bool(pattern.search(text))))


async def _in_any(client: AsyncWebClient) -> bool:
    """Tell whether we are in any channel; True when Slack does not say."""
    kinds = "public_channel,private_channel"
    reply = await _tried(client.users_conversations(types=kinds, exclude_archived=True, limit=1))
    return bool(reply.code or reply.data.get("channels"))


async def _approvers(
    client: AsyncWebClient, policy: ApprovalPolicy, team: str, clock: Clock
) -> list[Check]:
    if not policy.approvers and not policy.approver_group:
        return [finding("approvers_none")]
    people = SlackPeople(client, team)
    judge = Approvers(people, policy, clock)
    named = sorted(policy.approvers)
    checks = [await _approver(people, judge, user, team) for user in named]
    able = {user for user, check in zip(named, checks, strict=True) if check is None}
    found = [check for check in checks if check is not None]
    if policy.approver_group:
        try:
            members = await people.group_members(policy.approver_group)
        except BackendError as error:
            return [*found, _group_failed(policy.approver_group, error.missing.detail)]
        if not members:
            return [*found, finding("group_empty", group=policy.approver_group)]
        some = sorted(members)[:MEMBERS_ASKED]
        able |= {user for user in some if await judge.barred(user, team) is None}
    counts = {"able": str(len(able)), "needed": str(policy.approvals_required)}
    if len(able) < policy.approvals_required:
        return [*found, finding("approvers_few", **counts)]
    if len(able) == 1:
        minutes = int(KILL_WINDOW / timedelta(minutes=1))
        alone = {"kills": str(KILLS_WITHOUT_SECOND), "minutes": str(minutes)}
        return [*found, finding("approvers_alone", **alone)]
    return [*found, finding("approvers_fine", **counts)]


async def _approver(people: SlackPeople, judge: Approvers, user: str, team: str) -> Check | None:
    """Return what is wrong with one named approver, None when nothing is."""
    code = await judge.barred(user, team)
    if code is None:
        return None
    if code != "unchecked":
        return finding("approver_unfit", user=user, code=code)
    try:
        await people.person(user)
    except BackendError as error:
        if error.missing.detail in {"user_not_found", "user_not_visible"}:
            return finding("approver_unknown", user=user)
        return finding("approver_failed", user=user, code=error.missing.detail)
    return None


def _group_failed(group: str, code: str) -> Check:
    keys = {"no_such_subteam": "group_missing", "plan_upgrade_required": "group_plan"}
    if code in keys:
        return finding(keys[code], group=group)
    return finding("group_failed", group=group, code=code)


def _unreachable(client: AsyncWebClient, reason: str) -> Check:
    return finding("slack_unreachable", address=client.base_url, reason=reason)


def _header(headers: Mapping[str, Any], name: str) -> str | None:
    found = next((value for key, value in headers.items() if key.lower() == name), None)
    found = found[0] if isinstance(found, list) else found
    return None if found is None else str(found)


async def _tried(call: Awaitable[Any]) -> _Reply:
    try:
        answer = await call
    except SlackApiError as error:
        body = error.response.data if isinstance(error.response.data, dict) else {}
        code = str(body.get("error") or "")
        if not code:  # not Slack's own answer, but a page in between
            return _Reply({"reason": f"HTTP {error.response.status_code}"}, {}, UNREACHABLE)
        needed = body.get("needed")
        return _Reply(body, error.response.headers, f"{code}: {needed}" if needed else code)
    except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError) as error:
        return _Reply({"reason": type(error).__name__}, {}, UNREACHABLE)
    return _Reply(answer.data if isinstance(answer.data, dict) else {}, answer.headers)

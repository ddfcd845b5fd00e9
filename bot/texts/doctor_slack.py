"""What the doctor says of Slack: tokens, scopes, clock, channels, approvers."""

from bot.domain.language import Text

SLACK: dict[str, tuple[Text, ...]] = {
    "slack_no_token": (
        Text(ko="{variable}이 비어 있습니다", en="{variable} is empty"),
        Text(
            ko="slack-manifest.yaml로 앱을 만들고 토큰을 .env에 넣으세요",
            en="create the app from slack-manifest.yaml and put its token into .env",
        ),
    ),
    "slack_swapped": (
        Text(ko="두 토큰이 서로 바뀌었습니다", en="the two tokens are swapped"),
        Text(
            ko="SLACK_BOT_TOKEN과 SLACK_APP_TOKEN의 값을 맞바꾸세요",
            en="exchange SLACK_BOT_TOKEN and SLACK_APP_TOKEN",
        ),
    ),
    "slack_kind": (
        Text(
            ko="{variable}이 {prefix}로 시작하지 않습니다",
            en="{variable} does not begin with {prefix}",
        ),
        Text(
            ko="xoxb-는 OAuth & Permissions, xapp-는 App-Level Tokens에 있습니다",
            en="xoxb- is under OAuth & Permissions, xapp- under App-Level Tokens",
        ),
    ),
    "slack_refused": (
        Text(ko="Slack이 {variable}을 거부합니다 ({code})", en="Slack refuses {variable} ({code})"),
        Text(
            ko="앱을 다시 설치하고 토큰을 새로 복사하세요. xapp- 토큰에는 connections:write가 필요합니다",
            en="reinstall the app and copy the token anew; an xapp- token needs connections:write",
        ),
    ),
    "slack_unreachable": (
        Text(
            ko="{address}에 닿지 않습니다 ({reason})", en="{address} cannot be reached ({reason})"
        ),
        Text(
            ko="SLACK_API_URL, 프록시, 방화벽(443)을 확인하세요",
            en="check SLACK_API_URL, the proxy and the firewall (443)",
        ),
    ),
    "slack_found": (Text(ko="{team}의 @{bot}", en="@{bot} in {team}"),),
    "slack_app_token": (Text(ko="Socket Mode를 열 수 있습니다", en="Socket Mode can be opened"),),
    "scopes_whole": (
        Text(ko="매니페스트의 권한이 모두 있습니다", en="everything the manifest asks for"),
    ),
    "scopes_missing": (
        Text(ko="필수 권한이 없습니다: {scopes}", en="required scopes are missing: {scopes}"),
        Text(
            ko="slack-manifest.yaml을 다시 붙여 넣고 앱을 다시 설치하세요",
            en="paste slack-manifest.yaml again and reinstall the app",
        ),
    ),
    "scopes_fewer": (
        Text(
            ko="일부 기능의 권한이 없습니다: {scopes}",
            en="scopes of some features: {scopes} missing",
        ),
        Text(
            ko="slack-manifest.yaml을 다시 붙여 넣고 앱을 다시 설치하세요",
            en="paste slack-manifest.yaml again and reinstall the app",
        ),
    ),
    "clock_right": (Text(ko="Slack의 시각과 맞습니다", en="agrees with Slack's"),),
    "clock_wrong": (
        Text(ko="Slack의 시각과 {seconds}초 다릅니다", en="is {seconds} s apart from Slack's"),
        Text(
            ko="시각 동기화(chrony, systemd-timesyncd)를 켜세요. 승인 기한이 틀어집니다",
            en="turn time synchronization on (chrony, systemd-timesyncd): approvals expire wrongly",
        ),
    ),
}
CHANNELS: dict[str, tuple[Text, ...]] = {
    "channel_fine": (Text(ko="{channel}에 들어가 있습니다", en="is in {channel}"),),
    "channel_unknown": (
        Text(
            ko="{channel} 채널이 없거나 초대받지 않은 비공개 채널입니다",
            en="{channel} does not exist, or is private without us",
        ),
        Text(
            ko="이름이 아니라 채널 ID(C…)를 적고, 비공개 채널에는 봇을 초대하세요",
            en="write the channel's id (C…), not its name, and invite the bot to private ones",
        ),
    ),
    "channel_archived": (
        Text(ko="{channel}은 보관된 채널입니다", en="{channel} is archived"),
        Text(ko="다른 채널 ID를 적으세요", en="name another channel"),
    ),
    "channel_foreign": (
        Text(ko="{channel}에 들어가 있지 않습니다", en="is not in {channel}"),
        Text(ko="채널에서 /invite @{bot}", en="say /invite @{bot} in the channel"),
    ),
    "channel_failed": (
        Text(ko="{channel}: Slack 오류 {code}", en="{channel}: Slack says {code}"),
        Text(
            ko="권한(channels:read, groups:read)을 확인하고 다시 실행하세요",
            en="check the scopes channels:read and groups:read, and run this again",
        ),
    ),
    "sender_read": (
        Text(
            ko="{sender}: 최근 글 중 울림 {firing}, 종료 {over}, 알람 아님 {none}",
            en="{sender}: of its latest posts {firing} fire, {over} end, {none} are no alerts",
        ),
    ),
    "channel_none": (
        Text(ko="아직 어느 채널에도 없습니다", en="is in no channel yet"),
        Text(ko="알림 채널에서 /invite @{bot}", en="say /invite @{bot} in the alert channel"),
    ),
}
APPROVERS: dict[str, tuple[Text, ...]] = {
    "approvers_none": (
        Text(
            ko="아무도 승인할 수 없어 종료하지 못합니다",
            en="nobody may approve, so nothing can be killed",
        ),
        Text(
            ko="APPROVERS에 사용자 ID(U…), 또는 APPROVER_GROUP에 그룹 ID(S…)를 적으세요",
            en="write user ids (U…) into APPROVERS, or a group id (S…) into APPROVER_GROUP",
        ),
    ),
    "approver_unfit": (
        Text(ko="{user}는 승인할 수 없습니다: {code}", en="{user} may not approve: {code}"),
        Text(
            ko="APPROVERS에서 빼고 정식 구성원을 적으세요",
            en="replace it in APPROVERS by a full member",
        ),
    ),
    "approver_unknown": (
        Text(ko="{user}라는 사용자가 없습니다", en="there is no user {user}"),
        Text(
            ko="APPROVERS에 이름이 아니라 구성원 ID(U…)를 적으세요",
            en="APPROVERS wants member ids (U…), not names",
        ),
    ),
    "approver_failed": (
        Text(ko="{user}: Slack 오류 {code}", en="{user}: Slack says {code}"),
        Text(
            ko="users:read 권한을 확인하고 다시 실행하세요",
            en="check the scope users:read, and run this again",
        ),
    ),
    "approvers_few": (
        Text(
            ko="승인 {needed}건이 필요하지만 승인할 수 있는 사람은 {able}명입니다",
            en="{needed} approvals are needed, and {able} people can approve",
        ),
        Text(
            ko="승인자를 더하거나 APPROVALS_REQUIRED를 낮추세요",
            en="add approvers or lower APPROVALS_REQUIRED",
        ),
    ),
    "approvers_fine": (
        Text(
            ko="{able}명이 승인할 수 있고 {needed}건이 필요합니다",
            en="{able} people can approve, {needed} needed",
        ),
    ),
    "group_missing": (
        Text(ko="{group} 그룹이 없습니다", en="there is no user group {group}"),
        Text(
            ko="APPROVER_GROUP에 @이름이 아니라 그룹 ID(S…)를 적으세요",
            en="APPROVER_GROUP wants the group's id (S…), not its @handle",
        ),
    ),
    "group_empty": (
        Text(ko="{group} 그룹에 사람이 없습니다", en="the user group {group} has no members"),
        Text(ko="Slack에서 그룹에 승인자를 넣으세요", en="add the approvers to it in Slack"),
    ),
    "group_plan": (
        Text(
            ko="이 워크스페이스의 요금제에는 사용자 그룹이 없습니다 ({group})",
            en="this workspace's plan has no user groups ({group})",
        ),
        Text(
            ko="APPROVER_GROUP을 비우고 APPROVERS에 사용자 ID를 적으세요",
            en="empty APPROVER_GROUP and write user ids into APPROVERS",
        ),
    ),
    "group_failed": (
        Text(ko="{group}: Slack 오류 {code}", en="{group}: Slack says {code}"),
        Text(
            ko="usergroups:read 권한을 확인하고 다시 실행하세요",
            en="check the scope usergroups:read, and run this again",
        ),
    ),
}

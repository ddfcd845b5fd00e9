"""What Slack events mean to us."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.alerts import AlertStatus
from bot.domain.language import Language
from bot.handlers.dispatcher import Deliveries
from bot.handlers.events import (
    Address,
    AlertPost,
    Ignored,
    Outsider,
    Question,
    moment,
    work_key,
)
from tests.unit.handlers.memory import utc_now
from tests.unit.handlers.shapes import (
    FILLERS,
    PAIRS,
    Json,
    attached,
    body,
    from_person,
    from_webhook,
    grafana,
    huge_alert,
    parser,
    recorded,
)


def alert_of(message: Json, **event: Any) -> AlertPost:
    heard = parser().read(from_webhook(message, **event))
    assert isinstance(heard, AlertPost), heard
    return heard


@pytest.mark.parametrize("tool", PAIRS)
def test_each_tools_firing_and_resolved_posts_are_the_same_alert(tool: str) -> None:
    """Status differs, the key does not."""
    firing, resolved = (alert_of(message).alert for message in PAIRS[tool])
    assert (firing.status, resolved.status) == (AlertStatus.FIRING, AlertStatus.RESOLVED)
    assert firing.key == resolved.key


def test_alerts_of_different_groups_have_different_keys() -> None:
    """Names, hosts, clusters and channels tell alerts apart; figures do not."""
    keys = {
        alert_of(attached(f"[FIRING:1] ClusterHighCPU lab-{number} (critical)")).alert.key
        for number in range(50)
    }
    keys |= {alert_of(message).alert.key for message, _ in PAIRS.values()}
    keys.add(alert_of(attached("[FIRING:1] ClusterHighCPU lab-1"), channel="C2").alert.key)
    assert len(keys) == 50 + len(PAIRS) + 1


def test_a_growing_group_and_changing_values_keep_the_key() -> None:
    """[FIRING:1] and [FIRING:3] with other values are repeats of one alert."""
    first, repeat = grafana("FIRING", "92.4"), grafana("FIRING", "97.8", number=3)
    assert alert_of(first).alert.key == alert_of(repeat).alert.key


def test_an_alert_is_read_with_all_it_says() -> None:
    """Title, text and fields are collected though the message's own text is empty."""
    found = alert_of(recorded("custom_firing")).alert
    assert found.title == "[FIRING:1] ClusterHighCPU (critical)"
    assert "Cluster CPU is 97.7%" in found.text
    assert "Severity: critical" in found.text
    assert found.thread_ts == found.ts == "1782882000.000100"
    assert found.posted_at == moment("1782882000.000100")


@pytest.mark.parametrize(
    "title",
    [
        "CPU 사용률이 정상 범위를 초과했습니다",
        "High CPU: not resolved for 2 h",
        "CPU alarm unresolved",
        "클러스터 CPU 사용률 비정상",
        "CPU 경보가 해소되지 않았습니다",
    ],
)
def test_words_about_an_end_that_has_not_come_do_not_resolve(title: str) -> None:
    """Firing is the reading in doubt."""
    assert alert_of({"text": title}).alert.status is AlertStatus.FIRING


def test_alertmanager_editing_its_post_to_resolved_is_the_end_of_the_alert() -> None:
    """Alertmanager can update its message instead of posting a second one."""
    shown = {"bot_id": "B0HOOK", "ts": "1.5", "edited": {"user": "B0HOOK", "ts": "2.5"}}
    event = {
        "subtype": "message_changed",
        "hidden": True,
        "message": {**recorded("default_resolved"), **shown},
        "previous_message": {**recorded("default_firing"), "bot_id": "B0HOOK", "ts": "1.5"},
    }
    heard = parser().read(body(event))
    assert isinstance(heard, AlertPost)
    assert heard.alert.status is AlertStatus.RESOLVED
    assert heard.alert.key == alert_of(recorded("default_firing")).alert.key
    assert heard.alert.thread_ts == "1.5"
    assert work_key(body(event)) == "edit:C1:1.5:2.5"


def edit(before: Json, after: Json) -> Json:
    return body({"subtype": "message_changed", "message": after, "previous_message": before})


MINE = {"user": "U0MINJI", "ts": "1.5", "text": "see https://grafana.invalid CPU"}
UNFURLED = {**MINE, "attachments": [{"from_url": "https://grafana.invalid", "text": "CPU"}]}
ALERT = {"bot_id": "B0HOOK", "ts": "1.5", "text": "[FIRING:1] CPU 91%"}
NOT_FOR_US: dict[str, Json] = {
    "our own post": body({"user": "U0DANGJIK", "bot_id": "B0DANGJIK", "text": "CPU 97%"}),
    "our own edit": edit({}, {"bot_id": "B0DANGJIK", "ts": "1.5", "text": "CPU"}),
    "another bot's chatter": from_webhook({"text": "build 12 passed"}),
    "a person's talk": from_person("CPU가 높네요"),
    "our name in code": from_person("`<@U0DANGJIK> top 3` 라고 치세요"),
    "our name in a block of code": from_person("```<@U0DANGJIK> kill 2```"),
    "our name in a quote": from_person("&gt; <@U0DANGJIK> kill 2\n이거 누가 쳤어요?"),
    "a preview of a link": edit(MINE, UNFURLED),
    "a figure updated in a firing alert": edit(ALERT, {**ALERT, "text": "[FIRING:1] CPU 95%"}),
    "a person's second thought": edit(MINE, {**MINE, "text": "see CPU graph"}),
    "a deletion": body({"subtype": "message_deleted", "deleted_ts": "1.5", "hidden": True}),
    "somebody joining": body({"subtype": "channel_join", "user": "U1", "text": "<@U1> joined"}),
    "a topic": body({"subtype": "channel_topic", "user": "U1", "text": "CPU"}),
    "Slackbot": from_person("You are back", user="USLACKBOT", channel_type="im"),
    "no message": {"type": "event_callback", "event": {"type": "reaction_added"}},
    "no event": {"type": "event_callback"},
}


@pytest.mark.parametrize(
    "text",
    [
        "`<@U0DANGJIK> top 3` 라고 치면 됩니다",
        "&gt; <@U0DANGJIK> 종료해줘\n<@U0JUNHO> 이거 보내신 건가요?",
        "Docs say:\n```\n<@U0DANGJIK> status\n```",
    ],
)
def test_slack_tells_of_a_mention_that_is_only_shown(text: str) -> None:
    """It sends an app_mention for code and quotes, too; with our name beside them we are asked."""
    shown = {**from_person(text)["event"], "type": "app_mention"}
    assert isinstance(parser().read(body(shown)), Ignored)
    assert asked(body({**shown, "text": f"{text}\n<@U0DANGJIK> 이거 뭐야?"}))


@pytest.mark.parametrize("what", NOT_FOR_US)
def test_what_is_not_for_us_is_ignored(what: str) -> None:
    """Ourselves, chatter, talk among people, and edits that change nothing."""
    assert isinstance(parser().read(NOT_FOR_US[what]), Ignored)


def asked(event: Json) -> Question:
    heard = parser().read(event)
    assert isinstance(heard, Question), heard
    return heard


def test_a_mention_is_a_question_without_our_name() -> None:
    """Other mentions, links and escapes read as a person sees them."""
    wire = "<@U0DANGJIK> <@U0JUNHO>꺼 &lt;etl&gt; 봐줘 <https://x.invalid|링크> <#C9|data>"
    question = asked(from_person(wire))
    assert question.turn.text == "@U0JUNHO꺼 <etl> 봐줘 링크 #data"
    assert question.address is Address.MENTION
    assert question.turn.language is Language.KO
    assert question.turn.id == "msg:T0DATATEAM:C1:1782882000.000100"
    assert question.turn.thread_ts == "1782882000.000100"


def test_message_and_app_mention_of_one_ts_are_one_piece_of_work() -> None:
    """They come with different event ids and share the ts."""
    message = from_person("<@U0DANGJIK> hi")
    mention = {**message, "event": {**message["event"], "type": "app_mention"}, "event_id": "Ev2"}
    del mention["event"]["channel_type"]
    assert work_key(message) == work_key(mention)
    assert asked(mention).turn == asked(message).turn
    assert not asked(mention).private_known


@pytest.mark.parametrize(
    ("event", "address", "private"),
    [
        (from_person("top 3?", thread_ts="1.0"), Address.THREAD, False),
        (from_person("hi", channel_type="im", channel="D1"), Address.DIRECT, True),
        (from_person("<@U0DANGJIK> hi", channel_type="group"), Address.MENTION, True),
        (from_person("hi", thread_ts="1.0", subtype="thread_broadcast"), Address.THREAD, False),
    ],
)
def test_how_a_question_reached_us(event: Json, address: Address, *, private: bool) -> None:
    """Threads, direct messages, private channels, replies also sent to the channel."""
    assert asked(event).address is address
    assert asked(event).turn.private is private


def test_an_edit_that_adds_our_name_asks() -> None:
    """Slack sends no app_mention for an edit."""
    after = {**MINE, "text": "<@U0DANGJIK> status", "edited": {"ts": "2.0"}}
    assert asked(edit(MINE, after)).turn.text == "status"


@pytest.mark.parametrize(
    "event",
    [
        from_person("<@U0DANGJIK> status", user_team="T0OTHER"),
        {**from_person("<@U0DANGJIK> status"), "is_ext_shared_channel": True},
    ],
)
def test_other_workspaces_are_refused(event: Json) -> None:
    """People from elsewhere, and channels shared with them."""
    assert isinstance(parser().read(event), Outsider)


def test_alert_channels_and_senders_narrow_what_is_an_alert() -> None:
    """An alert elsewhere, or from somebody else, is none."""
    event = from_webhook({"text": "CPU 97%", "username": "Grafana"})
    everywhere = parser(channels=frozenset({"C1"}), senders=frozenset({"grafana"}))
    assert isinstance(everywhere.read(event), AlertPost)
    assert isinstance(parser(channels=frozenset({"C2"})).read(event), Ignored)
    assert isinstance(parser(senders=frozenset({"B0OTHER"})).read(event), Ignored)
    assert isinstance(parser(pattern=re.compile("disk")).read(event), Ignored)


def test_an_alert_in_a_shared_channel_is_answered_only_when_the_channel_is_listed() -> None:
    """Cluster facts do not leave the company by themselves."""
    event = {**from_webhook({"text": "ALERT: CPU 97%"}), "is_ext_shared_channel": True}
    assert isinstance(parser().read(event), Ignored)
    assert isinstance(parser(channels=frozenset({"C1"})).read(event), AlertPost)


def test_blocks_alone_make_an_alert() -> None:
    """Header, rich text and tables are read when text and attachments are empty."""
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "[FIRING] Spark cluster"}},
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "text", "text": "CPU "}, {"type": "text", "text": "97%"}],
                }
            ],
        },
        {"type": "table", "rows": [[{"type": "raw_text", "text": "dn-07"}]]},
    ]
    found = alert_of({"blocks": blocks}).alert
    assert found.title == "[FIRING] Spark cluster"
    assert "CPU 97%" in found.text
    assert "dn-07" in found.text


def test_a_huge_alert_is_read() -> None:
    """How the time grows with 100,000 digits, brackets or letters: `alert_read_growth` in the bench."""
    for filler in FILLERS:
        assert alert_of(huge_alert(filler, 40_000)).alert.text


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)
MESSAGE_KEYS = ["type", "subtype", "channel", "ts", "thread_ts", "user", "bot_id", "text", "team"]
NESTED_KEYS = ["attachments", "blocks", "message", "previous_message", "edited", "bot_profile"]
names = st.sampled_from([*MESSAGE_KEYS, *NESTED_KEYS, "username"])


@settings(max_examples=300)
@given(st.dictionaries(names, junk), st.sampled_from(["", "message_changed", "bot_message"]))
def test_no_shape_of_an_event_raises(changes: dict[str, Any], subtype: str) -> None:
    """Whatever stands where a text should stand, the event is read or ignored."""
    event = from_person("<@U0DANGJIK> hi", subtype=subtype)["event"]
    outer = body({**event, **changes})
    parser().read(outer)
    work_key(outer)


def test_what_was_taken_in_is_not_read_a_second_time() -> None:
    """An alert's body is large: the worker gets what the intake made of it."""
    deliveries = Deliveries(parser())
    item = deliveries.take(from_webhook(attached("[FIRING:1] ClusterHighCPU")), utc_now())
    assert item is not None
    assert deliveries.of(item) is deliveries.of(item) is not None


@pytest.mark.parametrize("what", sorted(NOT_FOR_US))
def test_what_is_not_for_us_is_no_work(what: str) -> None:
    """It is acknowledged and not kept."""
    assert Deliveries(parser()).take(NOT_FOR_US[what], utc_now()) is None


@pytest.mark.parametrize(
    "kind",
    ["block_actions", "view_submission", "message_action", "shortcut", "event_callback", "other"],
)
def test_a_body_that_says_what_it_is_and_no_more_is_no_work(kind: str) -> None:
    """It is acknowledged and not kept."""
    assert Deliveries(parser()).take({"type": kind}, utc_now()) is None

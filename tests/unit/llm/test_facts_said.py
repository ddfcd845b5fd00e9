"""The second pair of eyes on what a model says."""

import pytest

from tests.openai.facts_said import invented
from tests.openai.relay import told

READ = 'CPU 90.7% "worker-3" adhoc_clickstream_join 56 cores, application_1763776800000_0042'


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("CPU is at 91% on worker-3.", ()),
        ("CPU 사용률은 90.7%이고 adhoc_clickstream_join이 56코어를 씁니다.", ()),
        ("CPU is at 97%.", ("97",)),
        ("worker-9 is busy.", ("worker-9",)),
        ("application_1763776800000_0099 runs.", ("application_1763776800000_0099",)),
        ("It uses 5,600 cores.", ("5,600",)),
    ],
)
def test_what_was_not_read_is_found(sentence: str, found: tuple[str, ...]) -> None:
    assert invented(sentence, READ) == found


def test_words_are_put_together_whole_and_streamed() -> None:
    """Of a stream's pieces, of a message, and of the arguments of a call."""
    stream = 'data: {"choices":[{"delta":{"content":"CPU "}}]}\n\ndata: {"choices":[{"delta":{"content":"91%"}}]}\n\ndata: [DONE]\n'
    whole = '{"choices":[{"message":{"tool_calls":[{"function":{"arguments":"{}"}}]}}],"usage":{"prompt_tokens":7}}'
    assert told(stream) == ("CPU 91%", 0)
    assert told(whole) == ("{}", 7)
    assert told("<html>") == ("", 0)

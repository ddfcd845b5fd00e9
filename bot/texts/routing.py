"""The quiet line that says who answered, and what in the question decided it."""

from bot.domain.conversation import AgentName
from bot.domain.language import Text

AGENTS = {
    AgentName.INFRA_ENGINEER: Text(ko="인프라 엔지니어", en="Infra Engineer"),
    AgentName.DATA_ENGINEER: Text(ko="데이터 엔지니어", en="Data Engineer"),
    AgentName.ADMIN_GUIDE: Text(ko="운영 가이드", en="Admin Guide"),
}
BY_WORDS = Text(ko="{agent} · 질문의 {words}", en="{agent} · your words {words}")
BY_EXAMPLE = Text(
    ko="{agent} · 비슷한 질문: '{example}'", en="{agent} · a question like “{example}”"
)
BY_MODEL = Text(
    ko="{agent} · AI가 질문을 '{intent}'(으)로 읽었습니다.",
    en="{agent} · the model read this as “{intent}”.",
)
QUOTED = Text(ko="'{word}'", en="“{word}”")

"""Whether one passage says a sentence, in nearly the same words and with the same negations."""

import re
from itertools import pairwise

from bot.agents.model.verification import LONGEST, UNSAFE

ENGLISH = re.compile(r"[a-z][a-z'-]{2,}")
HANGUL = re.compile(r"[\uac00-\ud7a3]{2,}")
EXACT = re.compile(r"\d[\d,.]*\d|\d|[A-Za-z]+[_./-][\w./-]+|[A-Za-z]*\d+[A-Za-z]*|[A-Z]{2,}")
NEGATION = re.compile(
    r"\b(?:not|no|never|don't|doesn't|cannot|can't|without|avoid|nor|none)\b|않|지\s*마|지\s*말|말고"
    r"|없|금지|못|안\s*(?:됩|된|되)|아니",
    re.IGNORECASE,
)
BYPASS = re.compile(
    r"(?:확인|승인|절차|카드|동의)\s*(?:을|를|이|과|도)?\s*(?:없이|생략|폐지|우회)"
    r"|without\s+(?:\w+\s+){0,2}(?:approv|confirm|ask|permission)|pre-?approv|사전\s*승인|이미\s*승인"
    r"|보호\s*목록[^.]*(?:폐지|무시)|ignore\s+(?:all|previous|the)|system\s*prompt|시스템\s*(?:프롬프트|지시)"
    r"|(?:[A-Z]+_)+(?:TOKEN|KEY|SECRET|PASSWORD)|application_\d|이\s*스레드|this\s+thread|환경\s*변수|os\.environ",
    re.IGNORECASE,
)
ORDERS = re.compile(
    r"(?:제안|표시|표기|게시|첨부|실행|호출|답변|출력)(?:하라|할\s*것|해야\s*한다)|\bassistant\s*:|\bAI\s*(?:agents?|는|가)\b"
    r"|(?:call|keep\s+calling)\s+\w+_\w+|\bthis\s+note\b",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"[.!?다요오]\W*$")
SWEEPING = re.compile(
    r"(?:항상|무조건|모두|전부|모든|즉시|바로|직접|always|every|all|immediately|top\s+memory)"
    r"[^.]{0,60}?(?:종료|죽|kill|terminat)|(?:종료|죽|kill|terminat)[^.]{0,40}?(?:항상|모두|전부|즉시|every|all\b|immediately)",
    re.IGNORECASE,
)
POLITE = re.compile(r"하십시오|하세요|합니다|한다|됩니다|된다|입니다|습니다|십시오")
SPLIT = re.compile(r"(?<=[.!?。])\s+|\n+")
ENOUGH = 0.7  # of the sentence's words must stand in the passage
FEWEST = 3  # words below which there is nothing to compare
STOP = {
    "the",
    "and",
    "for",
    "that",
    "this",
    "with",
    "from",
    "are",
    "was",
    "were",
    "you",
    "your",
    "can",
}


def quoted(sentence: str, passages: tuple[tuple[str, str], ...]) -> bool:
    """Tell whether some passage says this sentence; passages that talk to the bot say nothing."""
    if len(sentence) > LONGEST or not SENTENCE_END.search(sentence):
        return False
    if any(pattern.search(sentence) for pattern in (UNSAFE, BYPASS, SWEEPING)):
        return False
    sound = [text for _, text in passages if not (BYPASS.search(text) or ORDERS.search(text))]
    return any(_said(sentence, text) for text in sound)


def _said(sentence: str, passage: str) -> bool:
    """Compare with each sentence of the passage, and with each two that follow one another."""
    pieces = [piece for piece in SPLIT.split(passage) if piece.strip()]
    windows = [*pieces, *(f"{one} {two}" for one, two in pairwise(pieces))]
    return any(_covers(window, sentence) for window in windows)


def _covers(window: str, sentence: str) -> bool:
    wanted, offered = _tokens(sentence), _tokens(window)
    if len(wanted) < FEWEST:
        return False
    if not set(EXACT.findall(sentence)) <= set(EXACT.findall(window)):
        return False
    if len(NEGATION.findall(sentence)) != len(NEGATION.findall(window)):
        return False
    return len(wanted & offered) / len(wanted) >= ENOUGH


def _tokens(text: str) -> set[str]:
    """Return English words and pairs of Korean syllables: endings differ, pairs mostly stay."""
    words = {word for word in ENGLISH.findall(text.lower()) if word not in STOP}
    plain = POLITE.sub(" ", text)
    pairs = {run[at : at + 2] for run in HANGUL.findall(plain) for at in range(len(run) - 1)}
    return words | pairs

"""The development passages and questions as documents, and synthetic passages beside them."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.knowledge import Collection, Document, Passage
from bot.retrieval.documents import FOLDERS, load_documents, split
from bot.retrieval.knowledge import default_source

DATA = Path(__file__).resolve().parent.parent / "evals" / "data"


@dataclass(frozen=True, slots=True)
class Gold:
    """A passage the questions are about."""

    id: str
    collection: Collection
    doc: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the passage that answers it."""

    text: str
    language: str
    gold: Gold


def golds() -> dict[str, Gold]:
    return {
        row["id"]: Gold(
            row["id"], Collection(row["collection"]), row["doc"], row["title"], row["text"]
        )
        for row in _lines("retrieval.corpus.jsonl")
    }


def questions() -> tuple[Question, ...]:
    known = golds()
    return tuple(
        Question(row["text"], row["lang"], known[row["gold"]])
        for row in _lines("retrieval.queries.dev.jsonl")
    )


@dataclass(frozen=True, slots=True)
class Fresh:
    """A question written before the search was looked at, and where its answer stands.

    `gold` holds beginnings of sources in knowledge/, or the id of one development passage.
    """

    text: str
    language: str
    gold: tuple[str, ...]

    @property
    def passage(self) -> Gold | None:
        """Return the development passage it is about; None when it is about knowledge/."""
        return golds().get(self.gold[0])

    @property
    def collection(self) -> Collection:
        """Return where to look."""
        if self.passage is not None:
            return self.passage.collection
        manual = self.gold[0].startswith("manual/")
        return Collection.MANUAL if manual else Collection.HISTORY

    def answered_by(self, passage: Passage) -> bool:
        """Return True when this passage is the answer."""
        if self.passage is not None:
            return found(self.passage, passage.text)
        source = page_of().get(passage.source, passage.source)
        return any(source.startswith(f"operation_{each}") for each in self.gold)


@cache
def page_of() -> dict[str, str]:
    """Return the source of each section of our pages by its English twin's."""
    documents = load_documents(default_source()).documents
    chunks = [chunk for document in documents for chunk in split(document)]
    pages = {chunk.place: chunk.source for chunk in chunks if not chunk.english}
    return {chunk.source: pages[chunk.place] for chunk in chunks if chunk.english}


def fresh_questions() -> tuple[Fresh, ...]:
    return tuple(
        Fresh(str(row["text"]), str(row["lang"]), tuple(row["gold"]))
        for row in _lines("retrieval.fresh.jsonl")
    )


def off_topic(near: bool = False) -> tuple[str, ...]:
    """Return everyday questions, or with `near` those of neighbouring trades as well."""
    return tuple(
        row["text"]
        for row in _lines("retrieval.offtopic.jsonl")
        if near or not row["set"].startswith("near")
    )


def write_source(source: Path, distractors: int = 0) -> Path:
    """Write one Markdown file per `doc`, and distractors in files of their own."""
    texts: dict[Path, list[str]] = {}
    for gold in golds().values():
        path = source / FOLDERS[gold.collection] / f"{gold.doc}.md"
        texts.setdefault(path, [f"# {gold.doc}"]).append(f"## {gold.title}\n{gold.text}")
    for number, (title, text) in zip(range(distractors), synthetic(seed=7), strict=False):
        folder = ("manual", "history")[number % 2]
        path = source / folder / f"distractor-{number // 8}.md"
        texts.setdefault(path, [f"# 부록 {number // 8}"]).append(f"## {title}\n{text}")
    for path, parts in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return source


def found(gold: Gold, text: str) -> bool:
    """Return True when a shown passage is the gold one, or a piece of it."""
    return text.strip() in gold.text or gold.text in text


def synthetic(seed: int) -> Iterator[tuple[str, str]]:
    """Yield headings and texts of the trade that answer none of the questions, without end."""
    pick = random.Random(seed)
    number = 0
    while True:
        number += 1
        part, place = pick.choice(PARTS), pick.choice(PLACES)
        title = f"{place} {part} {pick.choice(TASKS)} {number}"
        yield (
            title,
            " ".join(
                pick.choice(SENTENCES).format(
                    part=pick.choice((part, pick.choice(PARTS))),
                    place=place,
                    number=pick.randrange(2, 900),
                    tool=pick.choice(TOOLS),
                )
                for _ in range(5)
            ),
        )


def synthetic_documents(passages: int) -> tuple[Document, ...]:
    """Return documents of ten passages each."""
    made = synthetic(seed=11)
    documents = []
    for number in range(passages // 10):
        sections = [f"## {title}\n{text}" for title, text in (next(made) for _ in range(10))]
        text = f"# 문서 {number}\n\n" + "\n\n".join(sections)
        documents.append(Document(Collection.MANUAL, f"{number}.md", f"문서 {number}", text))
    return tuple(documents)


def _lines(name: str) -> list[dict[str, Any]]:
    text = (DATA / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


PARTS = (
    "Flink 세이브포인트", "HBase 리전", "Impala 데몬", "Sqoop 적재", "Ranger 정책", "Oozie 워크플로",
    "Kudu 태블릿", "Zeppelin 인터프리터", "Hue 화면", "Solr 색인", "NiFi 프로세서", "Atlas 계보",
    "Livy 서버", "JupyterHub 계정", "Superset 차트", "Elasticsearch 샤드", "MinIO 버킷",
    "Iceberg 카탈로그", "Hudi 타임라인", "dbt 모델", "Redis 캐시", "PostgreSQL 복제본",
)  # fmt: skip
PLACES = (
    "개발계",
    "스테이징",
    "분석계",
    "재해복구 센터",
    "테스트 환경",
    "신규 구축",
    "이관 대상",
    "연구소",
)
TASKS = (
    "설치 점검",
    "버전 올리기",
    "권한 신청",
    "백업 방법",
    "이관 절차",
    "명명 규칙",
    "비용 정산",
    "교육 자료",
)
TOOLS = ("Ansible", "Terraform", "Jenkins", "Vault", "Consul", "GitLab", "Nexus", "Harbor")
SENTENCES = (
    "{place}의 {part} 담당자는 분기마다 {number}개 항목을 표로 남긴다.",
    "{tool} 저장소의 {part} 설정 파일을 수정한 뒤 검토를 받고 병합한다.",
    "{part} 버전은 {number}일에 한 번 확인하고 변경 내역을 공지한다.",
    "The {part} owner in {place} signs the checklist before the change window.",
    "{tool} playbook으로 {part} 계정 {number}개를 한꺼번에 등록할 수 있다.",
    "{place}에서는 {part} 백업본을 {number}주 동안 보관하고 복원 연습을 한다.",
    "Ask the {tool} administrators for the {part} template and fill in section {number}.",
    "신규 {part} 요청은 양식에 목적과 기간, 예산 {number}만원 이하 여부를 적는다.",
)

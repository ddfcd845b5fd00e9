"""What tells whether our documents could answer at all."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from bot.domain.knowledge import FITS, Collection
from bot.retrieval.knowledge import Knowledge
from bot.retrieval.library import Floats, Judge, load_judge
from tests.training.judge import Labelled, questions, seen, trained
from tests.unit.retrieval.conftest import Opened

SAME = 0.98  # of the verdicts; the reader gets new sentences without this model being made anew
SILENT, ANSWERED = 0.9, 0.8  # of the questions of fields that were not learnt from

OTHER_SUBJECT = """# MySQL 운영

## 복제가 멈췄을 때
SHOW REPLICA STATUS로 Last_SQL_Error를 본다. 중복 키면 원본과 비교한 뒤 건너뛴다.

## Builds wait for an agent
Jenkins: an agent that is offline is restarted; builds stay in the queue until then.
"""


def verdicts(judge: Judge, signs: Floats, meanings: Floats) -> NDArray[np.bool_]:
    return judge.believed(signs, meanings) >= FITS


def right(rows: Sequence[Labelled], told: NDArray[np.bool_], *, ours: bool) -> float:
    return float(
        np.mean([each == ours for row, each in zip(rows, told, strict=True) if row.ours is ours])
    )


def test_the_labelled_questions_are_of_many_fields() -> None:
    """In both kinds, none twice."""
    rows = list(questions())
    for ours in (True, False):
        mine = [row for row in rows if row.ours is ours]
        assert len(mine) >= 400
        assert len({row.field for row in mine}) >= 40
    assert not {row.text for row in rows if row.ours} & {row.text for row in rows if not row.ours}


@pytest.mark.long
@pytest.mark.timeout(600)
def test_fields_that_were_not_learnt_from_are_told_apart() -> None:
    """Whole fields are left out in turn; and who trains anew finds the same verdicts."""
    rows = list(questions())
    signs, meanings = seen(rows)
    fields = [row.field for row in rows]
    told = np.zeros(len(rows), dtype=bool)
    for learnt, other in GroupKFold(10).split(signs, groups=fields):
        judge = trained([rows[one] for one in learnt], signs[learnt], meanings[learnt])
        told[other] = verdicts(judge, signs[other], meanings[other])
    assert right(rows, told, ours=False) >= SILENT
    assert right(rows, told, ours=True) >= ANSWERED
    kept, anew = (
        verdicts(each, signs, meanings) for each in (load_judge(), trained(rows, signs, meanings))
    )
    assert np.mean(kept == anew) >= SAME


async def test_a_page_of_another_subject_answers_where_it_is_there(
    knowledge: Knowledge, source: Path, opened: Opened
) -> None:
    """A subject is another one only where no page speaks of it."""
    asked = ("MySQL 복제가 멈췄어요", "jenkins builds wait for an agent, what do I do")
    for fits in (False, True):
        async with opened(knowledge) as search:
            found = [await search.search(Collection.MANUAL, each, "") for each in asked]
        assert [each.strength >= FITS for each in found] == [fits, fits]
        (source / "manual" / "other.md").write_text(OTHER_SUBJECT, encoding="utf-8")

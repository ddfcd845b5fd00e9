"""What a sentence asserts beside its names and figures, told by a model of labelled forms."""

from collections import Counter

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold

from bot.agents.model.remainder import Assertion, Remainder, load_remainder, masked
from bot.agents.reading.linear import Linear
from tests.training.remainder import Written, trained, written

SAME = 0.99  # of the verdicts, whoever trains anew
PLAIN_KEPT, OTHER_FOUND = 0.75, 0.78  # of forms that were not learnt from


def remainder(rows: list[Written]) -> Remainder:
    arrays = trained(rows)
    return Remainder(tuple(map(Assertion, arrays["kinds"].tolist())), Linear.read(arrays, "kind"))


def plain(model: Remainder, rows: list[Written]) -> list[bool]:
    return [model.asserted(row.text) is Assertion.PLAIN for row in rows]


def test_every_kind_has_many_forms_in_both_languages() -> None:
    forms = Counter(
        (kind, form.split()[0]) for kind, form in {(row.kind, row.form) for row in written()}
    )
    for kind in Assertion:
        for language in ("remainder.en", "remainder.ko"):
            assert forms[kind, language] >= 3, (kind, language)
    assert sum(forms.values()) >= 300


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_file_is_of_these_sentences() -> None:
    rows = list(written())
    anew = remainder(rows)
    same = [load_remainder().asserted(row.text) is anew.asserted(row.text) for row in rows[::5]]
    assert np.mean(same) >= SAME


@pytest.mark.long
@pytest.mark.timeout(600)
def test_forms_that_were_not_learnt_from_are_told_apart() -> None:
    rows = list(written())
    told: list[tuple[bool, bool]] = []
    for learnt, other in GroupKFold(5).split(rows, groups=[row.form for row in rows]):
        model = remainder([rows[at] for at in learnt])
        left = [rows[at] for at in other]
        told += [
            (row.kind is Assertion.PLAIN, said)
            for row, said in zip(left, plain(model, left), strict=True)
        ]
    assert np.mean([said for kind, said in told if kind]) >= PLAIN_KEPT
    assert np.mean([not said for kind, said in told if not kind]) >= OTHER_FOUND


def test_names_and_numbers_are_masked() -> None:
    text = "`daily` of alice holds 32 cores [1]."
    assert masked(text, ((1, 6, "ⓙ"), (11, 16, "ⓤ"))) == "ⓙ of ⓤ holds 0 cores ."

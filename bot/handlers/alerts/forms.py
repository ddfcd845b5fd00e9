"""What each known sender calls things, as data; a new form is one more row.

A form is only needed where the general reading would miss: most producers need none.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """`marks`: how the sender is recognised by name or text.

    `name` finds the alert's name in the text, by its group 1; `name_keys` are fields that hold it;
    `cluster_keys` those that hold the cluster.
    """

    marks: re.Pattern[str]
    name: re.Pattern[str] | None = None
    name_keys: tuple[str, ...] = ()
    cluster_keys: tuple[str, ...] = ()


NAME_KEYS = (
    "alertname",
    "alert name",
    "alarm name",
    "rulename",
    "rule name",
    "rule",
    "monitor",
    "monitor name",
    "check",
    "check name",
    "trigger",
    "trigger name",
    "condition",
    "condition name",
    "title",
    "service",
    "metric name",
    "알람명",
    "알림명",
    "경보명",
    "이벤트명",
    "규칙",
    "항목",
    "감시 항목",
    "지표",
    "제목",
)

FORMS: tuple[Form, ...] = (
    Form(
        re.compile(r"prometheus alert (?:firing|resolved)|robusta", re.IGNORECASE),
        re.compile(r"prometheus alert (?:firing|resolved)[^\n]*\n([^\n]{3,120})", re.IGNORECASE),
        cluster_keys=("source",),
    ),
    Form(
        re.compile(r"cloudwatch alarm \|", re.IGNORECASE),
        re.compile(r"cloudwatch alarm \|\s*([^|\n]{2,255})", re.IGNORECASE),
    ),
    Form(re.compile(r"new relic|^incident #?\d+ ", re.IGNORECASE), name_keys=("policy",)),
)


def form_of(text: str) -> Form | None:
    """Return the sender's form; None for one that needs none."""
    return next((form for form in FORMS if form.marks.search(text)), None)

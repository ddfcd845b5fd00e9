"""Why a sentence of a model is not shown."""

from enum import StrEnum


class Reason(StrEnum):
    """The reasons, as they are counted and told."""

    FORM = "form"  # cut off, too long, or pieces of a data structure
    LANGUAGE = "language"  # not the asker's
    LINK = "link"
    CITATION = "citation"
    NAME = "name"
    NUMBER = "number"
    TIME = "time"
    RANK = "rank"
    OWNER = "owner"  # an owner or a queue that is another one's
    TREND = "trend"
    STATE = "state"
    ACT = "act"  # something done that the audit trail does not tell
    CAUSE = "cause"  # a cause nobody found
    ADVICE = "advice"  # a permission or an order that the documents do not give
    UNTOLD = "untold"  # it asserts what nothing in the evidence tells

"""Imported by the server of forks alone: what it has read, no process forked from it reads again."""

import bot.retrieval.knowledge
import bot.retrieval.library  # noqa: F401 - with Chroma's client, a second of work
from bot.retrieval.knowledge import LocalEmbeddings
from bot.wiring import load_reader

load_reader()
LocalEmbeddings().vectors([""])  # it reads its weights when it is first asked

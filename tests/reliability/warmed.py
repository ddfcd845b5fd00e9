"""Imported by the server of forks alone: what it has read, no process forked from it reads again."""

from bot.wiring import load_reader

load_reader()

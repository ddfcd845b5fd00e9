"""Our rows: inbox, outbox, proposals, audit, investigations, runs."""

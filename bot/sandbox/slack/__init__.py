"""A Slack workspace on 127.0.0.1: Web API, Socket Mode, webhooks, a page and a control API."""

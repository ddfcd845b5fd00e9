"""The world around the bot, spoken from the other side: Slack and a data platform."""

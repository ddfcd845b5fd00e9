"""The six tools the agents work with."""

"""The gateway: tools, talk and decisions over REST and MCP."""

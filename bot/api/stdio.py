"""MCP over stdio for a desktop client: hands everything on to a running gateway over HTTP."""

from typing import Any

import httpx2
import mcp_types as mcp
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from bot import own_version
from bot.errors import StartError

TIMEOUT = 60.0  # seconds: a turn may take most of them


async def serve_stdio(url: str, token: str) -> None:
    """Serve until the client hangs up. Raises StartError when the gateway cannot be used."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(headers=headers, timeout=TIMEOUT) as http:
        try:
            transport = streamable_http_client(f"{url.rstrip('/')}/mcp", http_client=http)
            async with Client(transport) as gateway, stdio_server() as (read, write):
                server = _relay(gateway)
                await server.run(read, write, server.create_initialization_options())
        except* (MCPError, httpx2.HTTPError, OSError) as group:
            reason = type(group.exceptions[0]).__name__
            raise StartError(f"the gateway at {url} cannot be used ({reason})") from None


def _relay(gateway: Client) -> Server[Any]:
    async def tools(_: Any, params: mcp.PaginatedRequestParams | None) -> mcp.ListToolsResult:
        return await gateway.list_tools(cursor=params.cursor if params else None)

    async def call(_: Any, params: mcp.CallToolRequestParams) -> mcp.CallToolResult:
        result = await gateway.call_tool(params.name, params.arguments)
        if not isinstance(result, mcp.CallToolResult):
            raise TypeError("the gateway asked back, which it never does")
        return result

    return Server(
        "dangjik",
        version=own_version(),
        instructions=gateway.instructions,
        on_list_tools=tools,
        on_call_tool=call,
    )

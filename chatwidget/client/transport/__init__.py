"""How a request travels: HTTP, clocks, retries. The one room that knows httpx."""

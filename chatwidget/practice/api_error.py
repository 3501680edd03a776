"""Errors of the practice model's API, in the vendor's error envelope."""

from __future__ import annotations

from typing import Any

__all__ = ["PracticeAPIError"]


class PracticeAPIError(Exception):
    """Error that a request is answered with.

    Parameters
    ----------
    message
        What is wrong, as a sentence for people.
    param
        The parameter that is wrong.
    code
        A word for programs.
    status
        The HTTP status.
    """

    def __init__(
        self, message: str, param: str | None = None, code: str | None = None, status: int = 400
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code
        self.status = status

    def envelope(self) -> dict[str, Any]:
        """Return the body of the answer."""
        return {
            "error": {
                "message": self.message,
                "type": "invalid_request_error",
                "param": self.param,
                "code": self.code,
            }
        }

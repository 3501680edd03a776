"""The axis of a film: how the scores of tokens move along one parameter.

With the noise g of a token, its score is ``logit + bias - penalties + temperature * g``, and the
token with the highest score is drawn.
That is a line along the temperature, along each penalty and along the bias of a token.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from chatwidget.client.errors import ParameterError
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.tuning.distributions import shifts
from chatwidget.tuning.film.envelope import Line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.practice.sampling import Sampling

__all__ = ["AXES", "Axis"]

Token = TypeVar("Token", bound=Hashable)
_Token_contra = TypeVar("_Token_contra", bound=Hashable, contravariant=True)

AXES = ("temperature", "top_p", "frequency_penalty", "presence_penalty", "logit_bias")


_LARGEST_BIAS = 100


class Noises(Protocol[_Token_contra]):
    """The noise of tokens."""

    def __getitem__(self, token: _Token_contra, /) -> float:
        """Return that of one."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One parameter between two values.

    Attributes
    ----------
    parameter
        Its name.
    low, high
        The range.
    token
        Whose bias it is, if it is one.
    """

    parameter: str
    low: float
    high: float
    token: Hashable = None

    def __post_init__(self) -> None:
        """Check the parameter and its range.

        Raises
        ------
        ParameterError
            If there is no film along them.
        """
        if self.parameter not in AXES:
            raise ParameterError(
                f"There is no film along {self.parameter}; it takes one of {', '.join(AXES)}.",
                parameter=self.parameter,
            )
        if not self.low < self.high:
            raise ParameterError(
                f"A film needs a range: {self.low:g} is not below {self.high:g}.",
                parameter=self.parameter,
            )
        if (self.parameter == "logit_bias") != (self.token is not None):
            raise ParameterError(
                "A film along logit_bias takes the token whose bias changes, as token=…; "
                "others take none.",
                parameter=self.parameter,
            )
        for value in (self.low, self.high):
            PARAMETERS[self.parameter].validate({"0": value} if self.token is not None else value)
            if self.token is not None and not abs(value) <= _LARGEST_BIAS:
                raise ParameterError(
                    f"A bias goes from -{_LARGEST_BIAS} to {_LARGEST_BIAS}.",
                    parameter=self.parameter,
                )

    def sampling(self, others: Sampling, value: float) -> Sampling:
        """Return settings with this parameter at a value."""
        if self.token is None:
            changed: dict[str, Any] = {self.parameter: value}
            return replace(others, **changed)
        biases: Any = {**others.logit_bias, self.token: value}
        return replace(others, logit_bias=biases)

    def warmth(self, others: Sampling, value: float) -> float:
        """Return the temperature where this parameter has a value."""
        return value if self.parameter == "temperature" else others.temperature

    def moving(self, counts: Mapping[Token, int]) -> dict[Token, float]:
        """Return the tokens whose logits the parameter moves, with how far for a step of one."""
        if self.parameter == "frequency_penalty":
            return {token: -float(count) for token, count in counts.items() if count}
        if self.parameter == "presence_penalty":
            return {token: -1.0 for token, count in counts.items() if count}
        named: Any = {} if self.token is None else {self.token: 1.0}
        return dict(named)

    def added(self, counts: Mapping[Token, int], others: Sampling) -> dict[Token, float]:
        """Return what the other parameters add to the logits of tokens."""
        fixed = others
        if self.parameter not in ("temperature", "top_p"):
            fixed = self.sampling(others, 0.0)
        biases: Any = fixed.logit_bias
        return shifts(
            counts,
            frequency_penalty=fixed.frequency_penalty,
            presence_penalty=fixed.presence_penalty,
            logit_bias=biases,
        )

    def lines(
        self,
        fixed: Mapping[Token, float],
        moving: Mapping[Token, float],
        noise: Noises[Token],
        others: Sampling,
    ) -> list[Line[Token]]:
        """Return the scores of tokens along the parameter.

        Parameters
        ----------
        fixed
            The logits, with what the other parameters add.
        moving
            As from `moving`.
        noise
            The noise of each token.
        others
            The other parameters.
        """
        if self.parameter == "temperature":
            return [Line(token, logit, noise[token]) for token, logit in fixed.items()]
        warmth = others.temperature
        return [
            Line(token, logit + warmth * noise[token], moving.get(token, 0.0))
            for token, logit in fixed.items()
        ]

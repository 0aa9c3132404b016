"""The loss of each kind of task: its value, its derivative by the outputs, and how often the network is right."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor


class Loss(ABC):
    """A mean over points of a loss of outputs (k, n, outputs) and targets (n,)."""

    @abstractmethod
    def value(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss of each member, (k,)."""

    @abstractmethod
    def error(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the derivative of the mean loss by the outputs, (k, n, outputs)."""

    @abstractmethod
    def ignorance(self, outputs: int) -> float:
        """Return the loss of a network with so many outputs that knows nothing but how often each answer is right."""

    @abstractmethod
    def score(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the share of points that are classified rightly, or of the variance that is explained, (k,)."""


class LogLoss(Loss):
    """Binary: log(1 + exp(-z)) for class 1, log(1 + exp(z)) for class 0; torch.nn.BCEWithLogitsLoss."""

    def value(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean log-loss."""
        z = outputs[..., 0]
        return (torch.nn.functional.softplus(z) - z * targets).mean(1)

    def error(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return (sigmoid(z) - y) / n."""
        return (torch.sigmoid(outputs) - targets[:, None]) / outputs.shape[1]

    def ignorance(self, outputs: int) -> float:
        """Return log 2, of two classes that are equally frequent."""
        return math.log(2.0)

    def score(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the accuracy at a probability of one half."""
        return ((outputs[..., 0] > 0.0) == (targets > 0.5)).to(outputs.dtype).mean(1)


class CrossEntropy(Loss):
    """Classes: the log of the softmax's share of the right one; torch.nn.CrossEntropyLoss."""

    def value(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean cross-entropy."""
        logs = torch.log_softmax(outputs, -1)
        return -logs[:, torch.arange(len(targets), device=targets.device), targets].mean(1)

    def error(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return (softmax(z) - one hot) / n."""
        share = torch.softmax(outputs, -1)
        share[:, torch.arange(len(targets), device=targets.device), targets] -= 1.0
        return share / outputs.shape[1]

    def ignorance(self, outputs: int) -> float:
        """Return the log of the number of classes."""
        return math.log(outputs)

    def score(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the accuracy of the largest output."""
        return (outputs.argmax(-1) == targets).to(outputs.dtype).mean(1)


class HalfSquare(Loss):
    """Regression: (z - y)^2 / 2, the lab's convention; half of torch.nn.MSELoss."""

    def value(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return half the mean squared error."""
        return 0.5 * (outputs[..., 0] - targets).square().mean(1)

    def error(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return (z - y) / n."""
        return (outputs - targets[:, None]) / outputs.shape[1]

    def ignorance(self, outputs: int) -> float:
        """Return half the variance of standardised targets."""
        return 0.5

    def score(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return R^2, the share of the targets' variance that is explained."""
        around = (targets - targets.mean()).square().mean()
        return 1.0 - (outputs[..., 0] - targets).square().mean(1) / around


LOSSES: dict[str, Loss] = {"binary": LogLoss(), "multiclass": CrossEntropy(), "regression": HalfSquare()}

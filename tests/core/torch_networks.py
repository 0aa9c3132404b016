"""Plain torch.nn networks and torch.optim loops, written as a course would write them: the oracle of the families."""

from __future__ import annotations

import itertools

import torch
from torch import nn

from core.networks import draws
from core.networks.family import Family, family_of
from core.specs.training import TrainingSpec
from core.training import TrainingState

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU, "sigmoid": nn.Sigmoid, "linear": nn.Identity}


class GivenDropout(nn.Module):
    """Inverted dropout with a mask that is handed to it: torch's own draws cannot be shared with another implementation."""

    def __init__(self) -> None:
        super().__init__()
        self.mask: torch.Tensor | None = None

    def forward(self, x):
        return x if self.mask is None or not self.training else x * self.mask


def plain_network(spec: TrainingSpec, family: Family, row: torch.Tensor) -> nn.Sequential:
    """Return the network of one member as torch.nn writes it, with the weights ``row`` (P,)."""
    sizes = (family.points.inputs, *spec.hidden, family.points.outputs)
    modules: list[nn.Module] = []
    for i, (into, out) in enumerate(itertools.pairwise(sizes)):
        modules.append(nn.Linear(into, out))
        if i < len(sizes) - 2:
            stages = [ACTIVATIONS[spec.activation]()]
            norm = [nn.BatchNorm1d(out)] if spec.batch_norm else []
            drop = [GivenDropout()]
            if spec.dropout_place == "before":
                stages = [*drop, *norm, *stages] if spec.norm_place == "before" else [*stages, *drop, *norm]
            else:
                stages = [*norm, *stages, *drop] if spec.norm_place == "before" else [*stages, *norm, *drop]
            modules += stages
    network = nn.Sequential(*modules).to(row.dtype)
    named = dict(family.layout.named(row.detach().numpy()))
    linears = [module for module in network if isinstance(module, nn.Linear)]
    norms = [module for module in network if isinstance(module, nn.BatchNorm1d)]
    with torch.no_grad():
        for i, linear in enumerate(linears, 1):
            linear.weight.copy_(torch.tensor(named[f"layer{i}.weight"]))
            linear.bias.copy_(torch.tensor(named[f"layer{i}.bias"]))
        for i, norm in enumerate(norms, 1):
            norm.weight.copy_(torch.tensor(named[f"norm{i}.weight"]))
            norm.bias.copy_(torch.tensor(named[f"norm{i}.bias"]))
    return network


def row_of(network: nn.Sequential) -> torch.Tensor:
    """Return a network's weights in the family's order."""
    linears = [module for module in network if isinstance(module, nn.Linear)]
    norms = [module for module in network if isinstance(module, nn.BatchNorm1d)]
    parts = [part for linear in linears for part in (linear.weight.T.reshape(-1), linear.bias)]
    parts += [part for norm in norms for part in (norm.weight, norm.bias)]
    return torch.cat([part.detach().reshape(-1) for part in parts])


def loss_of(task: str, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    if task == "binary":
        return nn.BCEWithLogitsLoss()(outputs[:, 0], targets)
    if task == "multiclass":
        return nn.CrossEntropyLoss()(outputs, targets)
    return 0.5 * nn.MSELoss()(outputs[:, 0], targets)


def optimizer_of(spec: TrainingSpec, parameters, weight_decay: float) -> torch.optim.Optimizer:
    lr = float(spec.lr)
    match spec.rule:
        case "sgd":
            return torch.optim.SGD(parameters, lr=lr, weight_decay=weight_decay)
        case "momentum":
            return torch.optim.SGD(parameters, lr=lr, momentum=0.9, weight_decay=weight_decay)
        case "nesterov":
            return torch.optim.SGD(parameters, lr=lr, momentum=0.9, nesterov=True, weight_decay=weight_decay)
        case "rmsprop":
            return torch.optim.RMSprop(parameters, lr=lr, weight_decay=weight_decay)
        case "adagrad":
            return torch.optim.Adagrad(parameters, lr=lr, weight_decay=weight_decay)
        case "adam":
            return torch.optim.Adam(parameters, lr=lr, weight_decay=weight_decay)
        case "adamw":
            return torch.optim.AdamW(parameters, lr=lr, weight_decay=weight_decay)
    raise ValueError(spec.rule)


def train_plain(state: TrainingState, epochs: int) -> tuple[nn.Sequential, int]:
    """Train the only member of ``state`` with torch.nn and torch.optim; return the network and how many steps that took.

    L2 goes through weight_decay = 2 lambda on the weights alone, everything else through the loss.
    """
    spec, family = state.spec, family_of(state.spec, state.data)
    network = plain_network(spec, family, state.weights[0])
    lam = float(spec.lam)
    decays = [part for module in network if isinstance(module, nn.Linear) for part in (module.weight,)]
    others = [part for part in network.parameters() if all(part is not decay for decay in decays)]
    through_decay = spec.penalty == "l2" and not spec.biases
    groups = [{"params": decays, "weight_decay": 2 * lam if through_decay else 0.0}, {"params": others, "weight_decay": 0.0}]
    optimizer = optimizer_of(spec, groups, 0.0)
    dropouts = [module for module in network if isinstance(module, GivenDropout)]
    inputs, targets = family.points.train[0], family.points.train_targets
    steps = 0
    network.train()
    for number in range(1, epochs + 1):
        order = draws.order(spec.data_seed, number, len(inputs))
        uniforms = draws.uniforms([spec.seed], number, len(inputs), sum(spec.hidden))[0] if family.drops else None
        for batch in draws.batches(len(inputs), spec.batch):
            if uniforms is not None:
                for i, (dropout, part) in enumerate(zip(dropouts, uniforms[batch].split(spec.hidden, dim=1), strict=True), 1):
                    if spec.dropout_place == "last" and i < len(dropouts):
                        continue
                    dropout.mask = (part >= torch.tensor(spec.dropout, dtype=torch.float32)).to(inputs.dtype) / (1 - spec.dropout)
            optimizer.zero_grad()
            loss = loss_of(family.points.task, network(inputs[order[batch]]), targets[order[batch]])
            if not through_decay and lam > 0:
                acted = decays + ([part for part in others if part.dim() == 1] if spec.biases else [])
                l1, l2 = {"l1": (1.0, 0.0), "l2": (0.0, 1.0), "elastic_net": (spec.rho, 1 - spec.rho)}[spec.penalty]
                loss = loss + lam * sum(l1 * w.abs().sum() + l2 * w.square().sum() for w in acted)
            loss.backward()
            optimizer.step()
            steps += 1
    return network, steps

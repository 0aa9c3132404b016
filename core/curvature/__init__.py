"""Curvature: spectra of Hessians, what a penalty adds to them, the learning rates that they allow, and the curvature of networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.curvature.spectrum import Spectrum, shifted_spectrum

if TYPE_CHECKING:
    from core.curvature.networks import extreme_eigenvalues, network_hessian

_OF_NETWORKS = ("extreme_eigenvalues", "network_hessian")

__all__ = ["Spectrum", "extreme_eigenvalues", "network_hessian", "shifted_spectrum"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a function
    """Return what needs torch when it is asked for, so that the web process can import the rest."""
    if name in _OF_NETWORKS:
        from core.curvature import networks

        return getattr(networks, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

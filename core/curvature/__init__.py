"""Curvature: spectra of Hessians, what a penalty adds to them, and the learning rates that they allow."""

from core.curvature.spectrum import Spectrum, shifted_spectrum

__all__ = ["Spectrum", "shifted_spectrum"]

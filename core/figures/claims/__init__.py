"""Figures of claims on trial."""

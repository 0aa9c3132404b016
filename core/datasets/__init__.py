"""Data to train on: synthetic shapes and the real data that scikit-learn ships, so nothing is downloaded."""

from core.datasets.catalogue import DATASETS
from core.datasets.dataset import Dataset
from core.datasets.planes import Plane, plane_of
from core.datasets.sampling import Sample
from core.datasets.standardised import DIABETES_FEATURES, IRIS_FEATURES, diabetes, iris

__all__ = ["DATASETS", "DIABETES_FEATURES", "IRIS_FEATURES", "Dataset", "Plane", "Sample", "diabetes", "iris", "plane_of"]

"""All data sets by key. What scikit-learn's are like is written out here, since asking it would import it; a test compares."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from types import MappingProxyType

from core.datasets.dataset import Dataset
from core.datasets.standardised import DIABETES_FEATURES

_CELLS = ("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points", "symmetry", "fractal dimension")


def _shape(key: str, label: str, classes: tuple[str, str], source: str) -> Dataset:
    return Dataset(key, label, "binary", 2, 1, 0, ("x₁", "x₂"), classes, source, synthetic=True)


def _real(key: str, label: str, task: str, rows: int, features: tuple[str, ...], classes: tuple[str, ...], source: str) -> Dataset:
    outputs = len(classes) if task == "multiclass" else 1
    return Dataset(key, label, task, len(features), outputs, rows, features, classes, source, synthetic=False)


DATASETS: Mapping[str, Dataset] = MappingProxyType(
    {
        dataset.key: dataset
        for dataset in (
            _shape(
                "circles", "Circles", ("inner", "outer"), "Synthetic: a circle of radius 0.75 inside one of 1.5, after scikit-learn's make_circles."
            ),
            _shape(
                "xor",
                "XOR",
                ("signs agree", "signs differ"),
                "Synthetic: four squares, the classes crosswise; Minsky and Papert (1969), Perceptrons.",
            ),
            _shape(
                "gaussians", "Gaussians", ("lower left", "upper right"), "Synthetic: two round Gaussian clouds, which a straight line parts best."
            ),
            _shape(
                "spiral",
                "Spiral",
                ("first arm", "second arm"),
                "Synthetic: two spiral arms; Lang and Witbrock (1988), Learning to tell two spirals apart.",
            ),
            _shape("moons", "Moons", ("upper", "lower"), "Synthetic: two half circles that reach into each other, after scikit-learn's make_moons."),
            _real(
                "breast_cancer",
                "Breast cancer",
                "binary",
                569,
                tuple(f"{which} {cell}" if which != "error" else f"{cell} error" for which, cell in product(("mean", "error", "worst"), _CELLS)),
                ("malignant", "benign"),
                "Real: cell nuclei of 569 breast masses; Wolberg, Street and Mangasarian (1995), Breast Cancer Wisconsin (Diagnostic), UCI.",
            ),
            _real(
                "digits",
                "Digits",
                "multiclass",
                1797,
                tuple(f"pixel_{row}_{column}" for row, column in product(range(8), repeat=2)),
                tuple(str(digit) for digit in range(10)),
                "Real: 1,797 handwritten digits of 8 x 8 pixels; Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI.",
            ),
            _real(
                "wine",
                "Wine",
                "multiclass",
                178,
                (
                    "alcohol",
                    "malic_acid",
                    "ash",
                    "alcalinity_of_ash",
                    "magnesium",
                    "total_phenols",
                    "flavanoids",
                    "nonflavanoid_phenols",
                    "proanthocyanins",
                    "color_intensity",
                    "hue",
                    "od280/od315_of_diluted_wines",
                    "proline",
                ),
                ("class_0", "class_1", "class_2"),
                "Real: chemical analysis of 178 wines from three cultivars of one region of Italy; Aeberhard and Forina (1992), Wine, UCI.",
            ),
            _real(
                "iris",
                "Iris",
                "multiclass",
                150,
                ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),
                ("setosa", "versicolor", "virginica"),
                "Real: 150 flowers of three species; Fisher (1936), The use of multiple measurements in taxonomic problems.",
            ),
            _real(
                "diabetes",
                "Diabetes",
                "regression",
                442,
                tuple(DIABETES_FEATURES),
                (),
                "Real: 442 patients, their disease a year on; Efron, Hastie, Johnstone and Tibshirani (2004), Least angle regression.",
            ),
        )
    }
)

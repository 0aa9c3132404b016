import numpy as np
import pytest

from core.errors import InvalidInput
from core.quadratic import Quadratic

TILTED = [[1.0, 0.9], [0.9, 2.0]]


def test_the_value_is_the_written_out_bowl_over_any_leading_axes() -> None:
    bowl = Quadratic(TILTED, [0.5, -1.0], 3.0)
    w = np.random.default_rng(0).normal(size=(4, 3, 2))
    x, y = w[..., 0] - 0.5, w[..., 1] + 1.0
    np.testing.assert_allclose(bowl.value(w), 0.5 * (x**2 + 1.8 * x * y + 2 * y**2) + 3.0, rtol=1e-13)
    assert bowl.value([0.5, -1.0]) == 3.0


def test_the_gradient_is_the_slope_of_the_value() -> None:
    bowl = Quadratic(TILTED, [0.5, -1.0])
    w = np.random.default_rng(1).normal(size=(20, 2))
    step = 1e-5 * np.eye(2)
    slope = (bowl.value(w[:, None] + step) - bowl.value(w[:, None] - step)) / 2e-5
    np.testing.assert_allclose(bowl.gradient(w), slope, atol=1e-9)


@pytest.mark.parametrize("collinear", [False, True])
def test_least_squares_is_half_the_mean_squared_residual(collinear: bool) -> None:
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(30, 4)), rng.normal(size=30)
    if collinear:
        X[:, 2] = 2 * X[:, 0] - X[:, 1]
    bowl = Quadratic.from_least_squares(X, y)
    w = rng.normal(size=(25, 4))
    np.testing.assert_allclose(bowl.value(w), ((y - w @ X.T) ** 2).sum(axis=-1) / 60, rtol=1e-12)
    assert bowl.is_definite is not collinear
    np.testing.assert_allclose(bowl.centre, np.linalg.pinv(X) @ y, atol=1e-12)


def test_least_squares_takes_more_features_than_samples() -> None:
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(5, 9)), rng.normal(size=5)
    bowl = Quadratic.from_least_squares(X, y)
    assert abs(bowl.floor) <= 1e-25
    assert np.count_nonzero(bowl.flat) == 4


def test_it_keeps_read_only_copies() -> None:
    hessian, centre = np.array(TILTED), np.array([1.0, 2.0])
    bowl = Quadratic(hessian, centre)
    hessian[0, 0] = centre[0] = 7.0
    assert bowl.hessian[0, 0] == bowl.centre[0] == 1.0
    for array in (bowl.hessian, bowl.centre, bowl.pull, *bowl.eigen):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0


def test_the_pull_keeps_its_digits_along_a_nearly_flat_direction() -> None:
    # (1 + e) x - (1 - e) x with x = 1e6: rounding each product to float64 would leave nothing of e = 1e-10.
    tiny = 2.0**-33
    bowl = Quadratic([[1.0, -1.0 + tiny], [-1.0 + tiny, 1.0]], [1e6 + 1 / 3, 1e6 + 1 / 3])
    np.testing.assert_allclose(bowl.pull, tiny * (1e6 + 1 / 3), rtol=1e-8)


def test_symmetry_and_definiteness_hold_to_rounding() -> None:
    assert not Quadratic([[1.0, 1.0 + 1e-12], [1.0, 1.0]], [0.0, 0.0]).is_definite
    assert (Quadratic([[1.0, 1.0 + 1e-12], [1.0, 1.0]], [0.0, 0.0]).hessian == Quadratic([[1.0, 1.0], [1.0 + 1e-12, 1.0]], [0.0, 0.0]).hessian).all()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (([[1.0, np.nan], [0.0, 1.0]], [0.0, 0.0]), "hessian contains nan"),
        (([[1.0, 0.0], [0.0, np.inf]], [0.0, 0.0]), "hessian contains inf"),
        (([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [0.0, 0.0]), r"hessian of shape \(2, 3\)"),
        ((np.zeros((0, 0)), np.zeros(0)), r"hessian of shape \(0, 0\)"),
        (([[1.0, 0.1], [0.2, 1.0]], [0.0, 0.0]), "hessian differs from its transpose by 0.1"),
        (([[1.0, 2.0], [2.0, 1.0]], [0.0, 0.0]), "hessian has the eigenvalue -1"),
        (([[-1e-3, 0.0], [0.0, 1.0]], [0.0, 0.0]), "hessian has the eigenvalue -0.001"),
        (([[-1.0, 0.0], [0.0, -1.0]], [0.0, 0.0]), "hessian has the eigenvalue -1"),
        ((TILTED, [0.0, 0.0, 0.0]), r"centre of shape \(3,\)"),
        ((TILTED, [0.0, np.nan]), "centre contains nan"),
        ((TILTED, [0.0, 0.0], np.nan), "floor contains nan"),
        ((TILTED, [0.0, 0.0], [1.0]), r"floor of shape \(1,\)"),
        ((TILTED, ["a", "b"]), "centre of type"),
        (([[1.0], [1.0, 2.0]], [0.0, 0.0]), "hessian of uneven rows"),
    ],
)
def test_a_bad_bowl_is_refused_by_value_range_and_remedy(arguments, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInput, match=f"{says}.*: allowed is .+\\. .+\\."):
        Quadratic(*arguments)


@pytest.mark.parametrize(
    ("X", "y", "says"),
    [
        ([1.0, 2.0], [1.0, 2.0], r"X of shape \(2,\)"),
        (np.zeros((0, 2)), np.zeros(0), r"X of shape \(0, 2\)"),
        ([[1.0], [2.0]], [1.0], r"y of shape \(1,\)"),
        ([[1.0], [np.nan]], [1.0, 2.0], "X contains nan"),
        ([[1.0], [2.0]], [1.0, np.nan], "y contains nan"),
    ],
)
def test_bad_data_is_refused(X, y, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInput, match=says):
        Quadratic.from_least_squares(X, y)


@pytest.mark.parametrize("w", [[1.0, 2.0, 3.0], 1.0, [np.nan, 0.0]])
def test_a_point_of_the_wrong_size_is_refused(w) -> None:  # type: ignore[no-untyped-def]
    bowl = Quadratic(TILTED, [0.0, 0.0])
    with pytest.raises(InvalidInput, match="w "):
        bowl.value(w)
    with pytest.raises(InvalidInput, match="w "):
        bowl.gradient(w)

import numpy as np
import pytest

from core.curvature import shifted_spectrum
from core.errors import InvalidInput


def _symmetric(rng: np.random.Generator, shape: tuple[int, ...], d: int) -> np.ndarray:
    matrix = rng.normal(size=(*shape, d, d)) * 10 ** rng.uniform(-3, 3)
    return matrix + np.swapaxes(matrix, -1, -2)


@pytest.mark.parametrize(("shape", "d"), [((), 2), ((7,), 2), ((3, 4), 2), ((), 1), ((5,), 6)])
def test_the_spectrum_is_that_of_the_matrix_with_twice_lambda_on_its_diagonal(shape: tuple[int, ...], d: int) -> None:
    rng = np.random.default_rng(0)
    lam = np.array([0.0, 1e-3, 0.4, 7.0])
    matrix = _symmetric(rng, shape, d)
    found = shifted_spectrum(matrix, lam)
    assert found.eigenvalues.shape == (4, *shape, d)
    assert found.condition_number.shape == found.is_definite.shape == (4, *shape)
    for k, each in enumerate(lam):
        # Non-symmetric solver on the matrix that is meant: shares neither the code path nor the shift.
        values = np.sort(np.linalg.eigvals(matrix + 2 * each * np.eye(d)).real, axis=-1)
        np.testing.assert_allclose(found.eigenvalues[k], values, atol=1e-12 * np.abs(matrix).max())
        sizes = np.abs(values)
        np.testing.assert_allclose(found.condition_number[k], sizes.max(axis=-1) / sizes.min(axis=-1), rtol=1e-6)
        assert (found.is_definite[k] == (values.min(axis=-1) > 0)).all()


def test_the_shift_is_twice_lambda_to_rounding() -> None:
    matrix = _symmetric(np.random.default_rng(1), (50,), 2)
    found = shifted_spectrum(matrix, [0.0, 0.3])
    np.testing.assert_allclose(found.eigenvalues[1] - found.eigenvalues[0], 0.6, rtol=0, atol=4e-16 * np.abs(found.eigenvalues).max())


@pytest.mark.parametrize("turn", [0.0, 0.3, 1.1])
def test_the_shift_can_worsen_the_conditioning_of_an_indefinite_hessian(turn: float) -> None:
    basis = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    found = shifted_spectrum((basis * [-1.0, 2.0]) @ basis.T, [0.0, 0.4, 0.5, 0.6])
    np.testing.assert_allclose(found.condition_number[[0, 1, 3]], [2.0, 14.0, 16.0], rtol=1e-13)
    assert np.isposinf(found.condition_number[2])
    assert found.is_definite.tolist() == [False, False, False, True]


def test_a_flat_hessian_is_singular_until_the_penalty_lifts_it() -> None:
    found = shifted_spectrum(np.zeros((2, 2)), [0.0, 1e-9])
    assert np.isposinf(found.condition_number[0])
    assert found.condition_number[1] == 1.0
    assert found.is_definite.tolist() == [False, True]


def test_a_scalar_lambda_is_a_family_of_one() -> None:
    assert shifted_spectrum(np.eye(2), 0.5).eigenvalues.tolist() == [[2.0, 2.0]]


@pytest.mark.parametrize(
    ("hessian", "lam"),
    [
        ([[1.0, 0.5], [0.4, 1.0]], 0.0),
        ([[1.0, 0.5]], 0.0),
        ([1.0, 2.0], 0.0),
        (np.empty((0, 0)), 0.0),
        ([[np.nan, 0.0], [0.0, 1.0]], 0.0),
        (np.eye(2), -0.1),
        (np.eye(2), [[0.1]]),
        (np.eye(2), np.inf),
    ],
)
def test_what_is_no_symmetric_matrix_or_no_penalty_weight_is_refused(hessian: object, lam: object) -> None:
    with pytest.raises(InvalidInput, match="allowed is"):
        shifted_spectrum(hessian, lam)  # type: ignore[arg-type]


def test_one_bad_matrix_among_many_is_refused() -> None:
    many = np.broadcast_to(np.eye(2), (5, 2, 2)).copy()
    many[3, 0, 1] = 1e-3
    with pytest.raises(InvalidInput, match="transpose"):
        shifted_spectrum(many, 0.0)

import numpy as np
import pytest
from scipy.optimize import minimize

from core.errors import InvalidInput
from core.minima import Minima, find_minima
from core.penalties import L1, L2, ElasticNet, Penalty
from core.quadratic import Quadratic
from core.regularized import penalized
from core.surfaces import SURFACES, Surface, parse_surface, rotated_ravine
from tests.core.problems import coefficients, written_out

PENALTIES = [L2(), L1(), ElasticNet(0.6)]
# Up to where something happens: most minima have vanished there.
FAR = {"rastrigin": 30.0, "styblinski_tang": 20.0, "himmelblau": 60.0, "ackley": 2.0, "rosenbrock": 100.0, "beale": 40.0}
CACHE: dict[tuple[str, str], Minima] = {}


def family(key: str) -> np.ndarray:
    return np.linspace(0.0, FAR.get(key, 1.5), 61)


def tracked(key: str, penalty: Penalty) -> Minima:
    if (key, penalty.key) not in CACHE:
        CACHE[key, penalty.key] = find_minima(SURFACES[key], penalty, family(key))
    return CACHE[key, penalty.key]


def objective(surface: Surface, penalty: Penalty, w: np.ndarray, lam: np.ndarray | float) -> np.ndarray:
    return surface.value(w) + lam * written_out(penalty, w)


EVERY = pytest.mark.parametrize("key", SURFACES)
ALL_PENALTIES = pytest.mark.parametrize("penalty", PENALTIES, ids=lambda penalty: penalty.key)


@EVERY
@ALL_PENALTIES
def test_no_tracked_minimum_has_a_lower_neighbour(key: str, penalty: Penalty) -> None:
    surface, found = SURFACES[key], tracked(key, penalty)
    size = np.ptp(surface.bounds, axis=1).max()
    turns = np.linspace(0.0, 2.0 * np.pi, 48, endpoint=False)
    ring = np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    lam = np.broadcast_to(found.lam[:, None], found.exists.shape)[found.exists]
    w = found.w[found.exists]
    least = objective(surface, penalty, w, lam)
    l1, l2 = coefficients(penalty)
    hessian = surface.hessian(w) + 2.0 * l2 * lam[:, None, None] * np.eye(2)
    held = (w == 0.0) & (l1 > 0.0) & (lam[:, None] > 0.0)
    bend = np.where(held.any(axis=1), np.where(held, np.inf, np.diagonal(hessian, axis1=1, axis2=2)).min(axis=1), np.linalg.eigvalsh(hessian)[:, 0])
    margin = np.where(held, l1 * lam[:, None] - np.abs(surface.gradient(w)), np.inf).min(axis=1)
    seen = 0
    for radius in (1e-6, 1e-5, 1e-4):
        places = w[:, None] + radius * size * ring
        around = objective(surface, penalty, places, lam[:, None])
        rounding = 4e-15 * (1.0 + np.abs(least) + np.abs(around).max(axis=1))
        # Next to a fold, or to where an axis lets go, the basin is smaller than the ring: over it the Hessian and the slopes change too much.
        change = np.abs(surface.hessian(places) - surface.hessian(w)[:, None]).max(axis=(1, 2, 3))
        calm = (bend > 2.0 * change) & (margin > 4.0 * (np.abs(hessian).max(axis=(-1, -2)) + change) * radius * size)
        assert (around.min(axis=1) >= least - rounding)[calm].all()
        seen += calm.sum()
    assert seen > (1.5 * len(w) if key != "ackley" else len(w))


@EVERY
@ALL_PENALTIES
def test_the_written_out_conditions_hold_at_each_tracked_minimum(key: str, penalty: Penalty) -> None:
    surface, found = SURFACES[key], tracked(key, penalty)
    l1, l2 = coefficients(penalty)
    lam = np.broadcast_to(found.lam[:, None], found.exists.shape)[found.exists][:, None]
    w = found.w[found.exists]
    slope = surface.gradient(w) + 2.0 * lam * l2 * w
    scale = 1.0 + np.abs(surface.hessian(w)).max(axis=(-1, -2))[:, None]
    inside = np.abs(slope + lam * l1 * np.sign(w)) <= 1e-7 * scale
    held = np.abs(slope) <= lam * l1 + 1e-7 * scale
    assert np.where(w == 0.0, held if l1 else inside, inside).all()
    low, high = surface.bounds.T
    assert ((low <= w) & (w <= high)).all()


def _brute(surface: Surface, penalty: Penalty, lam: float, points: int = 1201) -> np.ndarray:
    """The points of a fine grid, one line of it on each axis, that are below all eight neighbours."""
    lines = []
    for low, high in surface.bounds:
        line = np.linspace(low, high, points)
        line[np.argmin(np.abs(line))] = 0.0
        lines.append(line)
    grid = np.stack(np.meshgrid(*lines), axis=-1)
    height = objective(surface, penalty, grid, lam)
    middle = height[1:-1, 1:-1]
    low = np.ones_like(middle, dtype=bool)
    for i in range(3):
        for j in range(3):
            if (i, j) != (1, 1):
                low &= middle < height[i : i + points - 2, j : j + points - 2]
    return grid[1:-1, 1:-1][low]


# Where a grid says little: in valleys oblique to it there are low points side by side. The data surfaces are convex.
OBLIQUE = ("rosenbrock", "beale", "rotated_ravine", "linear_regression", "logistic_regression")


@pytest.mark.parametrize("key", [key for key in SURFACES if key not in OBLIQUE])
@ALL_PENALTIES
def test_the_minima_are_those_of_a_fine_grid(key: str, penalty: Penalty) -> None:
    surface, found = SURFACES[key], tracked(key, penalty)
    for j in (3, 20, 47):
        brute, w = _brute(surface, penalty, float(found.lam[j])), found.w[j][found.exists[j]]
        assert len(brute) == len(w) == found.counts[j]
        if len(w):
            apart = np.abs(brute[:, None] - w).max(axis=-1)
            assert apart.min(axis=0).max() < 0.03
            assert apart.min(axis=1).max() < 0.03


@pytest.mark.parametrize("key", OBLIQUE)
@ALL_PENALTIES
def test_searches_from_many_starts_end_in_tracked_minima_or_outside(key: str, penalty: Penalty) -> None:
    surface, found = SURFACES[key], tracked(key, penalty)
    rng = np.random.default_rng(0)
    low, high = surface.bounds.T
    for j in (5, 30):
        lam = float(found.lam[j])
        for _ in range(6):
            start = low + rng.random(2) * (high - low)
            run = minimize(
                lambda w, lam=lam: float(objective(surface, penalty, np.asarray(w), lam)),
                start,
                method="Nelder-Mead",
                options={"xatol": 1e-7, "fatol": 1e-12, "maxiter": 4000, "maxfev": 4000},
            )
            inside = (low < run.x).all() and (run.x < high).all()
            assert not inside or np.abs(found.w[j][found.exists[j]] - run.x).max(axis=-1).min() < 1e-3


@EVERY
@ALL_PENALTIES
def test_a_result_holds_together(key: str, penalty: Penalty) -> None:
    surface, found = SURFACES[key], tracked(key, penalty)
    k, b = len(family(key)), found.w.shape[1]
    assert found.w.shape == (k, b, 2)
    assert found.exists.shape == found.objective.shape == found.loss.shape == (k, b)
    assert found.eigenvalues.shape == (k, b, 2)
    assert found.born.shape == found.ends.shape == (b,)
    assert len(found.born_how) == len(found.ends_how) == b
    assert (found.counts == found.exists.sum(axis=1)).all()
    for column in (found.w, found.objective, found.loss, found.eigenvalues, found.born, found.ends):
        assert np.isfinite(column).all()
    np.testing.assert_allclose(found.loss, surface.value(found.w))
    np.testing.assert_allclose(found.objective, objective(surface, penalty, found.w, found.lam[:, None]))
    np.testing.assert_allclose(found.eigenvalues, np.linalg.eigvalsh(surface.hessian(found.w)), atol=1e-9)
    for i in range(b):
        there = np.flatnonzero(found.exists[:, i])
        assert (np.diff(there) == 1).all()  # a branch has no gaps
        first, last = found.lam[there[0]], found.lam[there[-1]]
        assert found.born[i] <= first <= last <= found.ends[i]
        assert (found.born_how[i] == "start") == (there[0] == 0)
        assert (found.ends_how[i] == "end") == (there[-1] == k - 1)
        # The branch does not exist at the members on either side of it, and is held there.
        assert there[0] == 0 or found.born[i] >= found.lam[there[0] - 1]
        assert there[-1] == k - 1 or found.ends[i] <= found.lam[there[-1] + 1]
        assert (found.w[: there[0], i] == found.w[there[0], i]).all()
        assert (found.w[there[-1] :, i] == found.w[there[-1], i]).all()
    # The longest-lived come first, the lowest first among equals.
    life = found.exists.sum(axis=0)
    assert (np.diff(life) <= 0).all()


@ALL_PENALTIES
@pytest.mark.parametrize("key", ["himmelblau", "six_hump_camel", "rugged_bowl", "two_basins", "styblinski_tang"])
def test_descent_stays_just_before_a_branch_ends_and_slides_away_just_after(key: str, penalty: Penalty) -> None:
    surface, found = SURFACES[key], tracked(key, penalty)
    ended = [i for i, how in enumerate(found.ends_how) if how == "vanishes"]
    assert ended
    start = np.stack([found.w[np.flatnonzero(found.exists[:, i])[-1], i] for i in ended])
    rate = 0.2 / (np.abs(surface.hessian(start)).max(axis=(1, 2))[:, None] + 2.0 * found.ends[ended][:, None] + 1.0)

    def slid(lam: np.ndarray) -> np.ndarray:
        """How far small steps of descent, with the prox, lead from the last place of each branch."""
        w = start.copy()
        for _ in range(8000):
            w = penalty.prox(w - rate * surface.gradient(w), rate * lam[:, None])
        return np.abs(w - start).max(axis=-1)

    before, after = slid(found.ends[ended] * (1.0 - 1e-3)), slid(found.ends[ended] * 1.03)
    size = float(np.ptp(surface.bounds, axis=1).max())
    assert (before < 0.05 * size).all()
    assert (after > before + 0.02 * size).all()


# --------------------------------------------------------------------------------------------------------------- closed forms


@pytest.mark.parametrize("surface", [SURFACES["round_bowl"], SURFACES["ravine"], rotated_ravine(100.0, -35.0), SURFACES["linear_regression"]])
def test_on_a_quadratic_there_is_one_branch_the_ridge_path(surface: Surface) -> None:
    lam = np.linspace(0.0, 5.0, 41)
    found = find_minima(surface, L2(), lam)
    hessian, centre = surface.hessian((0.0, 0.0)), surface.minima[0]
    path = np.stack([np.linalg.solve(hessian + 2 * each * np.eye(2), hessian @ centre) for each in lam])
    assert found.w.shape == (41, 1, 2)
    np.testing.assert_allclose(found.w[:, 0], path, atol=1e-9)
    assert found.exists.all()
    assert (found.born_how, found.ends_how) == (("start",), ("end",))


@pytest.mark.parametrize("penalty", [L1(), ElasticNet(0.5), ElasticNet(0.9)], ids=str)
@pytest.mark.parametrize("surface", [SURFACES["round_bowl"], SURFACES["ravine"], rotated_ravine(8.0, 40.0), SURFACES["linear_regression"]])
def test_on_a_quadratic_the_branch_is_the_exact_lasso_path_zeros_included(surface: Surface, penalty: Penalty) -> None:
    problem = Quadratic(surface.hessian((0.0, 0.0)), surface.minima[0])
    lam = np.linspace(0.0, 1.1 * float(np.abs(problem.hessian @ problem.centre).max()) / penalty.l1, 61)
    found, exact = find_minima(surface, penalty, lam), penalized(problem, penalty, lam)
    assert found.w.shape == (61, 1, 2)
    np.testing.assert_allclose(found.w[:, 0], exact.w, atol=1e-8)
    assert ((found.w[:, 0] == 0.0) == ~exact.support).mean() > 0.98  # a member on an event may be on either side
    assert found.exists.all()


def _double_well() -> Surface:
    return parse_surface("w1**4/4 - w1**2 + 0.3*w1 + w2**2/2")


def test_a_double_well_under_l2_folds_where_the_discriminant_of_its_cubic_vanishes() -> None:
    # Stationary: w^3 + p w + q = 0 with p = 2 lambda - 2 and q = 0.3; two roots meet where 4 p^3 + 27 q^2 = 0.
    fold = 1.0 - 0.5 * (27.0 * 0.3**2 / 4.0) ** (1 / 3)
    found = find_minima(_double_well(), L2(), np.linspace(0.0, 1.0, 31))
    assert found.counts[0] == 2
    assert found.counts[-1] == 1
    assert found.ends_how == ("end", "vanishes")
    np.testing.assert_allclose(found.ends[1], fold, atol=2e-7)
    for j, lam in enumerate(found.lam):
        roots = np.roots([1.0, 0.0, 2 * lam - 2, 0.3])
        real = np.sort(roots[np.abs(roots.imag) < 1e-9].real)
        np.testing.assert_allclose(found.w[j, 0], [real[0], 0.0], atol=1e-9)
        if found.exists[j, 1]:
            np.testing.assert_allclose(found.w[j, 1], [real[-1], 0.0], atol=1e-9)


def test_a_double_well_under_l1_gains_a_minimum_at_the_origin_before_both_wells_fold() -> None:
    # For w > 0 the constant of the cubic is 0.3 + lambda, for w < 0 it is 0.3 - lambda; folds where 27 q^2 = 4 * 2^3. The origin holds from
    # lambda = |L'(0)| = 0.3 on.
    bend = np.sqrt(32.0 / 27.0)
    found = find_minima(_double_well(), L1(), np.linspace(0.0, 2.0, 81))
    events = {(how, round(float(at), 5)) for how, at in zip(found.ends_how, found.ends, strict=True)}
    assert events == {("vanishes", round(bend - 0.3, 5)), ("vanishes", round(bend + 0.3, 5)), ("end", 2.0)}
    origin = int(np.argmax(np.array(found.born_how) == "appears"))
    np.testing.assert_allclose(found.born[origin], 0.3, atol=1e-6)
    assert (found.w[found.exists[:, origin], origin] == 0.0).all()
    np.testing.assert_allclose(np.sort(found.ends)[:2], [bend - 0.3, bend + 0.3], atol=1e-6)
    assert found.counts[[0, 20, 40, 80]].tolist() == [2, 3, 2, 1]


def test_at_equal_depth_and_distance_the_wide_basin_vanishes_first_under_l2() -> None:
    surface, found = SURFACES["two_basins"], tracked("two_basins", L2())
    sharp, wide = (int(np.abs(found.w[0] - place).max(axis=-1).argmin()) for place in surface.minima)
    np.testing.assert_allclose(found.loss[0, sharp], found.loss[0, wide], atol=3e-7)
    assert found.eigenvalues[0, sharp, 0] > 5.0 * found.eigenvalues[0, wide, 1]
    assert found.ends[wide] < 0.6 * found.ends[sharp]
    # A third minimum, near the origin, takes over: the count goes up as well as down.
    assert "appears" in found.born_how


def test_the_count_of_minima_is_not_monotone() -> None:
    counts = tracked("two_basins", L1()).counts
    assert (np.diff(counts) > 0).any()
    assert (np.diff(counts) < 0).any()


def test_the_small_sharp_minima_of_the_rugged_bowl_vanish_one_by_one() -> None:
    found = find_minima(SURFACES["rugged_bowl"], L2(), np.linspace(0.0, 0.5, 101))
    assert found.counts[0] == 7
    assert found.counts[-1] == 1
    ends = np.sort(found.ends[[how == "vanishes" for how in found.ends_how]])
    assert len(ends) == 6
    assert (np.diff(ends) > 5e-3).all()
    # The one that stays is the wide one.
    assert found.eigenvalues[0, 0, 1] < 0.3 < found.eigenvalues[0, 1:, 1].min()


def test_all_121_minima_of_rastrigins_window_are_found_and_fold_where_the_tangent_equals_its_angle() -> None:
    found = tracked("rastrigin", L2())
    assert found.counts[0] == 121
    assert (found.w[:, 0] == 0.0).all()
    # A weight's own part, (1 + lambda) w^2 - 10 cos(theta) with theta = 2 pi w, folds where tan(theta) = theta and lambda = -1 - 20 pi^2 cos(theta).
    folds = []
    for index in range(1, 6):
        low, high = (2 * index - 1) * np.pi, (2 * index - 0.5) * np.pi - 1e-12
        for _ in range(200):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if np.tan(middle) < middle else (low, middle)
        folds.append(-1.0 - 20.0 * np.pi**2 * np.cos(low))
    # A minimum goes with the first of its two weights.
    place = np.rint(np.abs(found.w[0])).astype(int).max(axis=1)
    for index, fold in enumerate(folds, 1):
        ends = found.ends[place == index]
        assert len(ends) == 8 * index
        np.testing.assert_allclose(ends, min(fold, 30.0), atol=2e-6)


def test_the_saddle_becomes_a_minimum_where_two_lambda_outgrows_its_negative_curvature() -> None:
    found = find_minima(SURFACES["saddle"], L2(), np.linspace(0.0, 1.0, 41))
    assert found.counts[:20].sum() == 0
    assert (found.counts[21:] == 1).all()
    np.testing.assert_allclose(found.born, 0.5, atol=1e-6)
    assert found.born_how == ("appears",)
    assert (np.abs(found.w) < 1e-9).all()


def test_under_l1_the_saddles_origin_is_a_minimum_for_any_lambda_above_0() -> None:
    found = find_minima(SURFACES["saddle"], L1(), np.linspace(0.0, 1.0, 41))
    assert found.counts.tolist() == [0] + [1] * 40
    np.testing.assert_allclose(found.born, 0.0, atol=1e-6)


def test_a_minimum_that_moves_over_the_edge_leaves_or_enters_the_window() -> None:
    bowl, lam = SURFACES["round_bowl"], np.linspace(0.0, 1.0, 41)
    left = find_minima(bowl, L2(), lam, bounds=[(1.0, 4.0), (-1.0, 4.0)])
    assert (left.born_how, left.ends_how) == (("start",), ("leaves",))
    np.testing.assert_allclose(left.ends, 0.5, atol=1e-5)  # 2 / (1 + 2 lambda) = 1
    entered = find_minima(bowl, L2(), lam, bounds=[(-1.0, 1.5), (-1.0, 4.0)])
    assert (entered.born_how, entered.ends_how) == (("enters",), ("end",))
    np.testing.assert_allclose(entered.born, 1 / 6, atol=1e-5)


def test_without_a_penalty_or_on_a_plain_nothing_breaks() -> None:
    alone = find_minima(SURFACES["himmelblau"], None, [0.0, 1.0])
    assert alone.counts.tolist() == [4, 4]
    np.testing.assert_allclose(np.sort(alone.w[0], axis=0), np.sort(SURFACES["himmelblau"].minima, axis=0), atol=1e-9)
    for text in ("5", "w1", "w1 - w2**2", "0*w1"):
        empty = find_minima(parse_surface(text), None, [0.0, 0.5])
        assert empty.counts.tolist() == [0, 0]
        assert empty.w.shape == (2, 0, 2)
        assert empty.born.shape == (0,)
    plain = find_minima(parse_surface("5"), L1(), [0.0, 0.5])
    assert plain.counts.tolist() == [0, 1]


@pytest.mark.parametrize("key", ["himmelblau", "six_hump_camel", "two_basins", "rugged_bowl"])
@ALL_PENALTIES
def test_the_spacing_of_the_family_does_not_change_its_events(key: str, penalty: Penalty) -> None:
    found = tracked(key, penalty)
    far = FAR.get(key, 1.5)
    other = find_minima(SURFACES[key], penalty, np.concatenate([[0.0], np.geomspace(1e-3 * far, far, 120)]))
    assert other.counts[0] == found.counts[0]
    assert other.counts[-1] == found.counts[-1]
    for mine, how, theirs, their_how in (
        (found.ends, found.ends_how, other.ends, other.ends_how),
        (found.born, found.born_how, other.born, other.born_how),
    ):
        one = np.sort([at for at, why in zip(mine, how, strict=True) if why in ("vanishes", "appears")])
        two = np.sort([at for at, why in zip(theirs, their_how, strict=True) if why in ("vanishes", "appears")])
        np.testing.assert_allclose(one, two, atol=1e-6 * far)


def test_a_number_is_a_family_of_one() -> None:
    one = find_minima(SURFACES["himmelblau"], L2(), 0.5)
    assert one.w.shape == (1, 4, 2)
    many = find_minima(SURFACES["himmelblau"], L2(), [0.0, 0.5])
    np.testing.assert_allclose(np.sort(one.w[0], axis=0), np.sort(many.w[1], axis=0), atol=1e-8)


@pytest.mark.parametrize(
    ("lam", "bounds"),
    [
        ([0.2, 0.1], None),
        ([0.1, 0.1], None),
        ([-0.1, 0.1], None),
        ([0.0, np.inf], None),
        ([[0.0]], None),
        (0.0, [(1.0, 0.0), (0.0, 1.0)]),
        (0.0, [0.0, 1.0]),
        (0.0, [(0.0, np.nan), (0.0, 1.0)]),
    ],
)
def test_what_is_no_ascending_family_or_no_window_is_refused(lam: object, bounds: object) -> None:
    with pytest.raises(InvalidInput, match="allowed is"):
        find_minima(SURFACES["saddle"], L2(), lam, bounds)  # type: ignore[arg-type]

import numpy as np
import pytest

from core.errors import InvalidInput
from core.penalties import L1, L2, PENALTIES, ElasticNet, Penalty
from tests.core.problems import MIXES, boundary, written_out

REGISTERED = [make() for make in PENALTIES.values()]
EVERY = pytest.mark.parametrize("penalty", REGISTERED + MIXES[3:], ids=str)


def test_the_registry_lists_each_penalty_under_its_key_with_names_to_show() -> None:
    assert list(PENALTIES) == ["l1", "l2", "elastic_net"]
    for key, make in PENALTIES.items():
        assert make.key == key
        assert make.label
        assert make.latex
    with pytest.raises(TypeError):
        PENALTIES["l0"] = L1  # type: ignore[index]


@EVERY
def test_the_value_is_the_written_out_penalty_over_any_leading_axes(penalty: Penalty) -> None:
    w = np.random.default_rng(0).normal(size=(3, 4, 5))
    np.testing.assert_allclose(penalty.value(w), written_out(penalty, w), rtol=1e-14)
    assert penalty.value(w[0, 0]).shape == ()


@EVERY
def test_the_gradient_is_the_slope_of_the_value_and_0_at_0(penalty: Penalty) -> None:
    w = np.random.default_rng(1).normal(size=(50, 3))
    step = 1e-6 * np.eye(3)
    slope = (written_out(penalty, w[:, None] + step) - written_out(penalty, w[:, None] - step)) / 2e-6
    np.testing.assert_allclose(penalty.gradient(w), slope, atol=1e-8)
    assert (penalty.gradient(np.zeros((2, 3))) == 0.0).all()


def _beats_its_neighbours(objective, w: np.ndarray) -> bool:  # type: ignore[no-untyped-def]
    """An error of e in w shows as a neighbour, about e away, that is lower by about e squared: this sees errors down to 1e-7."""
    rng = np.random.default_rng(2)
    least = objective(w)
    for size in 10.0 ** np.arange(-7, 1):
        moves = [*np.eye(w.shape[-1]), *-np.eye(w.shape[-1]), *rng.normal(size=(20, w.shape[-1]))]
        if not all((least <= objective(w + size * move) + 2e-15 * (1 + np.abs(least))).all() for move in moves):
            return False
    return True


@EVERY
@pytest.mark.parametrize("kind", ["a number", "one a point", "a metric"])
def test_prox_minimises_the_written_out_objective(penalty: Penalty, kind: str) -> None:
    rng = np.random.default_rng(3)
    v = rng.normal(size=(40, 3))
    step = {"a number": np.array(0.4), "one a point": rng.uniform(0, 2, (40, 1)), "a metric": rng.uniform(0, 2, (40, 3))}[kind]
    w = penalty.prox(v, step)

    # R is a sum over weights, so with a step a coordinate the objective is sum_i (w_i - v_i)^2 / 2 + step_i R(w_i).
    def objective(at: np.ndarray) -> np.ndarray:
        return 0.5 * ((at - v) ** 2).sum(axis=-1) + (step * written_out(penalty, at[..., None])).sum(axis=-1)

    assert w.shape == v.shape
    assert _beats_its_neighbours(objective, w)
    assert not _beats_its_neighbours(objective, w + 1e-6), "the test must see an error of 1e-6"
    if not isinstance(penalty, L2):
        assert (w == 0.0).any()
        assert not np.signbit(w[w == 0.0]).any()


@EVERY
def test_prox_with_step_0_changes_nothing(penalty: Penalty) -> None:
    v = np.array([[1.0, -2.0], [0.0, 3.0]])
    assert (penalty.prox(v, 0.0) == v).all()


@EVERY
@pytest.mark.parametrize("d", [1, 2, 7])
def test_project_spends_the_budget_and_no_feasible_point_is_nearer(penalty: Penalty, d: int) -> None:
    rng = np.random.default_rng(4)
    v = rng.normal(size=(30, d)) * 3
    budget = rng.uniform(0.01, 2, 30)
    w = penalty.project(v, budget)
    outside = written_out(penalty, v) > budget
    assert outside.any()
    np.testing.assert_allclose(written_out(penalty, w)[outside], budget[outside], rtol=1e-13)
    assert (w[~outside] == v[~outside]).all()
    # The variational inequality (v - w)'(z - w) <= 0 for every feasible z, of which some lie anywhere and some beside w.
    for size in (10.0, 1.0, 0.1, 1e-3, 1e-5):
        for _ in range(100):
            z = w + size * rng.normal(size=w.shape)
            excess = written_out(penalty, z) > budget
            share = np.where(excess, 0.5 ** np.arange(60)[:, None], 1.0)
            feasible = written_out(penalty, share[..., None] * z) <= budget
            z = z * np.take_along_axis(share, feasible.argmax(axis=0)[None], axis=0)[0][:, None]
            inner = ((v - w) * (z - w)).sum(axis=-1)
            assert (inner[outside] <= 1e-13 * (1 + np.abs(v).max())).all()


@EVERY
def test_project_finds_the_nearest_of_400001_points_of_the_boundary(penalty: Penalty) -> None:
    around = np.linspace(0, 2 * np.pi, 400_001)
    rng = np.random.default_rng(5)
    for budget in (0.05, 2.0):
        edge = boundary(penalty, budget, around)
        for v in rng.normal(size=(3, 2)) * 6:
            if written_out(penalty, v) > budget:
                nearest = np.sqrt(((edge - v) ** 2).sum(axis=-1)).min()
                distance = np.linalg.norm(penalty.project(v, budget) - v)
                assert abs(distance - nearest) <= 1e-8 * (1 + nearest)


@EVERY
def test_project_on_a_budget_of_0_gives_0(penalty: Penalty) -> None:
    assert (penalty.project([[1.0, -2.0], [0.0, 0.0]], [0.0, 0.0]) == 0.0).all()


@EVERY
def test_project_takes_one_budget_a_point_over_leading_axes(penalty: Penalty) -> None:
    v = np.random.default_rng(6).normal(size=(3, 4, 5)) * 2
    budget = np.array([0.1, 0.5, 1.0, 2.0])
    together = penalty.project(v, budget)
    for i in range(3):
        for j in range(4):
            np.testing.assert_allclose(together[i, j], penalty.project(v[i, j], budget[j]), rtol=0, atol=1e-15)


def test_l1_projects_as_duchi_and_others_do() -> None:
    np.testing.assert_allclose(L1().project([3.0, -1.0, 0.5], 2.0), [2.0, 0.0, 0.0])
    np.testing.assert_allclose(L1().project([3.0, -2.0, 0.5], 2.0), [1.5, -0.5, 0.0])


def test_the_elastic_net_ends_in_l2_and_in_l1() -> None:
    v, rng = np.random.default_rng(7).normal(size=(20, 4)), np.random.default_rng(8)
    budget = rng.uniform(0.1, 3, 20)
    for mix, end in ((0.0, L2()), (1.0, L1())):
        np.testing.assert_allclose(ElasticNet(mix).project(v, budget), end.project(v, budget), atol=1e-15)
        np.testing.assert_allclose(ElasticNet(mix).prox(v, 0.3), end.prox(v, 0.3), atol=1e-15)
    # Close to the end, where a formula that divides by 1 - rho would have lost its digits.
    np.testing.assert_allclose(ElasticNet(1 - 1e-12).project(v, budget), L1().project(v, budget), atol=1e-11)


def test_the_mix_is_kept_as_given_and_described_by_a_knob() -> None:
    assert ElasticNet(1 / 3).rho == 1 / 3
    assert ElasticNet.knobs()["rho"].bounds == (0.0, 1.0)
    assert ElasticNet() == ElasticNet(0.5)


@pytest.mark.parametrize("rho", [-0.1, 1.1, float("nan"), float("inf"), "a", None, True])
def test_a_mix_that_is_no_share_is_refused(rho: object) -> None:
    with pytest.raises(InvalidInput, match=r"rho.*allowed is.*Set rho"):
        ElasticNet(rho)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda p: p.value(1.0), r"w of shape \(\)"),
        (lambda p: p.value([1.0, np.nan]), "w contains nan"),
        (lambda p: p.value([[1.0], [1.0, 2.0]]), "uneven"),
        (lambda p: p.value(["a"]), "type"),
        (lambda p: p.gradient([np.inf]), "w contains inf"),
        (lambda p: p.prox([1.0, 2.0], -1.0), "step = -1"),
        (lambda p: p.prox([1.0, 2.0], np.nan), "step contains nan"),
        (lambda p: p.prox([1.0, 2.0], [1.0, 2.0, 3.0]), r"step of shape \(3,\)"),
        (lambda p: p.prox([1.0, 2.0], np.ones((4, 2))), r"step of shape \(4, 2\)"),
        (lambda p: p.project([1.0, 2.0], -0.5), "budget = -0.5"),
        (lambda p: p.project([1.0, 2.0], np.nan), "budget contains nan"),
        (lambda p: p.project([[1.0, 2.0]], [1.0, 2.0]), r"budget of shape \(2,\)"),
    ],
)
@EVERY
def test_bad_input_is_refused_by_name_range_and_remedy(penalty: Penalty, call, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInput, match=f"{says}.*: allowed is .+\\. .+\\."):
        call(penalty)

"""A penalised linear model in Keras: one Dense layer, and proximal gradient steps, accelerated (FISTA), as an optimizer of our own."""

from __future__ import annotations

from core.export.linear.settings import Linear, head, imports, rows, scaled
from core.export.training.settings import Snippet

_EPOCHS = 1000


def keras(settings: Linear) -> Snippet:
    """Return the script."""
    loss = (
        "keras.losses.BinaryCrossentropy(from_logits=True)"
        if settings.logistic
        else "lambda y, z: keras.ops.mean(keras.ops.square(y - z)) / 2  # half the mean squared error"
    )
    columns = "X[:, :-1]" if settings.logistic else "X"
    inputs = "d - 1" if settings.logistic else "d"
    bias = "" if settings.logistic else ", use_bias=False"
    body = f"""\
class Proximal(keras.optimizers.Optimizer):
    \"\"\"FISTA (Beck and Teboulle 2009): a step along the gradient, the prox of the penalty, and a look ahead.\"\"\"

    def build(self, variables):
        super().build(variables)
        self.iterates = [self.add_variable_from_reference(v, name="iterate", initializer=lambda shape, dtype, v=v: v.value) for v in variables]
        self.t = self.add_variable(shape=(), dtype="float64", initializer="ones", name="t")

    def update_step(self, slope, ahead, rate):
        i = self._get_variable_index(ahead)
        penalised = 1.0 if "kernel" in ahead.name else 0.0  # not the intercept
        new = ahead - rate * slope
        new = keras.ops.sign(new) * keras.ops.relu(keras.ops.abs(new) - rate * lam * rho * penalised)
        new = new / (1 + 2 * rate * lam * (1 - rho) * penalised)
        longer = (1 + keras.ops.sqrt(1 + 4 * self.t**2)) / 2
        ahead.assign(new + keras.ops.cast((self.t - 1) / longer, new.dtype) * (new - self.iterates[i]))
        self.iterates[i].assign(new)
        if i == len(self.iterates) - 1:
            self.t.assign(keras.ops.where(self.iterations % 100 == 99, 1.0, longer))  # begins anew now and then


model = keras.Sequential([keras.Input(({inputs},)), keras.layers.Dense(1, kernel_initializer="zeros"{bias})])
optimizer = Proximal(learning_rate=1 / steepest)
model.compile(optimizer=optimizer, loss={loss})
model.fit({columns}, y[:, None], batch_size=n, epochs={_EPOCHS}, shuffle=False, verbose=0)
w = np.concatenate([keras.ops.convert_to_numpy(each).ravel() for each in optimizer.iterates])
print(w)"""
    # lambdas end a line where a comment would swallow the bracket.
    body = body.replace("/ 2  # half the mean squared error)", "/ 2)  # half the mean squared error")
    start = 'import os\n\nos.environ.setdefault("KERAS_BACKEND", "torch")  # "jax" and "tensorflow" will do as well\nimport keras'
    said = (
        "Keras's regularizers are terms of the loss: an L1 there gives no exact zero. Here the proximal step is an optimizer of its own, and the "
        "lab's weights come out to 1e-3."
    )
    code = "\n\n".join(
        [
            head(settings, said),
            f'{start}\n{imports(settings)}\n\nkeras.config.set_floatx("float64")',
            rows(settings),
            scaled(settings),
            body,
        ]
    )
    return Snippet("Keras", code + "\n", "Each epoch is one step over all rows. The rate is the longest safe one, 1 over the largest curvature.")

"""Texts that are no formulas, or nearly so: by hand, to have something run, to make the server wait, slips of students; and drawn by chance."""

from __future__ import annotations

import random

from core.surfaces.formula import CONSTANTS, EXTREMES, FUNCTIONS

FUZZED = 20_000

_LINES = r'''
__import__('os').system('ls')
w1.__class__
().__class__
(w1).__class__.__mro__
w1.real
eval(w1)
exec(w1)
print(w1)
open(w1)
getattr(w1)
globals()
compile(w1)
input()
breakpoint()
exit()
help()
vars(w1)
type(w1)
id(w1)
chr(w1)
canary(w1)
canary
__builtins__
__name__
__import__
__debug__
_
__
self
os
sys
np.sin(w1)
math.sin(w1)
sympy.sin(w1)
w1.sin()
lambda: 1
lambda w1: w2
[w1 for w1 in w2]
(w1 for w1 in w2)
{w1}
{w1: w2}
[w1, w2]
w1[0]
w1[w2]
f'{w1}'
f"{w1}"
"w1"
'w1'
b'w1'
r"w1"
"""w1"""
`w1`
w1; w2
w1 = 2
w1 == 2
(w1 := 2)
w1, w2
(w1, w2)
w1 if w2 else 1
w1 and w2
w1 or w2
not w1
w1 is w2
w1 in w2
await w1
yield
yield w1
return w1
import os
from os import system
del w1
raise w1
assert w1
pass
async
global w1
try: w1
while w1: w2
class A: w1
def f(): w1
@w1
w1 @ w2
w1 @= w2
w1 -> w2
w1 < w2
w1 <= w2
w1 != w2
w1 <> w2
w1 % 2
w1 // 2
w1 & w2
w1 && w2
w1 || w2
w1 | w2
|w1|
w1 ^ 2
w1^2
~w1
w1!
!w1
w1?
w1 ? w2 : 1
w1\w2
w1$
$w1
#w1
w1 # comment
w1:
w1...
...
.
w1.
.w1
1.2.3
1..2
True
False
None
None + w1
1j*w1
1J
0x10
0b1
0o7
1_000
1e
1e+
e5
1e5e5
2w1
3.5exp(w1)
2(w1)
w1(2)
w1(w2)
(w1)(w2)
w1 w2
2 w1
w1 2
w1w2
w1*w2w1
pi(w1)
e(w1)
w_1
w_1 + w_2
W1
W1**2
x
x**2 + y**2
x1
theta1
w
w0
w3
w12
ln(w1)
log10(w1)
log2(w1)
Log(w1)
SIN(w1)
sin w1
sin2(w1)
sin**2(w1)
sinw1
sin
sin()
sin( )
sin(,)
sin(w1,)
sin(,w1)
sin(w1, w2)
sin(w1)(w2)
sin(*w1)
sin(**w1)
sin(x=w1)
sin(w1=2)
sin[w1]
minimum()
minimum(w1)
minimum(w1,)
minimum(,w1)
minimum(w1 w2)
minimum(*w1)
minimum
max
maximum(w1, w2
maximum(1,5)
maximum(w1,w2,w1,w2,w1,w2,w1,w2,w1,w2,w1,w2,w1)
Integral(w1)
Derivative(w1)
Symbol(w1)
Function(w1)
Eq(w1, w2)
Piecewise(w1)
factorial(w1)
gamma(w1)
zeta(w1)
Sum(w1)
Lambda(w1)
sympify(w1)
S(w1)
N(w1)
Q
E
I
I*w1
S.Half
oo
zoo
nan
inf
Infinity
-inf
NaN
w1 + inf
1e999
1e999*w1
-1e999
1e400*w1
1e13*w1
1e-13*w1
0.0000000000000000001
9**9
9**9**9
9**9**9**9
((9**9)**9)**9
2**-16**16
2**1000
(1 + 1/999983)**16**16
((w1**16)**16)**16
w1**w2
w1**(w1)
w1**(w2**2)
2**w1
e**w1
w1**17
w1**-17
w1**1e10
w1**(1 + w1 - w1)
w1**(-1/0)
1/0
w1/0
w1/(1 - 1)
w1/(w2 - w2)
0/0
0**-1
0**0
log(0)
log(-1)
log(w1 - w1)
sqrt(-1)
sqrt(-w1**2 - 1)
(-8)**(1/3)
tan(pi/2)
exp(1000)
exp(exp(exp(10)))
exp(exp(w1 + w2))
exp(exp(exp(w1)))
exp(w1**16)
w1**16*w2**16
(w1+w2)**16
1e12*w1
w1,5
1,5*w1
w1 + 1,5
(w1
((w1)
w1)
(w1))
)
(
()
(())
w1 + ()
w1 +
w1 *
w1 **
w1 -
w1 /
*w1
/w1
**w1
+
-
* *
w1 + * w2
w1 *** 2
w1 * * w2
w1 ** ** 2
w1 - - w2
w1 + + w2
w1 +- w2
--w1
-+-+w1
w1−w2
w1–w2
w1×w2
w1·w2
w1÷w2
w1²
w1³ + w2
√w1
π*w1
w₁ + w₂
λ*w1
ｗ1
ｓｉｎ(w1)
siո(w1)
аbs(w1)
еxp(w1)
w1＋w2
w1⁄w2
１ + w1
٣*w1
½*w1
w1∗w2
∞
∂w1
∑w1
w1 → w2
🙂
𝐰1
é
<script>alert(1)</script>
</textarea><script>alert(1)</script>
<img src=x onerror=alert(1)>
\frac{w1}{w2}
$w1^2$
**bold**
[a](javascript:alert(1))
{{7*7}}
${7*7}
%s%n
%00
../../etc/passwd
'; drop table x; --
w1 + w2 -- comment
/* w1 */
// w1
w1 // w2
&rc_lam=3
w1&w2=3
?x
http://example.org
C:\w1
abs w1
abs(w1
exp w1 + w2
relu(w1)
sigmoid(w1, 2)
softplus
sign(w1)
sinh(w1)
pow(w1, 2)
mod(w1, 2)
round(w1)
floor(w1)
min(w1)
max()
w1.0
w1e5
1w1
5.w1
1.5.w1
'''

_MADE = (
    "",
    " \n ",
    "\0",
    "w1\0w2",
    "w1\n+w2\n",
    "w1\r\nimport os",
    "w1\x0b+ w2",
    "w1\u2028+w2",
    "w1\u00a0+ w2",
    "w1\u202ew2",
    "w1\u200bw2",
    "w1\u0301",
    "\x1b[31mw1",
    "\ufeffw1",
    "\ud800w1",
    "9" * 500,
    "9" * 5000,
    "0." + "0" * 590 + "1",
    "w1" + " " * 5 + "+w1" * 250,
    "(" * 59 + "w1" + ")" * 59,
    "(" * 290 + "w1" + ")" * 290,
    "[" * 300,
    "-" * 50 + "w1",
    "-" * 300 + "w1",
    "+".join(["w1"] * 100),
    "+".join(["w1"] * 199),
    "w1**" * 60 + "2",
    "2**" * 100 + "2",
    "sin(" * 61 + "w1" + ")" * 61,
    "sin(" * 55 + "w1*w2" + ")" * 55,
    "tan(" * 55 + "w1*w2" + ")" * 55,
    "sigmoid(" * 55 + "w1*w2" + ")" * 55,
    "*".join(f"sin({i}*w1 + w2)" for i in range(1, 31)),
    "*".join(f"(w1 + {i}*w2)" for i in range(1, 32)),
    "*".join(["tan(w1*w2)"] * 15),
    "+".join(f"sin({i}*w1)*exp(w2/{i})" for i in range(1, 25)),
    "exp(sin(" * 12 + "w1*w2" + "))" * 12,
    "maximum(" * 40 + "w1" + ",w2)" * 40,
    "maximum(sin(w1*9),w2*" * 20 + "w1" + ")" * 20,
    "abs(w1-abs(w2-" * 16 + "w1" + "))" * 16,
    "((w1+w2)**1.5+1)**0.5",
    "(w1/(w2+" * 30 + "w1" + "))" * 30,
    "1/(w1+" * 30 + "w2" + ")" * 30,
    "sqrt(" * 55 + "w1" + ")" * 55,
    "log(" * 10 + "w1" + ")" * 10,
    "a" * 600,
    "w1" * 300,
    "*" * 600,
    "(" * 600,
    ")" * 600,
    "1e" * 300,
    "." * 600,
    "," * 600,
    "w1," * 200,
    "minimum(" + "w1," * 190 + "w2)",
    "e" * 600,
    "w1 " * 200,
    "\n" * 10000 + "w1",
    "w1" + " " * 100000,
    "(" * 1_000_000,
    "w1+" * 1_000_000,
)

HOSTILE: tuple[str, ...] = (*_LINES.strip("\n").split("\n"), *_MADE)
"""All of them, each once."""
ENTRY = {"9**9", "w1 - - w2", "w1 + + w2", "w1 +- w2", "--w1", "-+-+w1", "maximum(1,5)", "0**0"}
"""Those that are formulas after all."""


def fuzz(seed: int) -> str:
    """A text of one of a few kinds: soup of the allowed parts, grown formulas, the same with a slip, and noise."""
    rng = random.Random(seed)
    kind = rng.random()
    if kind < 0.3:
        parts = [
            *FUNCTIONS,
            *EXTREMES,
            *CONSTANTS,
            "w1",
            "w2",
            "(",
            ")",
            "(",
            ")",
            ",",
            "+",
            "-",
            "*",
            "/",
            "**",
            "1",
            "2",
            "0.5",
            "1e3",
            "16",
            "0",
            " ",
        ]
        return "".join(rng.choice(parts) for _ in range(rng.choice((1, 3, 6, 12, 40, 150))))
    if kind < 0.5:
        soup = "w12e+-*/().,_^ \t\n\0xyλ²−|[]{}'\"\\;:=<>@!#%&~`$?"
        return "".join(rng.choice(soup) for _ in range(rng.choice((1, 5, 20, 100, 600, 1000))))
    text = grown(rng, rng.choice((1, 3, 5, 8, 12, 16)))
    if kind < 0.65 and text:
        at = rng.randrange(len(text))
        slip = rng.choice(("", "(", ")", "**", "^", ",", "2", "w1", " ", "=", "²", ".", "sin", "__class__", "1e9"))
        return text[:at] + slip + text[at + rng.choice((0, 1)) :]
    return text


def grown(rng: random.Random, depth: int, small: bool = False) -> str:
    """A formula of the allowed parts, grown from the top; ``small`` keeps its numbers near 1."""
    numbers = ("0.5", "1", "2", "3", "1.5") if small else ("0", "1", "2", "3", "0.5", "1e-3", "7", "100", "1e6", "1e12", ".1", "16")
    if depth <= 0 or rng.random() < 0.12:
        return rng.choice(("w1", "w2", "w1", "w2", *numbers, "pi", "e"))
    inner = lambda: grown(rng, depth - rng.choice((1, 1, 2, 4)), small)
    kind = rng.random()
    if kind < 0.4:
        sign = rng.choice("+-*/+*")
        return f"({inner()} {sign} {inner()})" if rng.random() < 0.7 else f"{inner()}{sign}{inner()}"
    if kind < 0.55:
        power = rng.choice(
            ("2", "3", "0.5", "-1", "1.5") if small else ("2", "3", "4", "0.5", "-1", "-2", "1.5", "1/3", "16", "0", "(2 - 1)", "-0.5")
        )
        return f"({inner()})**{power}"
    if kind < 0.62:
        return f"-{inner()}"
    if kind < 0.72:
        return f"{rng.choice(('minimum', 'maximum', 'min', 'max'))}({', '.join(inner() for _ in range(rng.choice((2, 2, 3))))})"
    return f"{rng.choice(tuple(FUNCTIONS))}({inner()})"

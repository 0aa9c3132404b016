"""A typed formula as LaTeX and as JavaScript: as it was written, nothing rearranged."""

from __future__ import annotations

from core.surfaces.formula import Part

_DIGITS = 6
# How tightly parts hold together: a looser one inside needs parentheses.
_TIGHT = {"+": 1, "-": 1, "minus": 2, "*": 3, "/": 3, "**": 5}


def latex(part: Part) -> str:
    """Return a formula as LaTeX, its numbers shortened to six digits."""
    inner = part.parts
    match part.kind:
        case "number":
            return _number(part.written)
        case "weight":
            return f"{part.name[0]}_{{{part.name[1:]}}}" if len(part.name) > 1 else part.name
        case "constant":
            return r"\pi" if part.name == "pi" else "e"
        case "minus":
            return f"-{_held(inner[0], 3)}"
        case "+" | "-":
            return f"{latex(inner[0])} {part.kind} {_held(inner[1], 2 if part.kind == '-' else 1, first=False)}"
        case "*":
            left, right = _held(inner[0], 2), _held(inner[1], 3, first=False)
            # Two numbers beside each other would read as one.
            return left + (r" \cdot " if right[0].isdigit() else r"\,") + right
        case "/":
            return rf"\frac{{{latex(inner[0])}}}{{{latex(inner[1])}}}"
        case "**":
            return _power(inner[0], inner[1])
    return _called(part)


def _called(part: Part, exponent: str = "") -> str:
    inside = ", ".join(latex(each) for each in part.parts)
    raised = f"^{{{exponent}}}" if exponent else ""
    match part.name:
        case "sqrt":
            return rf"\sqrt{{{inside}}}"
        case "abs":
            return rf"\left|{inside}\right|{raised}"
        case "exp" if not raised:
            return f"e^{{{inside}}}"
        case "softplus":
            return rf"\operatorname{{softplus}}{raised}\left({inside}\right)"
        case "sigmoid":
            return rf"\sigma{raised}\left({inside}\right)"
        case "minimum" | "maximum":
            return rf"\{part.name[:3]}{raised}\left({inside}\right)"
    return rf"\{part.name}{raised}\left({inside}\right)"


def _power(base: Part, exponent: Part) -> str:
    raised = latex(exponent)
    if base.kind == "call" and base.name not in ("sqrt", "exp", "minimum", "maximum") and raised.isdigit():
        return _called(base, raised)
    if exponent.value == 0.5:
        return rf"\sqrt{{{latex(base)}}}"
    plain = base.kind in ("weight", "constant") or (base.kind == "number" and "times" not in latex(base))
    inside = latex(base)
    return f"{inside}^{{{raised}}}" if plain else rf"\left({inside}\right)^{{{raised}}}"


def _held(part: Part, tight: int, first: bool = True) -> str:
    """Return a part, in parentheses where it holds less tightly than what it stands in, or is a minus that follows another sign."""
    loose = _TIGHT.get(part.kind, 9) < tight or (not first and _leads_with_minus(part))
    return rf"\left({latex(part)}\right)" if loose else latex(part)


def _leads_with_minus(part: Part) -> bool:
    while part.kind in ("+", "-", "*"):
        part = part.parts[0]
    return part.kind == "minus"


def _number(written: int | float) -> str:
    text = f"{written:.{_DIGITS}g}"
    if "e" not in text:
        return text
    mantissa, power = text.split("e")
    ten = f"10^{{{int(power)}}}"
    return ten if mantissa == "1" else rf"{mantissa} \times {ten}"


def javascript(part: Part) -> str:
    """Return a formula as a JavaScript expression."""
    inner = [javascript(each) for each in part.parts]
    match part.kind:
        case "number":
            return repr(part.written)
        case "weight":
            return part.name
        case "constant":
            return "Math.PI" if part.name == "pi" else "Math.E"
        case "minus":
            return f"(-{inner[0]})"
        case "**":
            return f"Math.pow({inner[0]}, {inner[1]})"
        case "call" if part.name == "softplus":
            return f"(Math.max({inner[0]}, 0) + Math.log1p(Math.exp(-Math.abs({inner[0]}))))"
        case "call" if part.name == "sigmoid":
            return f"(0.5 + 0.5*Math.tanh(0.5*{inner[0]}))"
        case "call":
            return f"Math.{part.name[:3] if part.name in ('minimum', 'maximum') else part.name}({', '.join(inner)})"
    return f"({inner[0]} {part.kind} {inner[1]})"

"""Symbols and units of indicators as HTML."""

from __future__ import annotations

import re
from html import escape

from glassplast.glass import Glass
from glassplast.indicators import registry

__all__ = ["html_symbol", "html_unit", "tex_label", "tex_unit", "title"]

_LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip

_PART = re.compile(
    r"\\mathrm\{(?P<upright>\w+)\}|\\dot\{(?P<dotted>\w)\}|\\(?P<space>[,;])|\\(?P<letter>[A-Za-z]+)"
    r"|(?P<shift>[_^])(?:\{(?P<group>(?:[^{}]|\{[^{}]*\})*)\}|(?P<single>\\mathrm\{\w+\}|\\[A-Za-z]+|.))"
    r"|(?P<italic>[A-Za-z])|(?P<other>[^\\{}_^])"
)


class _UnknownMarkError(Exception):
    """Something of LaTeX that is not translated."""


def _translated(text: str) -> str:
    made, place = [], 0
    while place < len(text):
        found = _PART.match(text, place)
        if found is None or (found["letter"] and found["letter"] not in _LETTERS):
            raise _UnknownMarkError
        place = found.end()
        if found["shift"]:
            tag = "sub" if found["shift"] == "_" else "sup"
            made.append(f"<{tag}>{_translated(found['group'] or found['single'])}</{tag}>")
        elif found["letter"]:
            made.append(
                f"<i>{_LETTERS[found['letter']]}</i>" if found["letter"].islower() else _LETTERS[found["letter"]]
            )
        elif found["dotted"]:
            made.append(f"<i>{found['dotted']}\u0307</i>")
        elif found["space"]:
            made.append("\u2009")
        elif found["italic"]:
            made.append(f"<i>{found['italic']}</i>")
        else:
            made.append(escape(found["upright"] or found["other"]))
    return "".join(made)


def html_symbol(key: str) -> str:
    """The symbol of an indicator as HTML, from its `typeset`, or the plain symbol if that holds further LaTeX.

    Parameters
    ----------
    key : str
        Key of a registered indicator.

    Returns
    -------
    str
    """
    indicator = registry.find(key)
    parts = indicator.typeset.split("$")
    try:
        # What stands between dollar signs is LaTeX, and the rest is text.
        return "".join(_translated(part) if place % 2 else escape(part) for place, part in enumerate(parts))
    except _UnknownMarkError:
        return escape(indicator.symbol)


def html_unit(key: str, glass: Glass) -> str:
    """The unit of an indicator as HTML.

    Parameters
    ----------
    key : str
        Key of a registered indicator.
    glass : Glass
        The glass, whose model has units.

    Returns
    -------
    str
        Empty for a pure number.
    """
    return escape(registry.find(key).unit_of(glass)).replace("k_B", "<i>k</i><sub>B</sub>")


def title(key: str) -> str:
    """The key of an indicator as words."""
    return key.replace("_", " ")


def tex_label(key: str, words: bool = True) -> str:
    """The name and symbol of an indicator for an axis of Bokeh, which typesets what stands between double dollar signs.

    Parameters
    ----------
    key : str
        Key of a registered indicator.
    words : bool
        Whether the name stands before the symbol.

    Returns
    -------
    str
    """
    symbol = registry.find(key).typeset.replace("$", "$$")
    return f"{title(key)}  {symbol}" if words else symbol


def tex_unit(unit: str) -> str:
    """A unit as LaTeX."""
    return "".join(_TEX.get(letter, letter) for letter in unit)


_TEX = {
    "₀": "_0", "⟨": r"\langle ", "⟩": r"\rangle ", "²": "^2", "³": "^3", "⁴": "^4", "σ": r"\sigma ",
    "ε": r"\varepsilon ", "ℓ": r"\ell ",
}  # fmt: skip

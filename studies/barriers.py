"""Why the barrier of a nonlinear mode is that of a saddle close to an instability, and nothing of the kind elsewhere.

python -m studies.barriers FILE MODEL [--events 8]

For the softest modes (order 3) of the glass as it was made, and for that of each of the first events from 1e-2 to 1e-5
ahead of it. kappa s^2/2 + tau s^3/6 + chi s^4/24 has a maximum if eps = kappa chi/tau^2 is below 3/8; it is *usable* if
the exact energy there is that of the expansion to 10 %, which the minimum tells alone. The saddle is the mode's own:
H pi . (x - x0) grows, everything relaxed across, until that takes no force or is not stable; then the lowest mode is
followed; overlaps below 0.3 are dropped. MODEL smooth_poly is poly with one more continuous derivative at the cutoff.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

import glassplast as gp
from bench.measure import overlap
from glassplast.models import Model

Field = NDArray[np.float64]
AHEAD = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5)
SMOOTH = Model("inverse_power", {"exponent": 12, "cutoff": 1.25, "smoothness": 3, "nonadditivity": 0.2})


class Landscape:
    """Energies around a minimum, and ways up from it."""

    def __init__(self, glass: gp.Glass) -> None:
        self.glass, self.start = glass.wrapped(), glass.wrapped().positions
        self.potential = self.glass.potential_energy()
        self.origin = self.potential.evaluate(self.start)[0]

    def energy(self, x: Field) -> tuple[float, Field]:
        energy, forces, _ = self.potential.evaluate(x)
        return energy - self.origin, forces

    def at(self, x: Field) -> gp.Analysis:
        return gp.Analysis(self.glass.replace(positions=x), threads=1)

    def repelling(self, x: Field) -> set[tuple[int, int]]:
        network = self.potential.network(x)
        first, second, repel = network.first, network.second, np.flatnonzero(network.phi1 < 0.0)
        return {(int(first[k]), int(second[k])) for k in repel}

    def connects(self, x: Field, mode: Field) -> bool:
        ends = [gp.minimize(self.glass.replace(positions=x + s * 0.02 * mode)).positions for s in (-1.0, 1.0)]
        moved = [end - self.start - np.median(end - self.start, axis=0) for end in ends]
        return sum(float(np.linalg.norm(u, axis=1).max()) < 1e-2 for u in moved) == 1

    def pushed(self, mode: Field, stiffness: float, step: float) -> tuple[Field, float]:
        """Up along a mode, relaxed across it, as far as that goes; and the highest energy on the way."""
        here = self.at(self.start)
        x, solver, place, highest = self.start, here.solver, 0.0, 0.0
        pull = (here.hessian @ mode.ravel()).reshape(mode.shape)
        while place < 4.0 and step > 1e-6:
            answer = np.nan_to_num(solver.solve(pull))
            way = stiffness * answer / np.sum(pull * answer)
            step = min(step, 0.03 / np.abs(way).max())
            y, settled = x + step * way, False
            for _ in range(8):
                energy, forces = self.energy(y)
                fresh = self.at(y).solver
                answer, across = np.nan_to_num(fresh.solve(pull)), np.nan_to_num(fresh.solve(forces))
                yielding = np.sum(pull * answer)
                lack = stiffness * (place + step) - np.sum(pull * (y - self.start))
                force = (lack - np.sum(pull * across)) / yielding
                move = across + force * answer
                left = np.abs(forces + force * pull).max() / max(1.0, abs(force))
                settled = left < 1e-8 and np.abs(move).max() < 1e-6
                if settled or np.abs(move).max() > 0.03:
                    break
                y = y + move
            stable = fresh.negative == 0 or (fresh.negative == 1 and yielding < 0.0)
            if settled and stable and np.abs(y - x).max() < 0.05:
                x, solver, place, highest, step = y, fresh, place + step, max(highest, energy), 1.5 * step
                if force < 0.0:
                    break
            else:
                step /= 3.0
        return x, highest

    def climbed(self, x: Field, longest: float) -> tuple[Field, Field] | None:
        """From there to a saddle and its unstable mode: up along the lowest mode, by Newton's step across it."""
        for _ in range(200):
            here = self.at(x)
            forces, negative = here.forces, here.solver.negative
            modes = here.modes(max(1, negative), tolerance=1e-7)
            vectors, values = np.nan_to_num(modes.vectors), modes.eigenvalues
            if negative == 1 and np.abs(forces).max() < 1e-9:
                return (x, vectors[0]) if self.connects(x, vectors[0]) else None
            along = np.sum(forces * vectors, axis=(1, 2)) / values
            across = np.nan_to_num(here.solver.solve(forces)) - along[0] * vectors[0]
            across -= 2.0 * np.tensordot(along[1:negative], vectors[1:negative], axes=1)
            for part in (-np.sign(values[0]) * along[0] * vectors[0], across):
                x = x + part * min(1.0, longest / max(np.linalg.norm(part, axis=1).max(), 1e-300))
        return None


def look(name: str, glass: gp.Glass, modes: gp.probes.NonlinearModes, k: int) -> tuple[float, float, float, float]:
    """A row; eps, exact energy over the expansion at its top, and both barriers over that of the saddle."""
    land, mode = Landscape(glass), np.nan_to_num(modes.vectors[k])
    kappa, tau, chi = modes.stiffnesses[k], modes.third[k], modes.fourth[k]
    eps, s3 = kappa * chi / tau**2, 2.0 * kappa / abs(tau)
    s4 = 2.0 * s3 / (1.0 + np.sqrt(1.0 - 8.0 * eps / 3.0)) if eps < 0.375 else np.nan
    exact = land.energy(land.start + s4 * mode)[0] / modes.barriers[k] if eps < 0.375 else np.nan
    raised = land.energy(land.start + s3 * mode)[0] / modes.cubic_barriers[k]
    x, highest = land.pushed(mode, kappa, min(0.3 * s3, 0.02))
    ways = (land.climbed(x, longest) for longest in (0.05, 0.02))
    saddle = next((way for way in ways if way and overlap(way[0] - land.start, mode) > 0.3), None)
    row = f"| {name} | {kappa:.3g} | {eps:.3f} | {s3:.3g} | {raised:.2f} | {exact:.3f} | {highest:.3g} "
    if saddle is None:
        print(row + "| none | | | | |", flush=True)
        return eps, exact, np.nan, np.nan
    barrier, away = land.energy(saddle[0])[0], np.linalg.norm(saddle[0] - land.start)
    before, after = land.repelling(land.start), land.repelling(saddle[0])
    cubic, quartic = modes.cubic_barriers[k] / barrier, modes.barriers[k] / barrier
    row += f"| {barrier:.3g} | {away:.3g} | {len(before - after)}, {len(after - before)} "
    print(row + f"| {cubic:.4f} | {quartic:.4f} |", flush=True)
    return eps, exact, cubic, quartic


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("model", help="also smooth_poly")
    parser.add_argument("--events", type=int, default=8)
    arguments = parser.parse_args()
    smooth = arguments.model == "smooth_poly"
    glass = gp.read(arguments.file, model="poly" if smooth else arguments.model)
    glass = gp.minimize(glass.replace(model=SMOOTH) if smooth else glass)
    print("| ahead | kappa | eps | s3 | U(s3) / cubic | U / quartic at its top | highest pushed | saddle ", end="")
    print("| away | contacts lost, won | cubic / saddle | quartic / saddle |\n" + "|---" * 12 + "|")
    modes = gp.nonlinear_modes(glass, order=3)
    softest = np.argsort(modes.stiffnesses)[:10]
    found = {"as made": [look("made", glass, modes, int(k)) for k in softest], "ahead of events": []}
    last = glass.strain
    for event in gp.shear(glass, 0.5, max_events=arguments.events).events:
        for ahead in (distance for distance in AHEAD if event.strain - distance > last):
            before = gp.shear(glass, event.strain - ahead).end
            modes = gp.nonlinear_modes(before, order=3)
            k = int(np.argmax([abs(overlap(vector, event.mode)) for vector in modes.vectors]))
            found["ahead of events"].append(look(f"{ahead:g}", before, modes, k))
        last = event.strain
    for name, rows in found.items():
        eps, exact, cubic, quartic = np.array(rows).reshape(-1, 4).T
        right, usable = np.abs(quartic - 1.0) <= 0.3, np.abs(exact - 1.0) <= 0.1
        print(f"{name}: {len(eps)} modes, {(eps < 0.375).sum()} with eps < 3/8, {usable.sum()} usable, ", end="")
        print(f"{(right & usable).sum()} of them right to 30 %, {(right & ~usable).sum()} of the others; ", end="")
        print(f"{np.isfinite(cubic).sum()} saddles, median cubic / saddle {np.nanmedian(cubic):.4f}")


if __name__ == "__main__":
    main()

"""The command ``glassplast softness``, which trains a model on sheared samples, applies one, or lists all models."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from glassplast.commands import option_values
from glassplast.commands.options import add_command, add_configuration
from glassplast.commands.session import Session
from glassplast.errors import ArgumentError, FileError

if TYPE_CHECKING:
    from glassplast.glass import Glass
    from glassplast.softness import Examples, Features


__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    add_command(
        commands,
        "softness",
        "train a model of softness, or compute softness by a trained model",
        "glassplast softness list",
        show,
        options=_add_actions,
    )


def _add_actions(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_command(
        actions,
        "train",
        "train a model on the plastic events of sheared samples",
        "glassplast softness train runs/*.h5 -o model.json",
        train,
        options=_add_train_options,
        text="Each file is one sample. The model is validated on samples that are held out of the training.",
    )
    add_command(
        actions,
        "apply",
        "compute the softness of each particle of a configuration",
        "glassplast softness apply poly_0.12 glass.xyz -o softness.csv",
        apply,
        options=_add_apply_options,
        text="Softness needs only positions and diameters or species.",
    )
    add_command(actions, "list", "list the trained models of the package", "glassplast softness list", show)


def _add_train_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``glassplast softness train``."""
    parser.add_argument(
        "runs", metavar="RUN", nargs="+", help="HDF5 file of glassplast shear or run, one for each sample"
    )
    parser.add_argument("-o", "--output", required=True, metavar="MODEL", help="JSON file to write the model to")
    parser.add_argument(
        "--features",
        choices=("default", "triangles", "bins", "behler_parrinello"),
        default="default",
        help="structure functions (default: bins for models with species, else triangles)",
    )
    parser.add_argument(
        "--loss",
        choices=("hinge", "squared_hinge"),
        default="hinge",
        help="loss of the support vector machine; squared_hinge is far faster on large sets (default: %(default)s)",
    )
    parser.add_argument(
        "--C",
        type=option_values.positive,
        default=1.0,
        help="penalty of misclassification in the support vector machine (default: %(default)s)",
    )
    parser.add_argument(
        "--radius",
        type=option_values.positive,
        default=2.5,
        metavar="R",
        help="radius of the neighbourhoods of D2min (default: %(default)s)",
    )
    parser.add_argument(
        "--validation",
        type=option_values.finite,
        default=0.25,
        metavar="PART",
        help="part of the samples that is held out to measure the accuracy; 0 for none (default: %(default)s)",
    )
    parser.add_argument(
        "--most", type=option_values.count, metavar="M", help="largest number of particles of each class to train on"
    )
    parser.add_argument(
        "--seed", type=option_values.seed, default=0, help="seed of the random splits (default: %(default)s)"
    )
    parser.add_argument("--no-calibration", action="store_true", help="do not calibrate the probability of rearranging")


def _add_apply_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``glassplast softness apply`` other than those for the configuration."""
    parser.add_argument(
        "trained",
        metavar="MODEL",
        help="file of glassplast softness train, or a name that glassplast softness list shows",
    )
    parser.add_argument(
        "-o", "--output", default="-", metavar="OUT", help="CSV file for the softness, or - for CSV on stdout (default)"
    )
    add_configuration(parser)


def train(session: Session) -> int:
    """Train a model and write it."""
    from glassplast.commands.tables import Stopwatch
    from glassplast.softness import SoftnessModel

    arguments = session.arguments
    if not 0.0 <= arguments.validation < 1.0:
        raise ArgumentError(
            f"--validation must be a part of the samples, at least 0 and less than 1, not {arguments.validation:g}"
        )
    if Path(arguments.output).is_dir():
        raise FileError(f"cannot write {arguments.output}: it is a directory")
    stopwatch = Stopwatch()
    gathered, features, starts = _gathered(session)
    training, held_out = gathered, None
    if arguments.validation > 0.0:
        training, held_out = gathered.split(1.0 - arguments.validation, seed=arguments.seed)
    training = training.balanced(arguments.most, seed=arguments.seed)
    session.say(
        f"training on {len(training)} particles of {training.sample_count} samples, {len(features.names)} features"
    )
    model = SoftnessModel(
        features,
        C=arguments.C,
        loss=arguments.loss,
        calibrate=not arguments.no_calibration,
        provenance={"protocol": _protocol(starts), "reach": arguments.radius, "runs": _names(arguments.runs)},
    )
    model.train(training)
    if held_out is not None:
        check = held_out.balanced(seed=arguments.seed)
        accuracy = float(model.score(check.features, check.labels))
        model.provenance = {
            **(model.provenance or {}),
            "validation": {"accuracy": accuracy, "particles": len(check), "samples": check.sample_count},
        }
        session.say(f"accuracy on {len(check)} particles of {check.sample_count} other samples: {accuracy:.4f}")
    model.save(arguments.output)
    session.wrote(arguments.output)
    session.say(f"done in {stopwatch}")
    return 0


def _gathered(session: Session) -> tuple[Examples, Features, list[Glass]]:
    """The labelled particles of all runs, their features, and the starts of the runs."""
    from glassplast.results import Results
    from glassplast.softness import joined, label_events, named_features

    arguments = session.arguments
    features: Features | None = None
    starts: list[Glass] = []
    parts: list[Examples] = []
    for sample, path in enumerate(arguments.runs):
        results = Results.load(path)
        if not results.events:
            raise FileError(f"{path} holds no plastic event to learn from")
        first = results.start
        features = named_features(arguments.features, first) if features is None else features
        part = label_events([results.events], features, radius=arguments.radius)
        # Each file is a separate sample.
        parts.append(replace(part, samples=part.samples + sample))
        starts.append(first)
        session.say(f"{escape(Path(path).name)}: {len(part)} labelled particles of {len(results.events)} events")
    assert features is not None
    return joined(parts), features, starts


def _protocol(starts: Sequence[Glass]) -> Mapping[str, Any] | None:
    """The preparation protocol of the samples, if all have the same."""
    from glassplast.softness import protocol_of

    found = [protocol_of(glass) for glass in starts]
    return found[0] if all(protocol == found[0] for protocol in found) else None


def _names(paths: Sequence[str]) -> list[str]:
    return [Path(path).name for path in paths]


def apply(session: Session) -> int:
    """Write the softness of each particle of a configuration."""
    from glassplast.softness import plane_for

    arguments = session.arguments
    glass = session.read_configuration(model_needed=False)
    plane = plane_for(glass, arguments.trained)
    with session.bars():
        values = plane.features.compute(glass)
        softness = plane.decision(values) / plane.norm
        rows: list[list[Any]] = [["id", "softness"]]
        columns = [glass.ids.tolist(), softness.tolist()]
        if plane.calibrated:
            rows[0].append("probability")
            columns.append(plane.probability(values).tolist())
        rows += [list(row) for row in zip(*columns, strict=True)]
    session.write_rows(rows, arguments.output)
    return 0


def show(session: Session) -> int:
    """List the trained models."""
    from glassplast.commands.tables import trained_table

    session.out.print(trained_table())
    return 0

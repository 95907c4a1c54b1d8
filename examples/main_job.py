"""The main job from Python: shear a glass through its first events and score every indicator on them.

    python examples/main_job.py sample.data lj out/

The same from a shell: glassplast run sample.data --model lj --out out/
"""

import sys

from glassplast.job.job import Task, main_job

source, model, out = sys.argv[1:]
results = main_job(source, out, Task(events=3), model=model)

for event in results.events:
    print(f"event at {event.strain:.5f}, core {results.start.ids[event.core]}, stress drop {event.stress_drop:.3g}")
for key, score in sorted(results.correlations.items(), key=lambda item: -item[1].value):
    print(f"{key:24s} C = {score.value:+.3f}   r_x = {', '.join(f'{rank:.3f}' for rank in results.ranks[key])}")
print(f"see {out}/report.html")

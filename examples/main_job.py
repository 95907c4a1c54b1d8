"""The main job from Python: shear a glass through its first events and score every indicator on them.

python examples/main_job.py sample.data lj out/

The same from a shell: glassplast run sample.data --model lj --events 3 --out out/
"""

import sys

import glassplast as gp

source, model, out = sys.argv[1:]
results = gp.job.main_job(source, out, gp.job.Task(events=3), model=model)

for event in results.events:
    core = results.start.ids[event.core]
    print(f"event at {event.strain:.5f}, core at particle {core}, stress drop {event.stress_drop:.3g}")

# C is 1 where the core of every event is the softest particle, and 0 where the field says nothing of the events.
for key, score in sorted(results.correlations.items(), key=lambda item: -item[1].value):
    ranks = ", ".join(f"{rank:.3f}" for rank in results.ranks[key])
    print(f"{key:26s} C = {score.value:+.3f}   r_x = {ranks}")
print(f"see {out}/report.html")

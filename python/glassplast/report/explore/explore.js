// Fills the figures of the page from its data, and answers to clicks and choices. Bokeh draws.
const sides = ["left", "right"];

// --- the page ------------------------------------------------------------------------------------------------------

function explore(doc) {
  const model = (name) => doc.get_model_by_name(name);
  const listen = (name, property, action) => {
    const found = model(name);
    if (found !== null) found.connect(found.properties[property].change, action);
  };
  const curve = model("curve"), events = model("events"), chosen = model("chosen");
  const indicators = model("indicators"), ranks = model("ranks_cells");
  const maps = model("left_map") !== null;
  const state = { sample: null, event: -1, particle: -1, busy: false };

  /** Do something that sets choices without answering to each of them. */
  function quietly(action) {
    const before = state.busy;
    state.busy = true;
    try { action(); } finally { state.busy = before; }
  }

  // --- samples

  function samplesOf(group) {
    return data.samples.filter((sample) => sample.group === group);
  }

  function chooseGroup(group) {
    quietly(() => {
      const names = samplesOf(group).map((sample) => [sample.name, sample.name]);
      model("sample").setv({ options: names, value: names[0][0] });
    });
    chooseSample(samplesOf(group)[0]);
  }

  function chooseSample(sample) {
    state.sample = sample;
    const count = sample.events.length;
    quietly(() => {
      const options = sample.events.map((event) => [String(event.event), `${event.event}: γ = ${event.text}`]);
      model("event")?.setv({ options, value: count ? "1" : "", disabled: count === 0 });
      showCurve(sample);
      if (ranks !== null) showRanks(sample);
    });
    const mapped = sample.fields !== undefined;
    for (const part of document.querySelectorAll("[data-needs=particles]")) part.hidden = !mapped;
    const note = document.getElementById("unmapped");
    if (note !== null) note.hidden = mapped;
    if (mapped && maps) {
      quietly(() => offerQuantities(sample));
      showCell(sample);
      showDiscs(sample);
    }
    chooseEvent(count ? 0 : -1);
  }

  function offerQuantities(sample) {
    const sorted = [...sample.fields].sort((a, b) => (b.C ?? -2) - (a.C ?? -2));
    const fields = sorted.map((field) => [`field:${field.key}`, `${field.title}`]);
    const mapped = sample.events.some((event) => event.mode !== undefined);
    const options = {};
    if (fields.length) options["fields at the start"] = fields;
    if (mapped) options["of the chosen event"] = Object.entries(plain).map(([key, name]) => [`event:${key}`, name]);
    options["of the particle"] = [["particle:diameters", "diameter"]];
    const all = Object.values(options).flat().map(([value]) => value);
    const keep = (name, otherwise) => (all.includes(model(name).value) ? model(name).value : otherwise);
    const first = fields[0]?.[0] ?? all[0];
    model("left").setv({ options, value: keep("left", first) });
    model("right").setv({ options, value: keep("right", mapped ? "event:mode_size" : fields[1]?.[0] ?? first) });
    for (const name of ["arrows", "arrow_sides", "arrow_scale"]) model(name).disabled = !mapped;
  }

  // --- the curve

  function showCurve(sample) {
    if (curve === null || !sample.curve) return;
    const strain = decoded(sample.curve.strain), stress = decoded(sample.curve.stress);
    curve.data = { strain, stress };
    model("stress_axis").axis_label = sample.stress_label;
    const columns = {};
    for (const name of Object.keys(events.data)) columns[name] = sample.events.map((event) => event[name]);
    events.data = columns;
    model("event_table").height = 26 * Math.min(Math.max(sample.events.length, 1), 24) + 32;
    const span = (values) => {
      let low = Infinity, high = -Infinity;
      for (const value of values) { low = Math.min(low, value); high = Math.max(high, value); }
      const margin = 0.04 * (high - low) || 0.5;
      return { start: low - margin, end: high + margin, reset_start: low - margin, reset_end: high + margin };
    };
    model("strain_range").setv(span(strain));
    model("stress_range").setv(span(stress));
  }

  function chooseEvent(number) {
    state.event = number;
    const { sample } = state, event = sample.events[number];
    quietly(() => {
      if (events !== null) events.selected.indices = number >= 0 ? [number] : [];
      if (number >= 0 && model("event") !== null) model("event").value = String(number + 1);
      if (chosen !== null) chosen.setv({ location: event?.strain ?? null, visible: number >= 0 });
    });
    if (indicators !== null && sample.fields !== undefined) showIndicators();
    if (maps && sample.fields !== undefined) {
      quietly(() => goToCore());
      clearMark();
      describe(event?.core ?? -1, event !== undefined);
      showValues();
      showArrows();
      showCores();
    }
  }

  // --- tables

  function showIndicators() {
    const { sample, event } = state;
    const rows = [...sample.fields].sort((a, b) => (b.C ?? -2) - (a.C ?? -2));
    const columns = {
      key: rows.map((field) => field.key),
      name: rows.map((field) => `<span title="${field.sentence}">${field.title} ${field.symbol}</span>`),
      family: rows.map((field) => `<span style="color:${data.colors[field.family] ?? data.colors.other}">${field.family}</span>`),
      chosen: rows.map((field) => field.events[event] ?? null),
    };
    for (const name of ["C", "low", "high", "missing"]) columns[name] = rows.map((field) => field[name]);
    for (const name of Object.keys(indicators.data)) {
      if (name.startsWith("rank_")) columns[name] = rows.map((field) => field.events[Number(name.slice(5)) - 1] ?? null);
    }
    indicators.data = columns;
  }

  function showRanks(sample) {
    if (sample.fields === undefined || !sample.events.length) return;
    const by = model("ranks_order").value, last = state.event;
    const value = (field) => (by === "event" ? field.events[Math.max(last, 0)] : field.C) ?? -2;
    const rows = [...sample.fields];
    if (by !== "family") rows.sort((a, b) => value(b) - value(a));
    const count = sample.events.length;
    const columns = { row: [], column: [], value: [], text: [], ink: [], row_name: [], column_name: [] };
    rows.forEach((field, row) => {
      field.events.forEach((rank, column) => {
        columns.row.push(row);
        columns.column.push(column);
        columns.value.push(rank ?? NaN);
        columns.text.push(rank === null ? "–" : rank.toFixed(2));
        columns.ink.push(rank !== null && rank > 0.6 ? "white" : "#22262b");
        columns.row_name.push(field.title);
        columns.column_name.push(`event ${column + 1}`);
      });
    });
    ranks.data = columns;
    model("ranks_text").visible = count <= 24;
    model("ranks_rows").setv({ start: rows.length - 0.5, end: -0.5 });
    model("ranks_columns").setv({ start: -0.5, end: count - 0.5 });
    model("ranks_row_axis").major_label_overrides = new Map(rows.map((field, row) => [row, data.labels[field.key]]));
    model("ranks_row_axis").ticker.ticks = rows.map((_, row) => row);
    const every = Math.ceil(count / 24);
    const ticks = sample.events.map((_, column) => column).filter((column) => column % every === 0);
    model("ranks_column_axis").major_label_overrides = new Map(ticks.map((column) => [column, String(column + 1)]));
    model("ranks_column_axis").ticker.ticks = ticks;
  }

  // --- maps

  function showCell(sample) {
    const points = corners(sample);
    const xs = points.map((point) => point[0]), ys = points.map((point) => point[1]);
    for (const side of sides) {
      for (const letter of ["x", "y"]) model(`${side}_${letter}`).axis_label = `${letter} (${sample.length})`;
    }
    model("outline").data = { x: xs, y: ys };
    const low = [Math.min(...xs), Math.min(...ys)], high = [Math.max(...xs), Math.max(...ys)];
    const far = 10 * Math.max(high[0] - low[0], high[1] - low[1]);
    const around = [[low[0] - far, high[0] + far, high[0] + far, low[0] - far],
      [low[1] - far, low[1] - far, high[1] + far, high[1] + far]];
    model("outside").data = { x: [[[around[0], xs]]], y: [[[around[1], ys]]] };
    state.extent = [low, high];
    state.reach = 0.5 * decoded(sample.diameters).reduce((a, b) => Math.max(a, b), 0);
    fit();
  }

  /** Show the whole cell; a unit is as long in both directions. */
  function fit() {
    if (!state.extent) return;
    const [low, high] = state.extent, plot = model("left_map");
    const shape = plot.inner_width > 0 && plot.inner_height > 0 ? plot.inner_height / plot.inner_width : 1;
    const middle = [0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1])];
      // What reaches over the edge of the cell is hidden, and ends before the frame does.
    const half = 0.5 * Math.max(high[0] - low[0], (high[1] - low[1]) / shape) + 2.05 * state.reach;
    setRange("x_range", middle[0], half, true);
    setRange("y_range", middle[1], half * shape, true);
  }

  function setRange(name, middle, half, reset) {
    const ends = { start: middle - half, end: middle + half };
    if (reset) Object.assign(ends, { reset_start: ends.start, reset_end: ends.end });
    model(name).setv(ends);
  }

  /** After a change of the size of the maps: keep what is seen from left to right, and the shape of the discs. */
  function resized() {
    const x = model("x_range"), y = model("y_range"), plot = model("left_map");
    if (!(plot.inner_width > 0 && plot.inner_height > 0)) return;
    if (!state.fitted || Math.abs(x.start - x.reset_start) < 1e-9) {
      state.fitted = true;
      fit();
      return;
    }
    setRange("y_range", 0.5 * (y.start + y.end), (0.5 * (x.end - x.start) * plot.inner_height) / plot.inner_width);
  }

  function showDiscs(sample) {
    const shown = discsOf(sample, model("depth")?.value ?? 0);
    const ids = decoded(sample.ids), species = sample.species ? decoded(sample.species) : null;
    const diameters = decoded(sample.diameters);
    const id = Int32Array.from(shown.particle, (i) => ids[i]);
    const kind = Array.from(shown.particle, (i) =>
      species === null ? `diameter ${diameters[i].toPrecision(4)}` : `species ${species[i]}`);
    for (const side of sides) {
      const columns = { ...shown, id, kind };
      for (const what of ["value", "shade", "rank"]) columns[what] = new Float32Array(id.length);
      model(`${side}_discs`).data = columns;
    }
    clearMark();
  }

  function showValues(which = sides) {
    const { sample, event } = state, byRank = model("scale").active === 1;
    for (const side of which) {
      const discs = model(`${side}_discs`), owners = discs.data.particle;
      const shown = quantity(sample, model(side).value, event);
      const title = document.getElementById(`${side}_title`);
      const mapper = model(`${side}_mapper`);
      const columns = ["value", "shade", "rank"].map((what) => discs.data[what]);
      if (shown === null) {
        for (const column of columns) column.fill(NaN);
        title.innerHTML = "not on this page: too many events";
        discs.change.emit();
        continue;
      }
      const { values, ranks: order, limits, logarithmic } = shown;
      const [value, shade, rank] = columns;
      const log = logarithmic && !byRank;
      for (let k = 0; k < owners.length; k++) {
        const i = owners[k];
        value[k] = values[i];
        rank[k] = order[i];
        shade[k] = byRank ? order[i] : log ? Math.log10(values[i]) : values[i];
      }
      const ends = byRank ? [0, 1] : log ? limits.map(Math.log10) : limits;
      const turned = shown.softer === "small" && !byRank;
      mapper.setv({
        low: ends[0], high: ends[1], palette: turned ? data.reversed : data.palette, tags: log ? ["logarithmic"] : [],
      });
      const soft = byRank ? "rank, 1 = softest" : model(side).value.startsWith("field:")
        ? (turned ? "small is soft" : "large is soft") : "";
      title.innerHTML = `${shown.heading}${soft ? ` <small>${soft}</small>` : ""}`;
      discs.change.emit();
    }
  }

  function showArrows() {
    const { sample, event } = state, key = model("arrows").value;
    const record = sample.events[event], columns = { x0: [], y0: [], x1: [], y1: [] };
    const on = key !== "" && record !== undefined && record[key] !== undefined;
    for (const [number, side] of sides.entries()) {
      for (const drawn of doc.get_model_by_name(`${side}_map`).renderers) {
        if (drawn.name === `${side}_arrows`) drawn.visible = on && model("arrow_sides").active.includes(number);
      }
    }
    if (on) {
      const vectors = decoded(record[key]), sizes = lengths(vectors, sample.dimension);
      const sorted = Float32Array.from(sizes.filter((size) => Number.isFinite(size))).sort();
      // The longest arrows are four particles long. Those that would be invisible are left out.
      const unit = (4 * 2 ** model("arrow_scale").value) / (sorted[sorted.length - 1] || 1);
      const least = Math.max(sorted[Math.max(0, sorted.length - 3000)], 0.25 / unit);
      const seen = new Set(model("left_discs").data.particle);
      for (const i of seen) {
        if (!(sizes[i] >= least)) continue;
        const [x, y] = place(sample, i);
        const dx = unit * vectors[i * sample.dimension], dy = unit * vectors[i * sample.dimension + 1];
        const x1 = x + dx, y1 = y + dy;
        columns.x0.push(x, x1, x1);
        columns.y0.push(y, y1, y1);
        columns.x1.push(x1, x1 - 0.28 * dx - 0.16 * dy, x1 - 0.28 * dx + 0.16 * dy);
        columns.y1.push(y1, y1 - 0.28 * dy + 0.16 * dx, y1 - 0.28 * dy - 0.16 * dx);
      }
    }
    model("arrows_source").data = columns;
  }

  function showCores() {
    const { sample } = state, columns = { x: [], y: [], number: [], size: [], width: [] };
    const seen = sample.dimension === 3 ? new Set(model("left_discs").data.particle) : null;
    sample.events.forEach((event, place_) => {
      if (seen !== null && !seen.has(event.core)) return;
      const here = place_ === state.event;
      if (!here && sample.events.length > 12) return;
      const [x, y] = place(sample, event.core);
      columns.x.push(x);
      columns.y.push(y);
      columns.number.push(String(event.event));
      columns.size.push(here ? 24 : 13);
      columns.width.push(here ? 2.6 : 1.2);
    });
    model("cores").data = columns;
  }

  /** In three dimensions, cut where the core of the event is. */
  function goToCore() {
    const { sample, event } = state;
    if (sample.dimension !== 3 || event < 0) return;
    model("depth").value = decoded(sample.fractions)[3 * sample.events[event].core + 2];
    showDiscs(sample);
  }

  // --- one particle

  function describe(i, isCore) {
    const box = document.getElementById("particle");
    if (box === null) return;
    const { sample } = state;
    if (i < 0) { box.innerHTML = "Click a particle to read its values."; return; }
    const entries = sample.fields.map((field) => {
      const { values, ranks: order } = quantity(sample, `field:${field.key}`);
      const value = Number.isFinite(values[i]) ? values[i].toPrecision(4).replaceAll("-", "−") : "–";
      const rank = Number.isFinite(order[i]) ? order[i].toFixed(4) : "–";
      const html = `<div><dt>${field.title} <span class="symbol">${field.symbol}</span></dt>`
        + `<dd>${value} <small>${field.unit}</small></dd><dd class="rank">rank ${rank}</dd></div>`;
      return { order: Number.isFinite(order[i]) ? order[i] : -1, html };
    }).sort((a, b) => b.order - a.order);
    box.innerHTML = `<p><b>Particle ${decoded(sample.ids)[i]}</b>${isCore ? ", the core of the chosen event" : ""}: `
      + `diameter ${decoded(sample.diameters)[i].toPrecision(4)}. The softest first:</p>`
      + `<dl class="values">${entries.map((entry) => entry.html).join("")}</dl>`;
  }

  function clearMark() {
    state.particle = -1;
    model("marked").data = { x: [], y: [], radius: [] };
  }

  function particleChosen(side) {
    const discs = model(`${side}_discs`), [first] = discs.selected.indices;
    if (first === undefined) return;
    // What is selected would be drawn once more.
    discs.selected.indices = [];
    state.particle = discs.data.particle[first];
    const columns = { x: [], y: [], radius: [] };
    discs.data.particle.forEach((i, k) => {
      if (i === state.particle) for (const name of ["x", "y", "radius"]) columns[name].push(discs.data[name][k]);
    });
    model("marked").data = columns;
    describe(state.particle, state.sample.events[state.event]?.core === state.particle);
  }

  // --- answers

  const answer = (action) => () => { if (!state.busy) action(); };
  listen("group", "value", answer(() => chooseGroup(model("group").value)));
  listen("sample", "value", answer(() =>
    chooseSample(samplesOf(state.sample.group).find((sample) => sample.name === model("sample").value))));
  listen("event", "value", answer(() => chooseEvent(Number(model("event").value) - 1)));
  listen("ranks_order", "value", answer(() => showRanks(state.sample)));
  if (events !== null) {
    events.selected.connect(events.selected.properties.indices.change, answer(() => {
      const [first] = events.selected.indices;
      // A click beside all events chooses none, and leaves the one that was chosen.
      chooseEvent(first === undefined ? state.event : first);
    }));
  }
  if (maps) {
    for (const side of sides) listen(side, "value", answer(() => showValues([side])));
    listen("scale", "active", answer(() => showValues()));
    for (const [name, property] of [["arrows", "value"], ["arrow_sides", "active"], ["arrow_scale", "value"]]) {
      listen(name, property, answer(showArrows));
    }
    listen("depth", "value", answer(() => {
      showDiscs(state.sample);
      showValues();
      showArrows();
      showCores();
    }));
    listen("left_map", "inner_width", resized);
    listen("left_map", "inner_height", resized);
    for (const side of sides) {
      const { selected } = model(`${side}_discs`);
      selected.connect(selected.properties.indices.change, () => particleChosen(side));
    }
    if (indicators !== null) {
      indicators.selected.connect(indicators.selected.properties.indices.change, () => {
        const [first] = indicators.selected.indices;
        if (first !== undefined) model("left").value = `field:${indicators.data.key[first]}`;
      });
    }
    // Where fingers scroll the page, they must not get caught in a map.
    if (window.matchMedia("(pointer: coarse)").matches) {
      for (const name of ["left_map", "right_map", "curve_figure"]) {
        const plot = model(name);
        if (plot !== null) plot.toolbar.setv({ active_drag: null, active_scroll: null });
      }
    }
  }

  quietly(() => {
    const groups = [...new Set(data.samples.map((sample) => sample.group))];
    if (model("group") !== null) model("group").setv({ options: groups, value: groups[0] });
  });
  if (model("sample") !== null) chooseGroup(data.samples[0].group);
  else chooseSample(data.samples[0]);
}

/** Scores of a study: a protocol is chosen, and its indicators are sorted by C. */
function showScores(doc) {
  const model = (name) => doc.get_model_by_name(name);
  const choice = model("score_protocol");
  const show = () => {
    const rows = data.scores[choice.value].filter((row) => row.C !== null);
    const columns = { row: rows.map((_, place) => place) };
    for (const name of ["name", "C", "low", "high", "samples", "color"]) columns[name] = rows.map((row) => row[name]);
    model("score_chart_rows").data = columns;
    model("score_chart_range").setv({ start: rows.length - 0.5, end: -0.5 });
    model("score_chart_axis").major_label_overrides =
      new Map(rows.map((row, place) => [place, data.labels?.[row.key] ?? row.name]));
    model("score_chart_axis").ticker.ticks = columns.row;
  };
  choice.connect(choice.properties.value.change, show);
  show();
}

function begin(doc) {
  if (data.scores !== undefined && doc.get_model_by_name("score_protocol") !== null) showScores(doc);
  if (data.samples !== undefined) explore(doc);
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
}

const wait = () => {
  const doc = window.Bokeh?.documents?.[0];
  if (doc !== undefined) begin(doc);
  else window.setTimeout(wait, 5);
};
wait();
